import Foundation
import Testing

/// All tests that run the built program; one after the other, because they share two cores with
/// each other and with every other suite.
@Suite("The whole program", .serialized, .timeLimit(.minutes(2)))
enum WholeProgram {}

/// Tests of what a person does with new servos: scan, setup, check, calibrate.
///
/// They wait for a person and for silent ports, and nothing in them is a tick: so they run beside
/// the others, which saves a third of the whole time.
@Suite("Servos on a bench", .serialized, .timeLimit(.minutes(2)))
enum OnABench {}

/// A folder of its own in which the program runs: robots, runs and control sockets.
final class Bench {
    /// The working folder of everything that is started here.
    let folder: String

    /// The program, beside the test bundle.
    static let program: String = {
        let own = (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
        return URL(fileURLWithPath: own ?? CommandLine.arguments[0])
            .deletingLastPathComponent().appendingPathComponent("sacbot").path
    }()

    /// The package's folder.
    static let package = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().path

    /// Makes the folder with these robots in it.
    init(_ robots: BenchRobot...) throws {
        // A control socket's path has to be short, so not the user's own folder.
        var template = Array("/tmp/sacbot-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        folder = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        for name in ["robots", "calibration", "socket"] {
            try FileManager.default.createDirectory(
                atPath: path(name),
                withIntermediateDirectories: false
            )
        }
        for robot in robots.isEmpty ? [BenchRobot()] : robots { try add(robot) }
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }

    func write(_ text: String, to name: String) throws {
        try text.write(toFile: path(name), atomically: false, encoding: .utf8)
    }

    /// Writes a robot's three files; its robot file is called as `file` says, else as the robot.
    func add(_ robot: BenchRobot, file: String? = nil) throws {
        try write(robot.yaml, to: "robots/\(file ?? robot.name).yaml")
        try write(robot.model, to: "robots/\(robot.name).xml")
        try write(robot.calibration, to: "calibration/\(robot.name).yaml")
    }

    /// Starts the program.
    func start(_ arguments: String..., input: Int32? = nil) throws -> ChildProcess {
        try start(arguments: arguments, input: input)
    }

    /// Runs the program to its end.
    func run(_ arguments: String..., before: [String] = []) throws -> ChildEnd {
        try start(arguments: arguments, before: before).end()
    }

    /// Starts the program with these arguments, behind `before` if that is given.
    func start(
        arguments: [String],
        before: [String] = [],
        input: Int32? = nil
    ) throws -> ChildProcess {
        try ChildProcess(
            before + [Self.program] + arguments,
            environment: environment,
            folder: folder,
            input: input,
            owner: self
        )
    }

    /// Starts another program in the folder.
    func start(program: [String], input: Int32? = nil) throws -> ChildProcess {
        try ChildProcess(
            program,
            environment: environment,
            folder: folder,
            input: input,
            owner: self
        )
    }

    /// Replaces a piece of a file's text, which has to be there.
    func edit(_ name: String, _ usual: String, _ here: String) throws {
        let text = String(decoding: try bytes(name), as: UTF8.self)
        try #require(text.contains(usual), "\(name): no `\(usual)`")
        try write(text.replacingOccurrences(of: usual, with: here), to: name)
    }

    /// Puts a robot's servos on a pty.
    ///
    /// - Returns: the process, and the pty's path.
    func emulate(
        _ robot: String = "bench",
        _ options: String...
    ) throws -> (process: ChildProcess, port: String) {
        let process = try start(
            arguments: ["emulate", "--robot", robot] + options,
            before: Privileges.ofOwnProcessor
        )
        let line = try process.line(with: "/dev/", on: .output)
        return (process, try #require(line.split(separator: " ").last.map(String.init)))
    }

    private var environment: [String: String] {
        ["XDG_RUNTIME_DIR": path("socket"), "PATH": "/usr/sbin:/usr/bin:/sbin:/bin"]
    }
}

// MARK: Runs

extension Bench {
    /// One line of `sacbot runs`.
    struct Run {
        var path: String
        var episodes: Int
        var steps: Int
    }

    /// What `sacbot runs` lists, the newest first.
    func listRuns(_ arguments: String...) throws -> [Run] {
        let end = try start(arguments: ["runs"] + arguments).end()
        #expect(end.code == 0, "\(end)")
        return end.output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ").map(String.init)
            guard let episodes = words.firstIndex(of: "episodes"),
                let steps = words.firstIndex(of: "steps")
            else { return nil }
            return Run(
                path: words[0],
                episodes: Int(words[episodes - 1]) ?? -1,
                steps: Int(words[steps - 1]) ?? -1
            )
        }
    }

    /// The one run there is.
    func onlyRun() throws -> Run {
        let runs = try listRuns()
        try #require(runs.count == 1, "\(runs)")
        return runs[0]
    }

    /// Trains in simulation up to so many steps of the run.
    @discardableResult
    func train(steps: Int, _ more: String...) throws -> ChildEnd {
        let end = try start(
            arguments: ["train", "--robot", "bench", "--steps", "\(steps)"] + more
        ).end()
        #expect(end.code == 0, "\(end)")
        return end
    }

    /// A run's checkpoints, the newest first.
    func checkpoints(of run: Run) throws -> [String] {
        let names = try FileManager.default.contentsOfDirectory(
            atPath: path(run.path + "/checkpoints")
        )
        return names.sorted(by: >).map { path(run.path + "/checkpoints/" + $0) }
    }

    /// A file's bytes.
    func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: path(name))))
    }

    /// Turns over the bits of one byte in the middle of a file.
    static func damage(_ path: String) throws {
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        data[data.count / 2] ^= 0xFF
        try data.write(to: URL(fileURLWithPath: path))
    }
}

/// What the tests may do on this machine.
enum Privileges {
    static let isRoot = geteuid() == 0

    /// Runs what follows as nobody.
    static let asNobody = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]

    /// Whether nobody can run the program at all: a toolchain or a clone in root's own folder
    /// cannot be reached.
    static let nobodyCanRun: Bool = {
        guard isRoot else { return false }
        return succeeds(asNobody + [Bench.program, "--version"])
    }()

    /// Real servos have processors of their own; emulated ones get one where the machine lets us.
    static let ofOwnProcessor: [String] = {
        let prefix = ["chrt", "--fifo", "20"]
        return succeeds(prefix + ["true"]) ? prefix : []
    }()

    private static func succeeds(_ arguments: [String]) -> Bool {
        let child = try? ChildProcess(
            arguments,
            environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"],
            folder: "/"
        )
        return (try? child?.end().code) == 0
    }
}
