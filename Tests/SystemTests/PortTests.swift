import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// Ports that cannot be used and servos that are not as the file says: one message with the
    /// remedy, exit code 1, nothing written.
    @Suite("Ports and servos that are not as the robot file says")
    struct PortTests {
        /// Runs `train` and `check` on a port; both have to fail, with all of `words`.
        private func refuses(
            _ bench: Bench,
            port: String,
            words: String...,
            before: [String] = []
        ) throws {
            for command in [["check"], ["train", "--arm"]] {
                let end = try bench.start(
                    arguments: command
                        + ["--robot", "bench", "--backend", "hardware", "--port", port],
                    before: before
                ).end()
                #expect(end.code == 1, "\(end)")
                for word in words { #expect(end.errors.contains(word), "\(word) in \(end)") }
            }
            #expect(!FileManager.default.fileExists(atPath: bench.path("runs")))
        }

        @Test("no such port: plug it in or correct the file")
        func absentPort() throws {
            let bench = try Bench()
            try refuses(bench, port: "/dev/nope", words: "there is no /dev/nope", "plug", "port:")
        }

        @Test("a port given for a bus by name is used, and so is a bare one for the only bus")
        func portForms() throws {
            let bench = try Bench()
            try refuses(bench, port: "/dev/other", words: "there is no /dev/other")
            try refuses(bench, port: "desk=/dev/other", words: "there is no /dev/other")
        }

        @Test("a port for a bus that the robot does not have: the buses it has")
        func unknownBus() throws {
            let bench = try Bench()
            try refuses(bench, port: "desc=/dev/other", words: "desc", "desk")
            try refuses(bench, port: "desk=", words: "desk=")
        }

        @Test("a bare port with two buses: say which")
        func bareportWithTwoBuses() throws {
            var robot = BenchRobot()
            robot.buses = ["left", "right"]
            robot.joints = [
                .init(name: "a", id: 1, bus: "left"), .init(name: "b", id: 1, bus: "right"),
            ]
            let bench = try Bench(robot)
            try refuses(bench, port: "/dev/other", words: "left", "right", "BUS=PORT")
        }

        @Test("a file is not a port")
        func fileAsPort() throws {
            let bench = try Bench()
            try refuses(bench, port: bench.path("robots/bench.yaml"), words: "not a serial port")
        }

        @Test(
            "no permission: the group to join",
            .enabled(if: Privileges.nobodyCanRun, "needs root, and a program that nobody may run")
        )
        func noPermission() throws {
            let bench = try Bench()
            #expect(chmod(bench.folder, 0o755) == 0)
            let terminal = try Terminal()
            defer { terminal.close() }
            let port = terminal.path
            #expect(chmod(port, 0o600) == 0)
            try refuses(
                bench,
                port: port,
                words: "no permission to open \(port)",
                "dialout",
                before: Privileges.asNobody
            )
        }

        @Test("a silent port: power, cable, rate")
        func silent() throws {
            let bench = try Bench()
            let terminal = try Terminal()
            defer { terminal.close() }
            let port = terminal.path
            let end = try bench.run(
                "check",
                "--robot",
                "bench",
                "--backend",
                "hardware",
                "--port",
                port
            )
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("power") && end.errors.contains("scan"), "\(end)")
            let scan = try bench.run("scan", "--port", port, "--baud", "1000000")
            #expect(scan.code == 1, "\(scan)")
            #expect(scan.errors.contains("no servo answers on \(port)"), "\(scan)")
        }

        @Test("a servo is missing: which one, where to look, who is there instead")
        func missingServo() throws {
            var wanted = BenchRobot()
            wanted.joints.append(.init(name: "elbow", id: 2))
            let bench = try Bench(wanted)
            var present = BenchRobot()
            present.name = "present"
            present.joints.append(.init(name: "elbow", id: 7))
            try bench.add(present)
            let (servos, port) = try bench.emulate("present")
            try refuses(
                bench,
                port: port,
                words: "servo 2 (joint `elbow`) does not answer",
                "cable",
                "sacbot scan",
                "ID 7"
            )
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("a servo of another model: both models")
        func wrongModel() throws {
            let bench = try Bench()
            var present = BenchRobot()
            present.name = "present"
            present.joints[0].servo = "XM430-W210"
            try bench.add(present)
            let (servos, port) = try bench.emulate("present")
            try refuses(bench, port: port, words: "XM430-W210", "XL330-M288", "servo:")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("servos at another rate: the rate they answer at")
        func wrongRate() throws {
            let bench = try Bench()
            var present = BenchRobot()
            present.name = "present"
            present.baud = "57600 bit/s"
            try bench.add(present)
            let (servos, port) = try bench.emulate("present")
            try refuses(bench, port: port, words: "57600", "1000000", "baud:")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("several servos that are not as they should be are named in one go")
        func severalServos() throws {
            var wanted = BenchRobot()
            wanted.joints.append(.init(name: "elbow", id: 2))
            wanted.joints.append(.init(name: "wrist", id: 3))
            let bench = try Bench(wanted)
            var present = wanted
            present.name = "present"
            present.joints[0].servo = "XM430-W210"
            present.joints.remove(at: 1)
            try bench.add(present)
            let (servos, port) = try bench.emulate("present")
            try refuses(bench, port: port, words: "joint `joint`", "joint `elbow`")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("scan finds emulated servos with model and rate, and leaves them as they are")
        func scan() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let end = try bench.run("scan", "--port", port, "--baud", "57600", "--baud", "1000000")
            #expect(end.code == 0, "\(end)")
            let line = try #require(end.output.split(separator: "\n").last)
            #expect(line.hasPrefix("1 "), "\(end)")
            #expect(line.contains("XL330-M288") && line.contains("1000000"), "\(end)")
            #expect(try servos.end(by: SIGINT).code == 0)
        }

        @Test("check reads every joint of healthy servos and moves none")
        func check() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let end = try bench.run(
                "check",
                "--robot",
                "bench",
                "--backend",
                "hardware",
                "--port",
                port
            )
            #expect(end.code == 0, "\(end)")
            #expect(end.output.contains("all joints answer"), "\(end)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }
    }
}
