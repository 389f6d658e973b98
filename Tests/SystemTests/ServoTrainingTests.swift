import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// Training over packets and a pty, with `sacbot emulate` in the servos' place; whether motors
    /// have stopped is read from the servos with Robotis' SDK.
    @Suite("Training on servos", .enabled(if: ServoPeer.isThere, "needs dynamixel-sdk: make peers"))
    struct ServoTrainingTests {
        /// Starts a training on these servos and waits until an episode runs.
        private func training(
            _ bench: Bench,
            port: String...,
            arming: [String] = ["--arm"]
        ) throws -> ChildProcess {
            let process = try bench.startOnServos(ports: port, arming)
            try bench.waitForStatus(of: process) { $0.phase == "running" && $0.steps >= 3 }
            return process
        }

        @Test("SIGTERM in an episode parks the servo and leaves it without torque or watchdog")
        func terminated() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let end = try training(bench, port: port).end(by: SIGTERM)
            #expect(end.code == 0 && end.errors.contains("parked, torque off"), "\(end)")
            let position = "read:1:\(ServoPeer.presentPosition)"
            let values = try ServoPeer.ask(
                port,
                "read:1:\(ServoPeer.torqueEnable)",
                "read:1:\(ServoPeer.busWatchdog)",
                position
            )
            #expect(values[0...1] == [0, 0])
            // Parked is within 5 degrees of the reset pose, pulse 2048; it may coast a little.
            #expect(abs(values[2] - 2048) < 4096 * 10 / 360, "pulse \(values[2])")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("an emergency stop takes the torque away at once")
        func emergencyStop() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let process = try training(bench, port: port)
            #expect(try bench.run("estop", "--robot", "bench").code == 0)
            let end = try process.end()
            #expect(end.code == 1 && end.errors.contains("fault 60"), "\(end)")
            #expect(try ServoPeer.ask(port, "read:1:\(ServoPeer.torqueEnable)") == [0])
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("kill -9: the servo's own watchdog stops it and freezes its goal; the run goes on")
        func killed() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let killed = try training(bench, port: port).end(by: SIGKILL)
            #expect(killed.signal == SIGKILL)
            let values = try ServoPeer.ask(
                port,
                "until:1:\(ServoPeer.busWatchdog):\(ServoPeer.tripped)",
                "read:1:\(ServoPeer.torqueEnable)",
                "read:1:\(ServoPeer.goalPosition)",
                "write:1:\(ServoPeer.goalPosition):1900",
                "read:1:\(ServoPeer.goalPosition)"
            )
            #expect(values[1] == 1, "it holds its place")
            #expect(values[3] != 0, "a new goal is refused")
            #expect(values[4] == values[2])

            let resumed = try bench.startOnServos(ports: [port], ["--arm", "--episodes", "1"]).end()
            #expect(resumed.code == 0, "\(resumed)")
            #expect(resumed.errors.contains("torque was on at joint"), "\(resumed)")
            #expect(resumed.errors.contains("resumed"), "\(resumed)")
            let after = try ServoPeer.ask(
                port,
                "read:1:\(ServoPeer.torqueEnable)",
                "read:1:\(ServoPeer.busWatchdog)"
            )
            #expect(after == [0, 0])
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("servos that vanish in an episode: the fault, exit code 1, a run that goes on")
        func vanished() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let process = try training(bench, port: port)
            _ = try servos.end(by: SIGKILL)
            let end = try process.end()
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("fault 20"), "\(end)")
            #expect(end.errors.contains("cut their power"), "\(end)")
            #expect(end.errors.contains(port), "which port: \(end)")
            let left = try bench.onlyRun()
            #expect(left.steps >= 3)

            let (again, newPort) = try bench.emulate()
            let resumed = try bench.startOnServos(
                ports: [newPort],
                ["--arm", "--episodes", "1"]
            ).end()
            #expect(resumed.code == 0, "\(resumed)")
            #expect(resumed.errors.contains("resumed \(left.path)"), "\(resumed)")
            #expect(try bench.run("runs", "verify", "latest").code == 0)
            #expect(try again.end(by: SIGTERM).code == 0)
        }

        @Test(
            "a cable pulled in an episode: the program waits, finds the name again, asks, goes on"
        )
        func outage() throws {
            var robot = BenchRobot()
            robot.afterOutage = "wait"
            let bench = try Bench(robot)
            let links = bench.folder
            let servos = try bench.emulate("bench", "--links", links).process
            let port = links + "/desk"
            let process = try training(bench, port: port)
            _ = try servos.end(by: SIGKILL)
            _ = try process.line(with: "waiting for the robot", on: .errors)
            let before = try bench.status()

            let again = try bench.emulate("bench", "--links", links).process
            try bench.waitForStatus(of: process) { $0.prompt != nil }
            #expect(try bench.run("continue", "--robot", "bench").code == 0)
            try bench.waitForStatus(of: process) {
                $0.phase == "running" && $0.steps > before.steps
            }
            let end = try process.end(by: SIGTERM)
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("fault 20"), "\(end)")
            #expect(end.errors.contains("cut their power"), "\(end)")
            #expect(try bench.run("runs", "verify", "latest").code == 0)
            #expect(try again.end(by: SIGTERM).code == 0)
        }

        @Test(
            "when one of two buses goes, the servo on the other loses its torque",
            arguments: [SIGKILL, SIGSTOP]
        )
        func oneBusGone(number: Int32) throws {
            var both = BenchRobot()
            both.buses = ["left", "right"]
            both.joints = [
                .init(name: "left_joint", id: 1, bus: "left"),
                .init(name: "right_joint", id: 1, bus: "right"),
            ]
            let bench = try Bench(both)
            let sides = try both.joints.map { joint in
                var half = BenchRobot()
                half.name = joint.bus
                half.joints = [.init(name: joint.name, id: 1)]
                try bench.add(half)
                return try bench.emulate(half.name)
            }
            let process = try training(
                bench,
                port: "left=\(sides[0].port)",
                "right=\(sides[1].port)"
            )
            // SIGSTOP is a servo without power behind an adapter that is still there.
            sides[0].process.signal(number)
            let end = try process.end()
            #expect(end.code == 1, "\(end)")
            let fault = end.errors.contains("fault 20") || end.errors.contains("fault 10")
            #expect(fault, "\(end)")
            #expect(end.errors.contains("NOT CONFIRMED by left_joint (ID 1): cut"), "\(end)")
            #expect(try ServoPeer.ask(sides[1].port, "read:1:\(ServoPeer.torqueEnable)") == [0])
            #expect(try sides[1].process.end(by: SIGTERM).code == 0)
            sides[0].process.signal(SIGKILL)
        }

        @Test("a second program on the port is refused and does not disturb the first")
        func twoProcesses() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let process = try training(bench, port: port)
            let before = try bench.status()
            let second = try bench.run(
                "check",
                "--robot",
                "bench",
                "--backend",
                "hardware",
                "--port",
                port
            )
            #expect(second.code == 1, "\(second)")
            #expect(second.errors.contains("driven by another sacbot"), "\(second)")
            let scan = try bench.run("scan", "--port", port, "--baud", "57600")
            #expect(scan.code == 1 && scan.errors.contains("in use"), "\(scan)")
            try bench.waitForStatus(of: process) {
                $0.steps > before.steps + BenchRobot.episodeSteps
            }
            #expect(try process.end(by: SIGTERM).code == 0)
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("a robot that a person arms waits for the word, and moves nothing before it")
        func armedByHand() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let refused = try bench.startOnServos(ports: [port], [])
            try refused.line(with: "is about to move")
            let end = try refused.end(by: SIGINT)
            #expect(end.code == 0, "\(end)")
            #expect(try ServoPeer.ask(port, "read:1:\(ServoPeer.torqueEnable)") == [0])
            #expect(try bench.onlyRun().steps == 0)

            let process = try bench.startOnServos(ports: [port], ["--episodes", "1"])
            try process.line(with: "is about to move")
            #expect(try bench.run("continue", "--robot", "bench").code == 0)
            #expect(try process.end().code == 0)
            #expect(try bench.onlyRun().steps == BenchRobot.episodeSteps)
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("Ctrl-C twice, while parking or after it: no torque is left")
        func interruptedTwice() throws {
            let bench = try Bench()
            let (servos, port) = try bench.emulate()
            let process = try training(bench, port: port)
            process.signal(SIGINT)
            try process.line(with: "press Ctrl-C again")
            let end = try process.end(by: SIGINT)
            #expect(end.errors.contains("torque off"), "\(end)")
            #expect(try ServoPeer.ask(port, "read:1:\(ServoPeer.torqueEnable)") == [0])
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("what was learnt in simulation is evaluated and trained on with servos")
        func fromSimulation() throws {
            var robot = BenchRobot()
            robot.arm = "automatic"
            let bench = try Bench(robot)
            try bench.train(steps: 100)
            let simulated = try bench.onlyRun()
            let (servos, port) = try bench.emulate()
            let evaluation = try bench.start(
                arguments: ["evaluate", "--robot", "bench", "--policy", simulated.path]
                    + ["--backend", "hardware", "--port", port, "--episodes", "1"]
                    + ["--random-episodes", "0"]
            ).end()
            #expect(evaluation.code == 0, "\(evaluation)")
            #expect(try ServoPeer.ask(port, "read:1:\(ServoPeer.torqueEnable)") == [0])
            let trained = try bench.startOnServos(
                ports: [port],
                ["--from", "latest", "--episodes", "1"]
            ).end()
            #expect(trained.code == 0, "\(trained)")
            #expect(trained.errors.contains("started from the networks of \(simulated.path)"))
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("the claw trains three episodes through packets without a fault")
        func claw() throws {
            let bench = try Bench()
            try bench.addClaw()
            let end = try bench.run(
                "train",
                "--robot",
                "claw",
                "--backend",
                "emulator",
                "--episodes",
                "3"
            )
            #expect(end.code == 0, "\(end)")
            #expect(!end.errors.contains("fault") && !end.errors.contains("warning"), "\(end)")
            #expect(end.errors.contains("parked, torque off"), "\(end)")
            let run = try bench.onlyRun()
            #expect(run.episodes == 3 && run.steps == 3 * BenchRobot.episodeSteps)
        }
    }
}

extension Bench {
    /// Starts a training of the robot `bench` on these ports.
    func startOnServos(ports: [String], _ more: [String]) throws -> ChildProcess {
        try start(
            arguments: ["train", "--robot", "bench", "--backend", "hardware"]
                + ports.flatMap { ["--port", $0] } + more
        )
    }

    /// The claw as it is delivered, with episodes of a second, ticks of 50 ms and a small learner.
    func addClaw() throws {
        let files = FileManager.default
        for name in ["robots/claw.xml", "calibration/claw.yaml"] {
            try files.copyItem(atPath: Bench.package + "/" + name, toPath: path(name))
        }
        var text = try String(contentsOfFile: Bench.package + "/robots/claw.yaml", encoding: .utf8)
        for (usual, here) in [
            ("tick: 10 ms", "tick: 50 ms"), ("watchdog: 200 ms", "watchdog: 1 s"),
            ("duration: 4 s", "duration: 1 s"),
        ] {
            try #require(text.contains(usual), "robots/claw.yaml has changed: no `\(usual)`")
            text = text.replacingOccurrences(of: usual, with: here)
        }
        let learner = try #require(text.range(of: "\nlearner:\n"))
        text =
            text[..<learner.lowerBound] + """

                safety: {stale_ticks: 20, late_ticks: 400}
                learner: {profile: sac, hidden_widths: [32, 32], batch: 8, warm_up: 10}

                """
        try write(text, to: "robots/claw.yaml")
    }
}
