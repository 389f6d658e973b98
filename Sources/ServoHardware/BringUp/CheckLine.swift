public import Robot

/// One line of `sacbot check`.
public struct CheckLine: Sendable, Hashable, Codable {
    /// How it turned out.
    public enum Verdict: String, Sendable, Codable, Comparable {
        /// As it should be.
        case pass
        /// The robot runs, but a person should look at it.
        case warn
        /// The robot must not run like this.
        case fail

        /// Better than.
        public static func < (a: Verdict, b: Verdict) -> Bool { a.rank < b.rank }

        private var rank: Int {
            switch self {
            case .pass: 0
            case .warn: 1
            case .fail: 2
            }
        }
    }

    /// How it turned out.
    public var verdict: Verdict
    /// What was looked at, for example `hand: latency timer`.
    public var subject: String
    /// What was found.
    public var finding: String
    /// What to do about it; empty if nothing.
    public var remedy: String

    /// A line.
    public init(_ verdict: Verdict, _ subject: String, _ finding: String, remedy: String = "") {
        self.verdict = verdict
        self.subject = subject
        self.finding = finding
        self.remedy = remedy
    }
}

/// What one bus is checked against.
public struct BusExamination: Sendable {
    /// The robot.
    public var robot: RobotDescription
    /// Which of its buses.
    public var bus: Int
    /// The port, which may be another than the robot file's.
    public var port: String
    /// What the calibration file recorded; `nil` without one.
    public var record: CalibrationRecord?
    /// Where /sys is, for the adapter's latency timer.
    public var root: String

    /// An examination of one bus of a robot.
    public init(
        robot: RobotDescription,
        bus: Int,
        port: String,
        record: CalibrationRecord? = nil,
        root: String = ""
    ) {
        self.robot = robot
        self.bus = bus
        self.port = port
        self.record = record
        self.root = root
    }

    var description: ServoBusDescription { robot.buses[bus] }

    /// The bus's joints with their indices in the robot.
    var joints: [(index: Int, joint: Joint)] {
        robot.joints.enumerated().filter { $0.element.busIndex == bus }
            .map { (index: $0.offset, joint: $0.element) }
    }

    /// A subject, with the bus's name before it.
    func subject(_ text: String) -> String { "\(description.name): \(text)" }
}

/// Checks what is on one bus; one of these for each wire protocol.
public protocol BusExaminer: Sendable {
    /// Looks at everything on the bus and changes nothing that lasts.
    ///
    /// Trouble with devices is a line; only trouble with the port is thrown.
    func examine(_ examination: BusExamination) throws(HardwareError) -> [CheckLine]
}
