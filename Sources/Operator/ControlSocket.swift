import Foundation
import Glibc
import Synchronization

/// What can go wrong on the control socket.
public enum ControlSocketError: Error, Sendable, CustomStringConvertible {
    /// The socket's folder or file cannot be made; the errno value.
    case cannotListen(path: String, errno: Int32)
    /// Another process serves this robot's socket already.
    case alreadyServed(path: String)
    /// Nobody listens there.
    case nobodyListens(path: String)
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
        case .noAnswer(let path): "no usable answer at \(path) within 2 s"
        case .pathTooLong(let path): "the socket path \(path) is longer than 107 bytes"
        }
    }
}

/// The control socket of a running robot: one JSON line in, one JSON line out, then closed.
///
/// It has its own thread and touches nothing but the desk. A connection that sends nothing for two
/// seconds, or more than 4096 bytes, is closed.
public final class ControlSocket: Sendable {
    /// Where it listens.
    public let path: String
    private let listener: Int32
    private let isOpen = Atomic<Bool>(true)

    /// Where a robot's socket lies: /run/sacbot for the service, else the user's run-time folder.
    public static func path(robot: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["RUNTIME_DIRECTORY"] { return "\(folder)/\(robot).sock" }
        if let folder = environment["XDG_RUNTIME_DIR"] { return "\(folder)/sacbot/\(robot).sock" }
        return "/tmp/sacbot-\(getuid())/\(robot).sock"
    }

    /// Listens at `path`; the folder is made with access for the user only.
    ///
    /// Throws `alreadyServed` and leaves the socket alone if somebody answers there; what a dead
    /// process left behind is replaced.
    public init(path: String, desk: OperatorDesk) throws(ControlSocketError) {
        self.path = path
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        _ = unsafe mkdir("/" + folder, 0o700)
        if (try? ControlClient.ask(OperatorRequest(.status), path: path)) != nil {
            throw .alreadyServed(path: path)
        }
        unsafe unlink(path)
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .cannotListen(path: path, errno: errno) }
        let bound = unsafe try withAddress(path) { address, size in
            unsafe bind(descriptor, address, size)
        }
        guard bound == 0, unsafe chmod(path, 0o600) == 0, listen(descriptor, 8) == 0 else {
            let code = errno
            close(descriptor)
            throw .cannotListen(path: path, errno: code)
        }
        listener = descriptor
        let thread = Thread { [weak self] in self?.serve(desk) }
        thread.name = "sacbot-socket"
        thread.start()
    }

    /// Stops listening and removes the socket file.
    public func stop() {
        guard isOpen.exchange(false, ordering: .acquiringAndReleasing) else { return }
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unsafe unlink(path)
    }

    private func serve(_ desk: OperatorDesk) {
        while isOpen.load(ordering: .acquiring) {
            let connection = accept(listener, nil, nil)
            guard connection >= 0 else {
                if errno == EINTR || errno == ECONNABORTED { continue }
                return
            }
            setTimeLimit(connection)
            if let line = readLine(connection) { send(answer(line, desk), to: connection) }
            close(connection)
        }
    }

    private func answer(_ line: Data, _ desk: OperatorDesk) -> Data {
        let reply: OperatorReply
        do {
            reply = desk.handle(try JSONDecoder().decode(OperatorRequest.self, from: line))
        } catch {
            let known = OperatorRequest.Command.allCases.map(\.rawValue).joined(separator: ", ")
            reply = OperatorReply(
                ok: false,
                message: "not a request; known commands: \(known)",
                state: desk.state
            )
        }
        return encoded(reply)
    }
}

/// Asks whoever runs a robot.
public enum ControlClient {
    /// Sends one request and waits at most two seconds for the reply.
    public static func ask(
        _ request: OperatorRequest,
        path: String
    ) throws(ControlSocketError) -> OperatorReply {
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw .nobodyListens(path: path) }
        defer { close(descriptor) }
        setTimeLimit(descriptor)
        let connected = unsafe try withAddress(path) { address, size in
            unsafe connect(descriptor, address, size)
        }
        guard connected == 0 else { throw .nobodyListens(path: path) }
        send(encoded(request), to: descriptor)
        guard let line = readLine(descriptor),
            let reply = try? JSONDecoder().decode(OperatorReply.self, from: line)
        else { throw .noAnswer(path: path) }
        return reply
    }
}

private func withAddress<Result>(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
) throws(ControlSocketError) -> Result {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard bytes.count < room else { throw .pathTooLong(path: path) }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    return unsafe withUnsafePointer(to: &address) {
        unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
        }
    }
}

private func setTimeLimit(_ descriptor: Int32) {
    var limit = timeval(tv_sec: 2, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    unsafe setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
}

private func readLine(_ descriptor: Int32) -> Data? {
    var line = Data()
    var chunk = [UInt8](repeating: 0, count: 512)
    while line.count < 4096 {
        let count = unsafe read(descriptor, &chunk, chunk.count)
        if count <= 0 { return line.isEmpty ? nil : line }
        line.append(contentsOf: chunk[0..<count])
        if line.last == UInt8(ascii: "\n") { return line }
    }
    return nil
}

private func send(_ data: Data, to descriptor: Int32) {
    let bytes = Array(data) + [UInt8(ascii: "\n")]
    var sent = 0
    while sent < bytes.count {
        let count = unsafe bytes[sent...].withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if count <= 0 { return }
        sent += count
    }
}

/// Our own types always encode; an empty line would be refused by the other side.
private func encoded(_ value: some Encodable) -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys]
    return (try? encoder.encode(value)) ?? Data()
}
