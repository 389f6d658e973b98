import Glibc

/// A child process with a pipe to its standard input and one from its standard output.
///
/// Its standard error goes into a file without a name: nobody has to empty it while it runs, and it
/// is there to be quoted when something goes wrong. Ends when its input is closed, with this object.
final class EnvironmentProcess {
    /// The child's process number.
    let pid: pid_t
    /// Where to write to it.
    let input: Int32
    /// Where to read from it.
    let output: Int32
    private let errors: Int32
    private var status: Int32?

    /// Starts a program, found in PATH.
    init(_ command: [String]) throws(EnvironmentError) {
        let program = command[0]
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard unsafe pipe(&toChild) == 0, unsafe pipe(&fromChild) == 0 else {
            throw .notStarted(program: program, reason: "no pipe, errno \(errno)")
        }
        errors = Self.namelessFile()
        // No other child may hold an end open: the end of input must reach this one.
        for end in toChild + fromChild + [errors] { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let (child, problem) = Self.spawn(command, [toChild[0], fromChild[1], errors])
        close(toChild[0])
        close(fromChild[1])
        (pid, input, output) = (child, toChild[1], fromChild[0])
        if problem != 0 {
            status = 0
            let reason = unsafe String(cString: strerror(problem))
            throw .notStarted(program: program, reason: reason)
        }
    }

    deinit {
        close(input)
        close(output)
        _ = end()
        if errors >= 0 { close(errors) }
    }

    /// Waits for the child's end and says how it ended.
    ///
    /// A child that has closed its output has ended or is about to.
    func end() -> String {
        var found = status ?? 0
        if status == nil {
            while unsafe waitpid(pid, &found, 0) < 0, errno == EINTR {}
            status = found
        }
        let signal = found & 0x7F
        return signal == 0
            ? "ended with exit code \(found >> 8 & 0xFF)" : "was ended by signal \(signal)"
    }

    /// The last of what the child wrote to standard error.
    func lastErrors() -> String {
        guard errors >= 0 else { return "" }
        let size = Int(lseek(errors, 0, SEEK_END))
        var bytes = [UInt8](repeating: 0, count: min(max(size, 0), 4000))
        let count = unsafe pread(errors, &bytes, bytes.count, off_t(max(0, size) - bytes.count))
        let text = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
        return String(text.reversed().drop(while: \.isWhitespace).reversed())
    }

    private static func namelessFile() -> Int32 {
        var path = Array("/tmp/sacbot-gym-XXXXXX".utf8CString)
        let file = unsafe mkstemp(&path)
        if file >= 0 { _ = unsafe unlink(path) }
        return file
    }

    /// Starts a program with these as its first descriptors; an errno value if that fails.
    private static func spawn(_ command: [String], _ ends: [Int32]) -> (pid_t, Int32) {
        var actions = unsafe posix_spawn_file_actions_t()
        unsafe posix_spawn_file_actions_init(&actions)
        defer { unsafe posix_spawn_file_actions_destroy(&actions) }
        for (place, end) in ends.enumerated() where end >= 0 {
            unsafe posix_spawn_file_actions_adddup2(&actions, end, Int32(place))
        }
        var arguments = unsafe command.map { unsafe strdup($0) } + [nil]
        defer { unsafe arguments.forEach { unsafe free($0) } }
        var child = pid_t()
        let problem = unsafe posix_spawnp(&child, command[0], &actions, nil, &arguments, environ)
        return (child, problem)
    }
}
