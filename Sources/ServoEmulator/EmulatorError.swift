import Glibc
import ServoProtocol

/// Why servos could not be emulated.
public enum EmulatorError: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no control table for a servo model.
    case unknownModel(String)
    /// A servo model cannot run at a bus's rate.
    case unknownBaudRate(model: String, rate: Int)
    /// No pseudo-terminal could be had; the system's error number.
    case noTerminal(errno: Int32)
    /// The stable name could not be made; the system's error number.
    case noLink(path: String, errno: Int32)

    /// What went wrong, with which value, and what to do.
    public var description: String {
        switch self {
        case .unknownModel(let model):
            "no control table for servo model \(model); known are "
                + (ControlTable.all + ControlTable.protocol1).map(\.model)
                .joined(separator: ", ")
        case .unknownBaudRate(let model, let rate):
            "\(model) cannot run at \(rate) bit/s; set the bus's baud rate to one it has"
        case .noTerminal(let errno):
            "no pseudo-terminal (\(text(errno))); check that /dev/pts is mounted"
        case .noLink(let path, let errno):
            "cannot make the link \(path) (\(text(errno))); choose a folder you may write to"
        }
    }

    private func text(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
