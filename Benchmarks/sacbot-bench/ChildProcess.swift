import Glibc

/// A program run to its end as a child of this one.
enum ChildProcess {
    /// Runs a program and returns what it wrote to standard output.
    ///
    /// - Throws: `BenchFailure` when it cannot be started or does not end well.
    static func output(of command: [String]) throws -> String {
        var ends: [Int32] = [0, 0]
        guard unsafe pipe(&ends) == 0 else { throw BenchFailure("no pipe: errno \(errno)") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let child = spawn(command, standardOutput: ends[1])
        close(ends[1])
        defer { close(ends[0]) }
        guard let child else { throw BenchFailure("\(command[0]) cannot be started") }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = unsafe read(ends[0], &piece, piece.count)
            guard count > 0 else { break }
            bytes += piece[..<count]
        }
        guard wait(for: child) else { throw BenchFailure("\(command) failed") }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Runs a program that shares our standard output; whether it ended well.
    static func run(_ command: [String]) -> Bool {
        guard let child = spawn(command, standardOutput: STDOUT_FILENO) else { return false }
        return wait(for: child)
    }

    /// Starts a program that shares our standard output and goes on beside us.
    ///
    /// - Throws: `BenchFailure` when it cannot be started.
    static func start(_ command: [String]) throws -> pid_t {
        guard let child = spawn(command, standardOutput: STDOUT_FILENO) else {
            throw BenchFailure("\(command[0]) cannot be started")
        }
        return child
    }

    /// Waits for the end of a program, however it ends.
    static func reap(_ child: pid_t) { _ = wait(for: child) }

    private static func spawn(_ command: [String], standardOutput: Int32) -> pid_t? {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        unsafe posix_spawn_file_actions_adddup2(&actions, standardOutput, STDOUT_FILENO)
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child = pid_t()
        let status = unsafe posix_spawnp(
            &child,
            command[0],
            &actions,
            nil,
            &arguments,
            environ
        )
        return status == 0 ? child : nil
    }

    /// Whether the child ended with exit code 0.
    private static func wait(for child: pid_t) -> Bool {
        var status: Int32 = 0
        while unsafe waitpid(child, &status, 0) < 0 {
            guard errno == EINTR else { return false }
        }
        return status == 0
    }
}
