import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// What a person may ask of a running robot, by command, key and signal.
    @Suite("A person beside a running robot")
    struct OperatorTests {
        /// A robot whose joint cannot reach its reset pose, so that a person is asked.
        private func stuck() throws -> (bench: Bench, process: ChildProcess) {
            var robot = BenchRobot()
            robot.hingeRange = "0.5 1.2"
            robot.reset = "joint_time: 500 ms, retries: 0"
            let bench = try Bench(robot)
            return (bench, try bench.start("train", "--robot", "bench"))
        }

        @Test("status tells what a training robot does; stop ends it in order")
        func statusAndStop() throws {
            let bench = try Bench()
            let process = try bench.start("train", "--robot", "bench")
            let status = try bench.waitForStatus(of: process) { $0.episodes >= 2 && $0.steps >= 20 }
            #expect(status.backend == "simulation")
            #expect(status.run == (try bench.onlyRun().path))
            let text = try bench.run("status", "--robot", "bench")
            #expect(text.code == 0 && text.output.contains("episodes"), "\(text)")
            #expect(text.output.contains("checks pass"), "\(text)")
            let stop = try bench.run("stop", "--robot", "bench")
            #expect(stop.code == 0, "\(stop)")
            let end = try process.end()
            #expect(end.code == 0 && end.errors.contains("parked"), "\(end)")
            #expect(try bench.run("status", "--robot", "bench").code == 1)
        }

        @Test(
            "asked of a robot that does not run: how to start it",
            arguments: ["status", "stop", "estop", "continue"]
        )
        func nobodyThere(command: String) throws {
            let bench = try Bench()
            let end = try bench.run(command, "--robot", "bench")
            #expect(end.code == 1)
            #expect(end.errors.contains("sacbot train"), "\(end)")
        }

        @Test("an emergency stop ends a training with its fault and exit code 1; it resumes later")
        func emergencyStop() throws {
            let bench = try Bench()
            let process = try bench.start("train", "--robot", "bench")
            try bench.waitForStatus(of: process) { $0.episodes >= 2 }
            #expect(try bench.run("estop", "--robot", "bench").code == 0)
            let end = try process.end()
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("torque off"), "\(end)")
            #expect(end.errors.contains("fault 60"), "\(end)")
            let left = try bench.onlyRun()
            #expect(try bench.train(steps: left.steps + 10).errors.contains("resumed"))
        }

        @Test("evaluating beside a training leaves the training reachable")
        func evaluationBeside() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let process = try bench.start("train", "--robot", "bench")
            try bench.waitForStatus(of: process) { $0.episodes >= 8 }
            let evaluation = try bench.run("evaluate", "--robot", "bench", "--episodes", "2")
            #expect(evaluation.code == 0, "\(evaluation)")
            let stop = try bench.run("stop", "--robot", "bench")
            try #require(stop.code == 0, "\(stop)")
            #expect(try process.end().code == 0)
        }

        @Test("a joint that does not arrive is named in a question that does not block the program")
        func prompt() throws {
            let (bench, process) = try stuck()
            let question = try process.line(with: "? ")
            #expect(question.contains("joint (ID 1)"), "\(question)")
            let status = try bench.waitForStatus(of: process) { $0.prompt != nil }
            #expect(status.prompt?.contains("joint (ID 1)") == true)
            // Answered, it tries again, and asks again because nobody freed the joint.
            let answer = try bench.run("continue", "--robot", "bench")
            #expect(answer.code == 0 && answer.output.contains("going on"), "\(answer)")
            try process.line(with: "? ")
            #expect(try bench.run("stop", "--robot", "bench").code == 0)
            #expect(try process.end().code == 0)
        }

        @Test("a question is answered on the terminal, too")
        func promptOnTerminal() throws {
            var robot = BenchRobot()
            robot.hingeRange = "0.5 1.2"
            robot.reset = "joint_time: 500 ms, retries: 0"
            let bench = try Bench(robot)
            let terminal = try Terminal()
            defer { terminal.close() }
            let input = open(terminal.path, O_RDWR | O_NOCTTY | O_CLOEXEC)
            defer { close(input) }
            let process = try bench.start("train", "--robot", "bench", input: input)
            try process.line(with: "? ")
            try terminal.type("c")
            try process.line(with: "? ")
            #expect(try process.end(by: SIGINT).code == 0)
        }

        @Test("Ctrl-C at a question stops", arguments: [SIGINT, SIGTERM, SIGHUP])
        func signalAtPrompt(number: Int32) throws {
            let (_, process) = try stuck()
            try process.line(with: "? ")
            let end = try process.end(by: number)
            #expect(end.code == 0, "\(end)")
            #expect(end.errors.contains("torque off"), "\(end)")
            #expect(!end.errors.contains("stopped: parked"), "it never moved: \(end)")
        }

        @Test("answering when nobody asked is refused and changes nothing")
        func noQuestion() throws {
            let bench = try Bench()
            let process = try bench.start("train", "--robot", "bench")
            try bench.waitForStatus(of: process) { $0.episodes >= 1 }
            let end = try bench.run("continue", "--robot", "bench")
            #expect(end.code == 1 && end.output.contains("nobody asked"), "\(end)")
            #expect(try process.end(by: SIGTERM).code == 0)
        }
    }
}
