import Glibc

/// Why real servos cannot be reached.
///
/// The description is made for a person and says what to do.
public enum HardwareError: Error, Sendable, Hashable, CustomStringConvertible {
    /// No such device; `present` are the USB serial ports there are.
    case portAbsent(path: String, present: [String])
    /// The device belongs to others.
    case portForbidden(path: String)
    /// Another program has the device open.
    case portBusy(path: String)
    /// The device went away while it was in use.
    case portGone(path: String)
    /// The path is something else than a serial port.
    case notSerial(path: String)
    /// The adapter cannot do that many bits per second.
    case rateRefused(path: String, rate: Int)
    /// The operating system said something else.
    case portFailed(path: String, errno: Int32)
    /// The inertial measurement unit cannot be used; the words say why and what to do.
    case imu(String)
    /// The socket for places cannot be used; the words say why and what to do.
    case speedSensor(String)
    /// The bus works but not every servo is as the robot file says; all of them at once.
    case servos([ServoProblem])

    /// What a failed open means.
    static func opening(_ path: String, errno code: Int32, present: [String]) -> HardwareError {
        switch code {
        case ENOENT, ENODEV, ENXIO, ENOTDIR: .portAbsent(path: path, present: present)
        case EACCES, EPERM: .portForbidden(path: path)
        case EBUSY, EWOULDBLOCK: .portBusy(path: path)
        case ENOTTY, EISDIR, EINVAL: .notSerial(path: path)
        default: .portFailed(path: path, errno: code)
        }
    }

    /// What a failed read or write means.
    static func using(_ path: String, errno code: Int32) -> HardwareError {
        switch code {
        case EIO, ENODEV, ENXIO, EBADF: .portGone(path: path)
        default: .portFailed(path: path, errno: code)
        }
    }

    /// What happened and what to do about it.
    public var description: String {
        switch self {
        case .portAbsent(let path, let present):
            "there is no \(path); plug the adapter in, or correct `port:` in the robot file"
                + (present.isEmpty
                    ? " (no USB serial port is present)"
                    : " (present: \(present.joined(separator: ", ")))")
        case .portForbidden(let path):
            "no permission to open \(path); join the group dialout with "
                + "`sudo usermod -aG dialout $USER` and log in again"
        case .portBusy(let path):
            "\(path) is in use by another program; stop that one first "
                + "(`fuser -v \(path)` names it)"
        case .portGone(let path):
            "\(path) went away; check the adapter's cable and plug, then start again"
        case .notSerial(let path):
            "\(path) is not a serial port; correct `port:` in the robot file"
        case .rateRefused(let path, let rate):
            "\(path) cannot do \(rate) bit/s; choose a `baud:` the adapter knows"
        case .portFailed(let path, let code):
            "\(path) failed: \(unsafe String(cString: strerror(code))) (errno \(code)); "
                + "unplug the adapter, plug it in again and look at `dmesg`"
        case .imu(let words), .speedSensor(let words): words
        case .servos(let problems):
            problems.map(\.description).joined(separator: "\n")
        }
    }
}
