import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// Faults that are kept across restarts, with `sacbot emulate` in the servos' place.
    @Suite("A latched fault")
    struct LatchTests {
        /// A robot that arms by itself.
        private static var eager: BenchRobot {
            var robot = BenchRobot()
            robot.arm = "automatic"
            return robot
        }

        /// Trains until an episode runs, then presses the emergency stop.
        private func stopped(_ bench: Bench, _ port: String) throws -> ChildEnd {
            let process = try bench.startOnServos(ports: [port], [])
            try bench.waitForStatus(of: process) { $0.safety == "running" }
            #expect(try bench.run("estop", "--robot", "bench").code == 0)
            return try process.end()
        }

        @Test("an e-stop survives the restart; no torque until clear-fault, whatever `arm:` says")
        func survives() throws {
            let bench = try Bench(Self.eager)
            let (servos, port) = try bench.emulate()
            let first = try stopped(bench, port)
            #expect(first.code == 1 && first.errors.contains("fault 60"), "\(first)")
            let kept = String(decoding: try bench.bytes("runs/bench.latch"), as: UTF8.self)
            #expect(kept.contains("fault 60"), "\(kept)")

            let process = try bench.startOnServos(ports: [port], ["--arm", "--episodes", "1"])
            let question = try process.line(with: "gets no torque")
            #expect(question.contains("fault 60"), "\(question)")
            let status = try bench.waitForStatus(of: process) { $0.prompt != nil }
            #expect(status.safety == "e-stop" && status.isFaultLatched)
            #expect(status.fault?.contains("fault 60") == true)
            // The usual answer is no clearance; the robot is read and its checks are shown.
            let usual = try bench.run("continue", "--robot", "bench")
            #expect(usual.code != 0 && usual.description.contains("clear-fault"), "\(usual)")
            // The first list may be from before the first reading.
            let later = try bench.waitForStatus(of: process) { status in
                status.checks.contains { $0.name.contains("fresh") && $0.outcome == "pass" }
            }
            #expect(later.safety == "e-stop")
            let text = try bench.run("status", "--robot", "bench")
            #expect(text.output.contains("(latched)"), "\(text)")

            let cleared = try bench.run("clear-fault", "--robot", "bench")
            #expect(cleared.code == 0 && cleared.output.contains("cleared: fault 60"), "\(cleared)")
            let end = try process.end()
            #expect(end.code == 0, "\(end)")
            #expect(!FileManager.default.fileExists(atPath: bench.path("runs/bench.latch")))
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test(
            "stopped while it waits for the clearance, it stays latched; then cleared on the file"
        )
        func onTheFile() throws {
            let bench = try Bench(Self.eager)
            let (servos, port) = try bench.emulate()
            _ = try stopped(bench, port)
            let waiting = try bench.startOnServos(ports: [port], [])
            try waiting.line(with: "gets no torque")
            let end = try waiting.end(by: SIGTERM)
            #expect(end.code == 0, "\(end)")
            #expect(FileManager.default.fileExists(atPath: bench.path("runs/bench.latch")))

            let cleared = try bench.run("clear-fault", "--robot", "bench")
            #expect(cleared.code == 0 && cleared.output.contains("cleared: fault 60"), "\(cleared)")
            let again = try bench.run("clear-fault", "--robot", "bench")
            #expect(again.code == 0 && again.output.contains("no fault is latched"), "\(again)")
            let trained = try bench.startOnServos(ports: [port], ["--episodes", "1"]).end()
            #expect(trained.code == 0, "\(trained)")
            #expect(try servos.end(by: SIGTERM).code == 0)
        }

        @Test("--clear-fault clears a latch, also one that makes no sense; simulation has none")
        func byFlag() throws {
            let bench = try Bench(Self.eager)
            try bench.train(steps: 30)
            try bench.write("what is this\n", to: "runs/bench.latch")
            try bench.train(steps: 40)
            let (servos, port) = try bench.emulate()
            let refused = try bench.startOnServos(ports: [port], ["--episodes", "1"])
            try refused.line(with: "gets no torque")
            #expect(try refused.end(by: SIGINT).code == 0)
            let end = try bench.startOnServos(
                ports: [port],
                ["--episodes", "1", "--clear-fault"]
            ).end()
            #expect(end.code == 0 && end.errors.contains("cleared:"), "\(end)")
            #expect(!FileManager.default.fileExists(atPath: bench.path("runs/bench.latch")))
            #expect(try servos.end(by: SIGTERM).code == 0)
        }
    }
}
