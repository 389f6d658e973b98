public import Robot

/// Why an inertial measurement unit cannot be used.
///
/// The description is made for a person and says what to do.
public enum IMUError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The port itself.
    case port(HardwareError)
    /// The unit does not answer a command.
    case unanswered(port: String, spoken: IMUProtocol, baudRate: Int)
    /// The unit refuses a command.
    case refused(port: String, what: String, why: String)
    /// The unit took a setting and then has another one.
    case notTaken(port: String, what: String)

    /// What happened and what to do about it.
    public var description: String {
        switch self {
        case .port(let error): error.description
        case .unanswered(let port, let spoken, let baudRate):
            "the \(spoken.rawValue) on \(port) does not answer at \(baudRate) bit/s; check "
                + "`protocol:`, `baud:` and the wire to its receive pin with `sacbot scan`, or "
                + "leave out `rate:` to take what it sends"
        case .refused(let port, let what, let why):
            "the IMU on \(port) refuses \(what): \(why); correct `imu:` in the robot file"
        case .notTaken(let port, let what):
            "the IMU on \(port) did not take \(what); it may be locked: switch it off and on, "
                + "then start again"
        }
    }
}
