public import Robot

/// Why a servo cannot be set up now; nothing was written unless the case says so.
public enum SetupProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// Nobody answers at any rate.
    case nobody
    /// Only servos answer that are set up already, for these joints.
    case onlyFinished(joints: [String])
    /// More than one servo answers that is not set up.
    case several([FoundDevice])
    /// Answers are damaged: two servos share an ID.
    case collision(id: Int, baudRate: Int)
    /// The servo is of another model than the robot file wants.
    case wrongModel(joint: String, wanted: String, found: FoundDevice)
    /// The model cannot do the bus's rate.
    case noSuchRate(model: String, rate: Int)
    /// A register was written and does not hold the value; what was written before stays.
    case notKept(register: String, value: Int, found: Int?)
    /// The port failed.
    case port(HardwareError)

    /// What is wrong and what to do about it.
    public var description: String {
        switch self {
        case .nobody:
            "no servo answers at any rate; check its power and its cable, and that no other "
                + "program uses the port"
        case .onlyFinished(let joints):
            "only servos answer that are set up already (\(joints.joined(separator: ", "))); "
                + "connect the new one as well, or instead"
        case .several(let devices):
            "\(devices.count) servos answer that are not set up: "
                + devices.map(Self.shown).joined(separator: ", ")
                + "; connect only one of them"
        case .collision(let id, let rate):
            "answers of ID \(id) at \(rate) bit/s are damaged, as when two servos share an ID; "
                + "connect only one servo that is not set up"
        case .wrongModel(let joint, let wanted, let found):
            "joint `\(joint)` has a \(wanted) in the robot file, connected is "
                + "\(Self.shown(found)); connect the right servo or correct `servo:`"
        case .noSuchRate(let model, let rate):
            "a \(model) cannot be set to \(rate) bit/s; correct `baud:` in the robot file"
        case .notKept(let register, let value, let found):
            "the servo was sent \(register) = \(value) and "
                + (found.map { "reads \($0)" } ?? "does not answer any more")
                + "; power it off and on, then run `sacbot setup` again: it goes on from there"
        case .port(let error): error.description
        }
    }

    private static func shown(_ device: FoundDevice) -> String {
        "\(device.model) with ID \(device.id) at \(device.baudRate) bit/s"
    }
}

/// Decides which servo on a bus is the new one, from what answers.
public struct SetupPlan: Sendable {
    /// What is to be done for a joint.
    public enum Decision: Sendable, Hashable {
        /// Its servo is there and right.
        case done(FoundDevice)
        /// This servo becomes the joint's.
        case change(FoundDevice)
    }

    /// The robot.
    public var robot: RobotDescription
    /// The bus on which servos are set up.
    public var bus: Int

    /// A plan for one bus of a robot.
    public init(robot: RobotDescription, bus: Int) {
        self.robot = robot
        self.bus = bus
    }

    /// The joints on the bus, by index in the robot.
    public var joints: [Int] { robot.joints.indices.filter { robot.joints[$0].busIndex == bus } }

    /// Whether a servo is all that a joint needs: model, ID, rate and return delay.
    public func isRight(_ device: FoundDevice, for joint: Int) -> Bool {
        let wanted = robot.joints[joint]
        return device.id == Int(wanted.servoID) && device.baudRate == robot.buses[bus].baudRate
            && device.modelNumber == Int(wanted.servo.modelNumber) && device.returnDelay == 0
            && !device.isCollision
    }

    /// The joint a servo is right for, `nil` if it is not set up.
    public func joint(of device: FoundDevice) -> Int? {
        joints.first { isRight(device, for: $0) }
    }

    /// Which servo is to become the joint's.
    ///
    /// Refuses unless exactly one servo answers that is not set up, and it is of the right model.
    public func decide(
        _ joint: Int,
        among found: [FoundDevice]
    ) throws(SetupProblem) -> Decision {
        if let device = found.first(where: \.isCollision) {
            throw .collision(id: device.id, baudRate: device.baudRate)
        }
        if let device = found.first(where: { isRight($0, for: joint) }) { return .done(device) }
        let strangers = found.filter { self.joint(of: $0) == nil }
        guard let device = strangers.first else {
            let finished = found.compactMap { self.joint(of: $0) }.map { robot.joints[$0].name }
            throw finished.isEmpty ? .nobody : .onlyFinished(joints: finished)
        }
        guard strangers.count == 1 else { throw .several(strangers) }
        let wanted = robot.joints[joint]
        guard device.modelNumber == Int(wanted.servo.modelNumber) else {
            throw .wrongModel(joint: wanted.name, wanted: wanted.servo.name, found: device)
        }
        return .change(device)
    }
}

/// Sets up devices of one wire protocol; one of these for each that `sacbot setup` knows.
public protocol DeviceConfigurator: Sendable {
    /// Gives one device its ID and rate, and the settings every device of the protocol needs.
    ///
    /// Every write goes to that device by its own ID. What is right already is not written again. An
    /// interrupted change goes on when it is asked for once more.
    ///
    /// - Returns: the device as it answers now.
    func configure(
        _ device: FoundDevice,
        id: UInt8,
        rate: Int
    ) throws(SetupProblem) -> FoundDevice
}
