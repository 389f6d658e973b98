import Glibc

/// What a child process did that a test could not go on with; everything it printed is in the text.
struct ChildFailure: Error, CustomStringConvertible {
    let description: String
}

/// How a child process ended, and all it printed.
struct ChildEnd: CustomStringConvertible {
    /// The exit code; `nil` if a signal ended it.
    var code: Int32?
    /// The signal that ended it.
    var signal: Int32?
    /// Standard output.
    var output: String
    /// Standard error.
    var errors: String

    var description: String {
        "exit code \(code.map { "\($0)" } ?? "none"), signal \(signal.map { "\($0)" } ?? "none")\n"
            + "--- output\n\(output)--- errors\n\(errors)"
    }
}

/// A running child process whose lines can be waited for; whatever is left of it dies with this.
///
/// Used by one thread. Every wait has a deadline far above what a loaded machine needs, so that a
/// program that hangs fails its test instead of all of them.
final class ChildProcess {
    enum Stream: Int { case output, errors }

    /// Seconds that any one wait may last.
    static let patience = 45.0

    private let title: String
    let pid: pid_t
    private var ends: [Int32]
    private var texts = ["", ""]
    private var waited = [0, 0]
    private var ended: ChildEnd?
    /// What has to stay as long as the process runs.
    private let owner: AnyObject?

    /// Starts a program with this environment and working folder; standard input is `input`, or
    /// empty.
    init(
        _ arguments: [String],
        environment: [String: String],
        folder: String,
        input: Int32? = nil,
        owner: AnyObject? = nil
    ) throws {
        self.owner = owner
        title = arguments.joined(separator: " ")
        var pipes: [[Int32]] = []
        for _ in 0..<2 {
            var pair: [Int32] = [-1, -1]
            // No other child of this process may hold an end open, not even for a moment; pipe2 is
            // not imported.
            let kind = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
            guard socketpair(AF_UNIX, kind, 0, &pair) == 0 else {
                throw ChildFailure(description: "no pipe: errno \(errno)")
            }
            pipes.append(pair)
        }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input {
            posix_spawn_file_actions_adddup2(&actions, input, 0)
        } else {
            posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        }
        for (index, pair) in pipes.enumerated() {
            posix_spawn_file_actions_adddup2(&actions, pair[1], Int32(index + 1))
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // Whatever the test runner blocks must not be blocked in the child.
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))

        // posix_spawn_file_actions_addchdir_np is not imported; env gives way to the program.
        let command = ["env", "--chdir=" + folder] + arguments
        var argv: [UnsafeMutablePointer<CChar>?] = command.map { strdup($0) } + [nil]
        var envp: [UnsafeMutablePointer<CChar>?] =
            environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { (argv + envp).forEach { free($0) } }
        var child = pid_t()
        let status = posix_spawnp(&child, command[0], &actions, &attributes, &argv, &envp)
        pipes.forEach { close($0[1]) }
        ends = pipes.map { $0[0] }
        pid = child
        guard status == 0 else {
            ends.forEach { close($0) }
            throw ChildFailure(
                description: "cannot start \(title): \(String(cString: strerror(status)))"
            )
        }
    }

    deinit {
        guard ended == nil else { return }
        kill(pid, SIGKILL)
        waitpid(pid, nil, 0)
        ends.filter { $0 >= 0 }.forEach { close($0) }
    }

    /// Sends a signal.
    func signal(_ number: Int32) {
        guard ended == nil else { return }
        kill(pid, number)
    }

    /// Waits for the next line with `text`, counted from the one last waited for, and returns it.
    @discardableResult
    func line(with text: String, on stream: Stream = .errors) throws -> String {
        let deadline = Self.now() + Self.patience
        while true {
            if let line = nextLine(with: text, on: stream) { return line }
            guard ends[stream.rawValue] >= 0 else {
                throw ChildFailure(description: "\(title): no line with `\(text)`\n\(try end())")
            }
            guard try readMore(until: deadline) else {
                throw ChildFailure(
                    description: "\(title): waited in vain for `\(text)`\n\(texts)"
                )
            }
        }
    }

    /// Takes what was printed meanwhile; throws if the program has ended.
    func expectRunning() throws {
        while try readMore(until: 0) {}
        if ends.allSatisfy({ $0 < 0 }) {
            throw ChildFailure(description: "\(title) has ended\n\(try end())")
        }
    }

    /// Waits until the program has ended by itself.
    func end(within patience: Double = ChildProcess.patience) throws -> ChildEnd {
        if let ended { return ended }
        let deadline = Self.now() + patience
        while ends.contains(where: { $0 >= 0 }) {
            guard try readMore(until: deadline) else {
                throw ChildFailure(description: "\(title) does not end\n\(texts)")
            }
        }
        var status: Int32 = 0
        guard waitpid(pid, &status, 0) == pid else {
            throw ChildFailure(description: "\(title) cannot be waited for")
        }
        let signal = status & 0x7F
        let end = ChildEnd(
            code: signal == 0 ? (status >> 8) & 0xFF : nil,
            signal: signal == 0 ? nil : signal,
            output: texts[0],
            errors: texts[1]
        )
        ended = end
        return end
    }

    /// Sends a signal and waits for the end.
    func end(by number: Int32) throws -> ChildEnd {
        signal(number)
        return try end()
    }

    private func nextLine(with text: String, on stream: Stream) -> String? {
        let lines = texts[stream.rawValue].split(
            separator: "\n",
            omittingEmptySubsequences: false
        ).dropLast()
        for index in lines.indices.dropFirst(waited[stream.rawValue])
        where lines[index].contains(text) {
            waited[stream.rawValue] = index + 1
            return String(lines[index])
        }
        return nil
    }

    /// Takes what has come on either stream; false if nothing did before the deadline.
    private func readMore(until deadline: Double) throws -> Bool {
        guard ends.contains(where: { $0 >= 0 }) else { return false }
        var waiting = ends.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        let left = Int32(max(0, (deadline - Self.now()) * 1000))
        let ready = poll(&waiting, nfds_t(waiting.count), left)
        if ready < 0, errno == EINTR { return true }
        guard ready > 0 else { return false }
        var chunk = [UInt8](repeating: 0, count: 4096)
        for index in waiting.indices where waiting[index].revents != 0 {
            let count = read(ends[index], &chunk, chunk.count)
            if count > 0 {
                texts[index] += String(decoding: chunk[..<count], as: UTF8.self)
            } else {
                close(ends[index])
                ends[index] = -1
            }
        }
        return true
    }

    private static func now() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
