import Foundation
import Glibc
import Testing

extension OnABench {
    /// From a new box of servos to a robot that may be trained: every command against emulated
    /// servos, with a person at a pseudo-terminal.
    @Suite("Bringing servos up")
    struct BringUpTests {
        // MARK: scan

        @Test("scan without a port searches the USB adapters under their stable names")
        func scanAllPorts() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let root = try bench.plugIn(port, latency: 1)
            let end = try bench.run("scan", "--root", root, "--baud", "1000000")
            #expect(end.code == 0, "\(end)")
            #expect(end.output.contains(root + "/dev/serial/by-id/usb-FTDI_FT1"), "\(end)")
            let rows = end.output.split(separator: "\n")
            try Capture.expect("scan", contains: rows.first { $0.hasPrefix("ID ") })
            let words = rows.last?.split(separator: " ").prefix(4).joined(separator: " ")
            #expect(words == "1 XL330-M288 46 1000000", "\(end)")
            let json = try bench.run("scan", "--root", root, "--baud", "1000000", "--json")
            let devices = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8))
                    as? [[String: Any]]
            )
            #expect(devices.count == 1 && devices[0]["id"] as? Int == 1)
            #expect(devices[0]["baudRate"] as? Int == 1_000_000)
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("scan with no adapter at all says what to plug in")
        func scanNothing() throws {
            let bench = try Bench()
            let end = try bench.run("scan", "--root", bench.path("nowhere"))
            #expect(end.code == 1 && end.errors.contains("no USB serial port"), "\(end)")
        }

        // MARK: setup

        /// Two joints of XL330-M288 that shall have IDs 11 and 12 at 1 Mbit/s.
        private var wanted: BenchRobot {
            var robot = BenchRobot()
            robot.joints = [.init(name: "shoulder", id: 11), .init(name: "elbow", id: 12)]
            return robot
        }

        /// A robot of factory-new servos: 57600 bit/s, IDs from 1.
        private func factoryNew(_ name: String, count: Int = 1) -> BenchRobot {
            var robot = BenchRobot()
            robot.name = name
            robot.baud = "57600 bit/s"
            robot.joints = (1...count).map { .init(name: "new\($0)", id: $0) }
            return robot
        }

        @Test("setup gives each servo its ID and rate, one after the other, and goes on later")
        func setup() throws {
            let bench = try Bench(wanted, factoryNew("first"), factoryNew("second"))
            let port = bench.path("socket/desk")
            let person = try Person()
            let first = try bench.emulate("first", linkedIn: "socket")
            let process = try bench.start(
                arguments: ["setup", "--robot", "bench", "--port", port],
                input: person.input
            )
            try process.line(with: "Connect the servo of `shoulder`", on: .output)
            try person.type("")
            let done = try process.line(with: "shoulder: was", on: .output)
            #expect(
                done == "shoulder: was ID 1 at 57600 bit/s, is ID 11 at 1000000 bit/s, "
                    + "return delay 0"
            )
            try process.line(with: "Connect the servo of `elbow`", on: .output)
            // Whoever presses Enter with the old servo still connected changes nothing.
            try person.type("")
            try process.line(with: "set up already (shoulder)", on: .output)
            #expect(try first.end(by: SIGTERM).code == 0)
            let second = try bench.emulate("second", linkedIn: "socket")
            try process.line(with: "Connect the servo of `elbow`", on: .output)
            try person.type("")
            try process.line(with: "elbow: was", on: .output)
            let end = try process.end()
            #expect(end.code == 0, "\(end)")

            // The same again with the second servo alone: it is passed over, the other asked for.
            let again = try bench.start(
                arguments: ["setup", "--robot", "bench", "--port", port],
                input: person.input
            )
            try again.line(with: "elbow: set up already (ID 12)", on: .output)
            try again.line(with: "Connect the servo of `shoulder`", on: .output)
            try person.type("q")
            let left = try again.end()
            #expect(left.code == 1 && left.errors.contains("not set up: shoulder"), "\(left)")
            let scan = try bench.run("scan", "--port", port, "--baud", "1000000")
            #expect(scan.output.contains("\n12   XL330-M288"), "\(scan)")
            #expect(try second.end(by: SIGTERM).code == 0)
        }

        @Test("setup writes nothing while two new servos are connected")
        func setupRefuses() throws {
            let bench = try Bench(wanted, factoryNew("both", count: 2))
            let (servos, port) = try bench.emulate("both")
            let person = try Person()
            let process = try bench.start(
                arguments: ["setup", "--robot", "bench", "--port", port],
                input: person.input
            )
            try process.line(with: "Connect the servo of `shoulder`", on: .output)
            try person.type("")
            let refusal = try process.line(with: "! 2 servos answer", on: .output)
            #expect(refusal.contains("connect only one"))
            try person.type("q")
            #expect(try process.end().code == 1)
            let scan = try bench.run("scan", "--port", port, "--baud", "57600")
            #expect(scan.output.contains("\n1 ") && scan.output.contains("\n2 "), "\(scan)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        // MARK: check

        @Test("check tells port, adapter, servos and time line by line, for people and programs")
        func check() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let root = try bench.plugIn(port, latency: 16)
            let arguments = [
                "check", "--robot", "bench", "--backend", "hardware", "--root", root, "--port",
                root + "/dev/serial/by-id/usb-FTDI_FT1",
            ]
            let end = try bench.start(arguments: arguments).end()
            #expect(end.code == 0, "\(end)")
            #expect(end.output.contains("[warn] desk: latency timer"), "\(end)")
            #expect(end.output.contains("[warn] desk: udev rule"), "\(end)")
            #expect(end.output.contains("[pass] desk: time: round trip"), "\(end)")
            #expect(end.output.contains("0 fail"), "\(end)")
            let json = try bench.start(arguments: arguments + ["--json"]).end()
            let lines = try #require(
                try JSONSerialization.jsonObject(with: Data(json.output.utf8))
                    as? [[String: String]]
            )
            for subject in lines.compactMap({ $0["subject"] }) {
                // The captures show the claw, whose bus is called hand, on a pseudo-terminal.
                guard !subject.hasSuffix("latency timer"), !subject.hasSuffix("udev rule") else {
                    continue
                }
                let there = subject.replacingOccurrences(of: "desk", with: "hand")
                try Capture.expect("check", contains: "] \(there):"[...])
            }
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("check refuses a tick that the bus cannot keep")
        func slowBus() throws {
            var slow = BenchRobot()
            slow.baud = "9600 bit/s"
            let bench = try Bench(slow)
            let (servos, port) = try bench.emulate()
            // 87 bytes at 9600 bit/s are 91 ms, a tick is 50.
            let end = try bench.check(port)
            #expect(end.code == 1, "\(end)")
            #expect(end.output.contains("[fail] desk: time"), "\(end)")
            #expect(end.errors.contains("lengthen `tick:`"), "\(end)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        // MARK: release and reboot

        @Test(
            "check leaves a held joint alone, release lets it go and proves it",
            .enabled(if: ServoPeer.isThere, "needs dynamixel-sdk")
        )
        func release() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            #expect(try ServoPeer.ask(port, "write:1:\(ServoPeer.torqueEnable):1") == [0])
            let check = try bench.check(port)
            #expect(check.code == 0 && check.output.contains("[warn] desk: torque"), "\(check)")
            #expect(try ServoPeer.ask(port, "read:1:\(ServoPeer.torqueEnable)") == [1])
            let end = try bench.run("release", "--robot", "bench", "--port", port)
            #expect(end.code == 0 && end.output.contains("torque is off at all 1"), "\(end)")
            #expect(try ServoPeer.ask(port, "read:1:\(ServoPeer.torqueEnable)") == [0])
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("release names the servo that does not confirm, and lets the others go")
        func releaseMissing() throws {
            var present = BenchRobot()
            present.name = "present"
            var robot = BenchRobot()
            robot.joints.append(.init(name: "elbow", id: 2))
            let bench = try Bench(robot, present)
            let (servos, port) = try bench.emulate("present")
            let end = try bench.run("release", "--robot", "bench", "--port", port)
            #expect(end.code == 1, "\(end)")
            #expect(end.output.contains("joint (ID 1): torque off"), "\(end)")
            #expect(end.errors.contains("NOT CONFIRMED by elbow (ID 2): cut"), "\(end)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("reboot restarts the named joints only, and knows the robot's joints")
        func reboot() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let end = try bench.run("reboot", "--robot", "bench", "--port", port, "joint")
            #expect(end.code == 0 && end.output == "joint (ID 1): restarted\n", "\(end)")
            let unknown = try bench.run("reboot", "--robot", "bench", "--port", port, "knee")
            #expect(unknown.code == 1 && unknown.errors.contains("joints: joint"), "\(unknown)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("while a robot trains, nobody else gets at its servos, and is told what to do")
        func taken() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let process = try bench.startOnServos(ports: [port], ["--arm"])
            try bench.waitForStatus(of: process) { $0.steps >= 1 }
            for command in [
                ["reboot", "joint"], ["setup"], ["calibrate"], ["jog", "--backend", "hardware"],
                ["check", "--backend", "hardware"],
            ] {
                let end = try bench.start(
                    arguments: command + ["--robot", "bench", "--port", port]
                ).end()
                #expect(end.code == 1, "\(command): \(end)")
                #expect(end.errors.contains("driven by another sacbot"), "\(command): \(end)")
                #expect(end.errors.contains("--robot bench"), "\(command): \(end)")
            }
            // Letting go is passed on to whoever drives the robot, who does so between episodes.
            let release = try bench.run("release", "--robot", "bench")
            #expect(release.code == 0 && release.output.contains("estop"), "\(release)")
            try bench.waitForStatus(of: process) {
                $0.pause == "released" && $0.safety == "pausing"
                    && !$0.joints.contains { $0.hasTorque }
            }
            #expect(try process.end(by: SIGTERM).code == 0)
            #expect(try servos.end(by: SIGTERM).code == 0)
        }
    }
}

// MARK: The bench for bring-up

/// A person who types at a pseudo-terminal.
final class Person {
    private let terminal: Terminal
    /// The program's standard input.
    let input: Int32

    init() throws {
        terminal = try Terminal()
        input = open(terminal.path, O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(input >= 0)
    }

    deinit {
        close(input)
        terminal.close()
    }

    /// Types a line.
    func type(_ text: String) throws { try terminal.type(text) }

    /// Presses keys.
    func press(_ keys: String) throws {
        let bytes = Array(keys.utf8)
        try #require(write(terminal.keyboard, bytes, bytes.count) == bytes.count)
    }

    /// The terminal's settings as a program would find them.
    var settings: [UInt32] {
        var settings = termios()
        tcgetattr(input, &settings)
        return [settings.c_iflag, settings.c_oflag, settings.c_cflag, settings.c_lflag]
    }
}

extension Bench {
    /// Puts a robot's servos on a pty that has a link in a folder of the bench.
    func emulate(_ robot: String, linkedIn folder: String) throws -> ChildProcess {
        let process = try start(
            arguments: ["emulate", "--robot", robot, "--links", path(folder)],
            before: Privileges.ofOwnProcessor
        )
        try process.line(with: "/dev/", on: .output)
        return process
    }

    /// A copy of /dev and /sys in which a port is the adapter ttyUSB0; its path.
    func plugIn(_ port: String, latency: Int) throws -> String {
        let root = path("root")
        let files = FileManager.default
        for folder in ["dev/serial/by-id", "sys/bus/usb-serial/devices/ttyUSB0"] {
            try files.createDirectory(
                atPath: root + "/" + folder,
                withIntermediateDirectories: true
            )
        }
        try files.createSymbolicLink(
            atPath: root + "/dev/ttyUSB0",
            withDestinationPath: port
        )
        try files.createSymbolicLink(
            atPath: root + "/dev/serial/by-id/usb-FTDI_FT1",
            withDestinationPath: "../../ttyUSB0"
        )
        try "\(latency)\n".write(
            toFile: root + "/sys/bus/usb-serial/devices/ttyUSB0/latency_timer",
            atomically: false,
            encoding: .utf8
        )
        return root
    }

    /// Checks the robot `bench` on a port.
    func check(_ port: String) throws -> ChildEnd {
        try run("check", "--robot", "bench", "--backend", "hardware", "--port", port)
    }
}

/// What docs/captures shows of the commands.
enum Capture {
    /// The fixed parts of what a command prints have to stand in its capture, or it is out of date.
    static func expect(
        _ name: String,
        contains text: Substring?,
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let text = try #require(text)
        let path = Bench.package + "/docs/captures/\(name).txt"
        let capture = try String(contentsOfFile: path, encoding: .utf8)
        #expect(
            capture.contains(text.trimmingCharacters(in: .whitespacesAndNewlines)),
            "docs/captures/\(name).txt has no `\(text)`; run `make captures`",
            sourceLocation: location
        )
    }
}
