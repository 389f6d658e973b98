import Foundation
import Glibc
import Synchronization

/// The control socket of a running robot: one JSON line in, one JSON line out, then closed.
///
/// Described in docs/control-socket.md. It has its own thread and touches nothing but the desk.
/// Connections do not wait for each other: one that says nothing holds nobody else up, and is
/// closed after two seconds, or when it sends more than 4096 bytes.
public final class ControlSocket: Sendable {
    /// Where it listens.
    public let path: String
    private let listener: Int32
    private let isOpen = Atomic<Bool>(true)

    /// Where the service's sockets lie.
    public static let serviceFolder = "/run/sacbot"

    /// Where a robot's socket lies: /run/sacbot for the service, else the user's run-time folder.
    public static func path(robot: String) -> String {
        let environment = ProcessInfo.processInfo.environment
        if let folder = environment["RUNTIME_DIRECTORY"] { return "\(folder)/\(robot).sock" }
        if let folder = environment["XDG_RUNTIME_DIR"] { return "\(folder)/sacbot/\(robot).sock" }
        return "/tmp/sacbot-\(getuid())/\(robot).sock"
    }

    /// Where a robot's socket may be: this user's place, then the service's.
    public static func places(robot: String) -> [String] {
        let own = path(robot: robot)
        let service = "\(serviceFolder)/\(robot).sock"
        return own == service ? [own] : [own, service]
    }

    /// Listens at `path`; the folder is made with access for the user only.
    ///
    /// Throws `alreadyServed` and leaves the socket alone if somebody answers there; what a dead
    /// process left behind is replaced.
    /// - Parameter forGroup: whether the group of the folder may ask too, as for the service.
    public init(
        path: String,
        forGroup: Bool = false,
        desk: OperatorDesk
    ) throws(ControlSocketError) {
        self.path = path
        let folder = path.split(separator: "/").dropLast().joined(separator: "/")
        _ = unsafe mkdir("/" + folder, 0o700)
        if (try? ControlClient.ask(OperatorRequest(.status), path: path)) != nil {
            throw .alreadyServed(path: path)
        }
        unsafe unlink(path)
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { throw .cannotListen(path: path, errno: errno) }
        let bound = unsafe try UnixAddress.with(path) { address, size in
            unsafe bind(descriptor, address, size)
        }
        let mode: mode_t = forGroup ? 0o660 : 0o600
        guard bound == 0, unsafe chmod(path, mode) == 0, listen(descriptor, 16) == 0 else {
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
        // The thread that waits for connections wakes from this, and ends.
        shutdown(listener, Int32(SHUT_RDWR))
        unsafe unlink(path)
    }

    private func serve(_ desk: OperatorDesk) {
        var visitors = ControlVisitors()
        while isOpen.load(ordering: .acquiring) {
            visitors.wait(listener: listener) { line in self.answer(line, desk) }
        }
        visitors.closeAll()
        close(listener)
    }

    private func answer(_ line: Data, _ desk: OperatorDesk) -> [UInt8] {
        do {
            let request = try JSONDecoder().decode(OperatorRequest.self, from: line)
            return UnixAddress.line(desk.handle(request))
        } catch {
            let known = OperatorRequest.Command.allCases.map(\.rawValue).joined(separator: ", ")
            let message = "not a request; known commands: \(known)"
            return UnixAddress.line(OperatorReply(ok: false, message: message, state: desk.state))
        }
    }
}

/// The connections of a control socket that have not been answered yet; for one thread.
private struct ControlVisitors {
    private struct Visitor {
        var descriptor: Int32
        var heard = Data()
        var ticksLeft: Int
    }

    private var visitors: [Visitor] = []

    /// More than this at once, and the one that waits longest is sent away.
    private static let most = 32
    private static let longestRequest = 4096
    /// How long `wait` waits at most.
    private static let tickMilliseconds: Int32 = 250
    /// How many of those a connection may take.
    private static let patience = 8

    /// Waits for something to happen, a quarter of a second at most, and deals with it.
    mutating func wait(listener: Int32, answer: (Data) -> [UInt8]) {
        var waiting = [pollfd(fd: listener, events: Int16(POLLIN), revents: 0)]
        waiting += visitors.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
        let ready = unsafe poll(&waiting, nfds_t(waiting.count), Self.tickMilliseconds)
        if ready == 0 { return age() }
        guard ready > 0 else { return }
        for index in visitors.indices.reversed() where waiting[index + 1].revents != 0 {
            if hear(index, answer) { leave(index) }
        }
        if waiting[0].revents != 0 { welcome(listener) }
    }

    mutating func closeAll() {
        for index in visitors.indices.reversed() { leave(index) }
    }

    private mutating func welcome(_ listener: Int32) {
        let descriptor = accept(listener, nil, nil)
        guard descriptor >= 0 else { return }
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        if visitors.count >= Self.most { leave(0) }
        visitors.append(Visitor(descriptor: descriptor, ticksLeft: Self.patience))
    }

    /// Takes what came from a connection; true if it is over.
    private mutating func hear(_ index: Int, _ answer: (Data) -> [UInt8]) -> Bool {
        var chunk = [UInt8](repeating: 0, count: 1024)
        let count = unsafe read(visitors[index].descriptor, &chunk, chunk.count)
        if count < 0 { return errno != EAGAIN && errno != EINTR }
        visitors[index].heard.append(contentsOf: chunk[0..<count])
        let heard = visitors[index].heard
        guard count == 0 || heard.contains(UInt8(ascii: "\n")) else {
            return heard.count > Self.longestRequest
        }
        if !heard.isEmpty { reply(answer(heard), to: visitors[index].descriptor) }
        return true
    }

    /// A Unix socket takes some 200 kB at once, far more than a reply has; whoever does not read
    /// what is more has asked for nothing.
    private func reply(_ bytes: [UInt8], to descriptor: Int32) {
        _ = unsafe bytes.withUnsafeBytes {
            unsafe Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
    }

    /// Closes connections that have waited too long; a busy socket is patient a little longer.
    private mutating func age() {
        for index in visitors.indices.reversed() {
            visitors[index].ticksLeft -= 1
            if visitors[index].ticksLeft <= 0 { leave(index) }
        }
    }

    private mutating func leave(_ index: Int) {
        close(visitors[index].descriptor)
        visitors.remove(at: index)
    }
}
