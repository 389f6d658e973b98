public import Robot

/// How a restart went.
public enum RebootOutcome: Sendable, Hashable {
    /// Nobody has that ID.
    case silent
    /// It did not confirm the order.
    case refused
    /// It confirmed and was not heard of again within three seconds.
    case doesNotComeBack
    /// It is back.
    case restarted(before: FoundDevice, after: FoundDevice)
    /// It cannot restart; its motor is off and its errors are cleared.
    case cleared(before: FoundDevice, after: FoundDevice)
    /// Its protocol has nothing of the kind; what to do instead.
    case impossible(String)

    /// Whether it is there without an error.
    public var isWell: Bool {
        switch self {
        case .restarted(_, let after), .cleared(_, let after): after.errorWords.isEmpty
        case .silent, .refused, .doesNotComeBack, .impossible: false
        }
    }
}

/// One open bus of one wire protocol, for commands that take care of single devices.
///
/// Every order goes to one device by its own ID.
public protocol DeviceBench: AnyObject {
    /// Who has an ID, `nil` if nobody answers.
    func device(id: UInt8) throws(HardwareError) -> FoundDevice?
    /// Switches torque off and reads it back; whether it is off now.
    func release(id: UInt8) throws(HardwareError) -> Bool
    /// Restarts a device, which switches its torque off, and waits until it answers again.
    func reboot(id: UInt8) throws(HardwareError) -> RebootOutcome
    /// What a calibration of a device depends on, `nil` if it does not answer.
    func record(id: UInt8) throws(HardwareError) -> ServoRecord?
    /// Writes the limits that arming would give a joint's servo; whether it holds them now.
    ///
    /// Torque must be off: the registers are locked otherwise.
    func setLimits(
        of joint: Joint,
        calibration: JointCalibration
    ) throws(HardwareError) -> Bool
    /// Gives the port back.
    func close()
}

/// Opens a bus for bring-up.
public enum BenchOpening {
    /// A bench for one bus of a robot, whatever is spoken on it.
    ///
    /// - Throws: what is wrong with the port, or with the robot file's joints on the bus.
    public static func bench(
        robot: RobotDescription,
        bus: Int,
        port: String
    ) throws(HardwareError) -> any DeviceBench {
        if let bench = try DriverBench(robot: robot, bus: bus, port: port) { return bench }
        return try DynamixelBench(port: port, rate: robot.buses[bus].baudRate)
    }
}
