import Glibc
import Testing

/// Runs a program; returns its exit code (-1 if it did not run or died) and all it printed.
private func run(_ arguments: [String]) -> (status: Int32, output: String) {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return (-1, "no pipe") }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for stream in [STDOUT_FILENO, STDERR_FILENO] {
        posix_spawn_file_actions_adddup2(&actions, ends[1], stream)
    }
    var argv = arguments.map { strdup($0) } + [nil]
    defer { argv.forEach { free($0) } }
    var child = pid_t()
    let status = posix_spawnp(&child, arguments[0], &actions, nil, &argv, environ)
    close(ends[1])
    defer { close(ends[0]) }
    guard status == 0 else { return (-1, "cannot run \(arguments[0]): errno \(status)") }
    var output: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while case let count = read(ends[0], &chunk, chunk.count), count > 0 {
        output += chunk[..<count]
    }
    var ended: Int32 = 0
    guard waitpid(child, &ended, 0) == child, ended & 0x7F == 0 else {
        return (-1, String(decoding: output, as: UTF8.self))
    }
    return ((ended >> 8) & 0xFF, String(decoding: output, as: UTF8.self))
}

@Suite("Kernels of both architectures")
struct NeonTests {
    /// The script lies in Tests/kernels-arm64; links in the path are followed.
    static let script: String = {
        guard let resolved = realpath(#filePath, nil) else { return "run.sh" }
        defer { free(resolved) }
        let parts = String(cString: resolved).split(separator: "/").dropLast(2)
        return "/" + parts.joined(separator: "/") + "/kernels-arm64/run.sh"
    }()

    @Test("Every kernel agrees with double precision, here and on emulated Arm, with NEON in use")
    func bothArchitectures() throws {
        let result = run([Self.script])
        try #require(result.status == 0, "\(result.output)")
        // Each machine's levels, and not one less: a level that is not run is not tested.
        for level in [0, 3] { #expect(result.output.contains("level \(level): ")) }
        #expect(result.output.contains("best level 3, "))
    }
}
