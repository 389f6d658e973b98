import Foundation
import Testing

extension WholeProgram {
    /// The live page of a training robot, in Debian's Chromium.
    @Suite("The dashboard in a browser", .enabled(if: DashboardPeer.isThere, "needs chromium"))
    struct DashboardTests {
        private func training(_ bench: Bench, _ more: String...) throws -> (ChildProcess, String) {
            let process = try bench.start(
                arguments: [
                    "train", "--robot", "bench", "--backend", "emulator", "--dashboard",
                    "127.0.0.1:0",
                ] + more
            )
            let line = try process.line(with: "dashboard http")
            return (process, try #require(line.split(separator: " ").last.map(String.init)))
        }

        @Test("two browsers see the charts move; an episode is replayed; keys reach the e-stop")
        func watch() throws {
            let bench = try Bench()
            let (process, url) = try training(bench)
            let shots = ProcessInfo.processInfo.environment["SACBOT_SCREENSHOTS"]
            let seen = try DashboardPeer.run(
                ["watch", url] + (shots.map { ["--shots", $0] } ?? [])
            )
            #expect(seen["joints"] == "1")
            #expect(seen["overflow"] == "0", "a phone's page does not scroll sideways")
            let end = try process.end(by: SIGTERM)
            #expect(end.code == 0, "\(end)")
        }

        @Test("a token is asked for, a wrong one refused; a viewer looks, an operator acts")
        func tokens() throws {
            let bench = try Bench()
            let (person, viewer) = ("operator-0123456789-abcdef", "viewer-9876543210-fedcba")
            try bench.write("operator \(person)\nviewer \(viewer)\n", to: "robots/tokens")
            try FileManager.default.setAttributes(
                [.posixPermissions: 0o600],
                ofItemAtPath: bench.path("robots/tokens")
            )
            let robot = BenchRobot().yaml + "dashboard: {token_file: tokens}\n"
            try bench.write(robot, to: "robots/bench.yaml")
            let (process, url) = try training(bench)
            try DashboardPeer.run(["token", url, "--token", person, "--other", viewer])
            let end = try process.end(by: SIGTERM)
            #expect(end.code == 0, "\(end)")
            #expect(!end.errors.contains(person) && !end.errors.contains(viewer), "\(end)")
        }

        @Test("an address for others is refused without a token and TLS, with what to do")
        func open() throws {
            let bench = try Bench()
            let end = try bench.run("train", "--robot", "bench", "--dashboard", "0.0.0.0:0")
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("token_file:"), "\(end)")
        }

        @Test(
            "a robot file that would let strangers in is refused at its line, whatever is started",
            arguments: [
                ("{listen: 0.0.0.0}", "token_file:"), ("{listen: robot.local}", "IP address"),
                ("{certificate: c.pem}", "key:"), ("{port: 70000}", "65535"),
                ("{tokens: t}", "token_file"),
            ]
        )
        func openFile(section: String, remedy: String) throws {
            let bench = try Bench()
            let file = BenchRobot().yaml + "dashboard: \(section)\n"
            try bench.write(file, to: "robots/bench.yaml")
            let end = try bench.run("train", "--robot", "robots/bench.yaml", "--steps", "20")
            let line = file.split(separator: "\n", omittingEmptySubsequences: false).count - 1
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("robots/bench.yaml:\(line):"), "\(end)")
            #expect(end.errors.contains(remedy), "\(end)")
        }

        @Test(
            "one tap ends as the robot file's `estop` says, on the wire, and no goal follows",
            .enabled(if: ServoPeer.isThere, "needs dynamixel-sdk: make peers"),
            arguments: ["release", "hold"]
        )
        func emergencyStop(response: String) throws {
            let bench = try Bench()
            let robot = BenchRobot().yaml
                .replacingOccurrences(of: "estop: release", with: "estop: \(response)")
            try bench.write(robot, to: "robots/bench.yaml")
            let (servos, port) = try bench.emulate()
            let tap = try DashboardPeer.tap(port)
            let process = try bench.startOnServos(
                ports: [try tap.line(with: "/dev/", on: .output)],
                ["--arm", "--dashboard", "127.0.0.1:0"]
            )
            let line = try process.line(with: "dashboard http")
            let url = try #require(line.split(separator: " ").last.map(String.init))
            let seen = try DashboardPeer.run(["estop", url])
            let touched = try #require(seen["touched"].flatMap { Int($0) })
            let end = try process.end()
            #expect(end.code == 1 && end.errors.contains("fault 60"), "\(end)")
            let packets = WirePacket.all(try tap.end(by: SIGTERM).output)
            let after = packets.filter { $0.time > touched }
            let writes = after.filter(\.isWrite)
            if response == "release" {
                let off = try #require(writes.firstIndex { $0.writes(64, [0]) }, "\(writes)")
                let goals = writes[off...].filter { $0.address == WirePacket.goalPosition }
                #expect(goals.isEmpty, "torque goes off, and no goal follows: \(goals)")
                // At most the goal of the tick in which the finger touched, and of the next.
                #expect(off <= 3, "\(writes)")
            } else {
                #expect(!writes.contains { $0.writes(64, [0]) }, "torque stays on: \(writes)")
            }
            #expect(
                packets.contains { $0.time < touched && $0.address == WirePacket.goalPosition },
                "it moved before"
            )
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("a question is answered in the page")
        func prompt() throws {
            var robot = BenchRobot()
            robot.hingeRange = "0.5 1.2"
            robot.reset = "joint_time: 500 ms, retries: 0"
            let bench = try Bench(robot)
            let (process, url) = try training(bench)
            try process.line(with: "? ")
            let seen = try DashboardPeer.run(["answer", url])
            #expect(seen["prompt"]?.contains("joint (ID 1)") == true, "\(seen)")
            // Nobody freed the joint, so it asks again.
            try process.line(with: "? ")
            #expect(try process.end(by: SIGTERM).code == 0)
        }
    }
}

/// Chromium, driven by Tests/peers/dashboard_browser.py; and a tap on a wire.
enum DashboardPeer {
    static let isThere: Bool = {
        guard FileManager.default.isExecutableFile(atPath: "/usr/bin/chromedriver") else {
            return false
        }
        let child = try? ChildProcess(
            [interpreter, "-c", "import selenium"],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/"
        )
        return (try? child?.end().code) == 0
    }()

    private static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? Bench.package + "/.venv/bin/python3"

    /// Plays a scenario; what it printed, by name.
    @discardableResult
    static func run(_ arguments: [String]) throws -> [String: String] {
        let home = NSTemporaryDirectory() + "sacbot-browser-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: home,
            withIntermediateDirectories: true
        )
        defer { try? FileManager.default.removeItem(atPath: home) }
        let end = try ChildProcess(
            [interpreter, Bench.package + "/Tests/peers/dashboard_browser.py"] + arguments,
            environment: ["PATH": "/usr/bin:/bin", "HOME": home],
            folder: "/tmp"
        ).end(within: 100)
        try #require(end.code == 0, "\(end)")
        let lines = end.output.split(separator: "\n").map {
            $0.split(separator: " ", maxSplits: 1).map(String.init)
        }
        return Dictionary(
            lines.compactMap { $0.count == 2 ? ($0[0], $0[1]) : nil },
            uniquingKeysWith: { $1 }
        )
    }

    /// A pseudo-terminal in front of a port that prints what passes.
    static func tap(_ port: String) throws -> ChildProcess {
        try ChildProcess(
            [interpreter, Bench.package + "/Tests/peers/wire_tap.py", port],
            environment: ["PATH": "/usr/bin:/bin"],
            folder: "/tmp"
        )
    }
}

/// A packet from the host as Tests/peers/wire_tap.py prints it.
private struct WirePacket: CustomStringConvertible {
    static let goalPosition = 116

    var time: Int
    var instruction: Int
    var parameters: [UInt8]

    /// All packets of the tap's output.
    static func all(_ output: String) -> [WirePacket] {
        output.split(separator: "\n").compactMap { line in
            let words = line.split(separator: " ", omittingEmptySubsequences: false)
            guard words.count == 4, let time = Int(words[0]),
                let instruction = Int(words[2], radix: 16)
            else { return nil }
            let hex = Array(words[3].utf8)
            let parameters = stride(from: 0, to: hex.count - 1, by: 2).compactMap {
                UInt8(String(decoding: hex[$0..<$0 + 2], as: UTF8.self), radix: 16)
            }
            return WirePacket(time: time, instruction: instruction, parameters: parameters)
        }
    }

    /// Write (0x03) or sync write (0x83), by the e-manual of protocol 2.0.
    var isWrite: Bool { instruction == 0x03 || instruction == 0x83 }

    /// The first address that is written.
    var address: Int? {
        guard isWrite, parameters.count >= 2 else { return nil }
        return Int(parameters[0]) | Int(parameters[1]) << 8
    }

    /// Whether it writes these bytes to an address of every servo it names.
    func writes(_ address: Int, _ bytes: [UInt8]) -> Bool {
        guard self.address == address else { return false }
        guard instruction == 0x83 else { return Array(parameters[2...]) == bytes }
        let each = Array(parameters[4...])
        return stride(from: 0, to: each.count, by: bytes.count + 1).allSatisfy {
            Array(each[($0 + 1)...].prefix(bytes.count)) == bytes
        }
    }

    var description: String { "\(String(instruction, radix: 16)) \(parameters)" }
}
