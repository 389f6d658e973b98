import Glibc

/// What can go wrong on the control socket.
public enum ControlSocketError: Error, Sendable, CustomStringConvertible {
    /// The socket's folder or file cannot be made; the errno value.
    case cannotListen(path: String, errno: Int32)
    /// Another process serves this robot's socket already.
    case alreadyServed(path: String)
    /// Nobody listens there.
    case nobodyListens(path: String)
    /// Somebody may listen there, but this user may not ask.
    case notAllowed(path: String)
    /// The other side did not answer within the time limit, or not in this protocol.
    case noAnswer(path: String)
    /// The path does not fit a Unix socket's address (107 bytes).
    case pathTooLong(path: String)

    /// For a person, with the remedy.
    public var description: String {
        switch self {
        case .cannotListen(let path, let errno):
            "cannot open the control socket \(path): \(unsafe String(cString: strerror(errno))); "
                + "set XDG_RUNTIME_DIR to a folder you may write"
        case .alreadyServed(let path):
            "another process serves \(path); `sacbot status` and `stop` go on to reach that one"
        case .nobodyListens(let path):
            "nothing runs this robot here (no answer at \(path)); start `sacbot train` first"
        case .notAllowed(let path):
            "you may not ask at \(path); become a member of its group: "
                + "`sudo adduser $USER sacbot`, then log in again"
        case .noAnswer(let path): "no usable answer at \(path) within 2 s"
        case .pathTooLong(let path): "the socket path \(path) is longer than 107 bytes"
        }
    }
}
