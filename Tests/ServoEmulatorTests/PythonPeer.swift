import Glibc

/// Runs the scripts in Tests/peers with Python, as a child process.
enum PythonPeer {
    /// The package's folder, symbolic links resolved.
    static let packageRoot: String = {
        guard let resolved = realpath(#filePath, nil) else { return "." }
        defer { free(resolved) }
        let parts = String(cString: resolved).split(separator: "/").dropLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    /// SACBOT_PYTHON, or the package's own virtual environment.
    static let interpreter: String = {
        if let value = getenv("SACBOT_PYTHON") { return String(cString: value) }
        return packageRoot + "/.venv/bin/python3"
    }()

    /// Whether the interpreter can import a module.
    static func canImport(_ module: String) -> Bool {
        run(["-c", "import \(module)"]).status == 0
    }

    /// Runs Python; returns its exit code (-1 if it did not run or died) and all it printed.
    static func run(_ arguments: [String]) -> (status: Int32, output: String) {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return (-1, "no pipe") }
        // The child must not hold the reading end, nor any other child of this process either end.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
        posix_spawn_file_actions_adddup2(&actions, ends[1], 2)
        var argv: [UnsafeMutablePointer<CChar>?] = ([interpreter] + arguments).map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        var child = pid_t()
        let status = posix_spawn(&child, interpreter, &actions, nil, argv, environ)
        close(ends[1])
        defer { close(ends[0]) }
        guard status == 0 else { return (-1, "cannot run \(interpreter): errno \(status)") }
        let output = readAll(ends[0])
        var ended: Int32 = 0
        guard waitpid(child, &ended, 0) == child, ended & 0x7F == 0 else { return (-1, output) }
        return ((ended >> 8) & 0xFF, output)
    }

    private static func readAll(_ descriptor: Int32) -> String {
        var all: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = read(descriptor, &chunk, chunk.count)
            guard count > 0 else { break }
            all += chunk[..<count]
        }
        return String(decoding: all, as: UTF8.self)
    }
}
