import Foundation
import Testing

extension WholeProgram {
    /// `sacbot evaluate`, and policies that cannot be evaluated.
    @Suite("Evaluating policies")
    struct PolicyTests {
        private func evaluate(_ bench: Bench, _ more: String...) throws -> ChildEnd {
            try bench.start(
                arguments: ["evaluate", "--robot", "bench", "--episodes", "5"]
                    + ["--random-episodes", "3"] + more
            ).end()
        }

        @Test("--json is one object with the keys that programs rely on")
        func json() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            let end = try evaluate(bench, "--json")
            #expect(end.code == 0, "\(end)")
            let object = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
            let values = try #require(object as? [String: Any])
            #expect(values["episodes"] as? Int == 5)
            #expect((values["return_mean"] as? Double)?.isFinite == true)
            for key in ["success_final", "success_held", "limited_fraction"] {
                let share = try #require(values[key] as? Double, "\(key)")
                #expect((0...1).contains(share), "\(key) = \(share)")
            }
            #expect(values["robot"] as? String == "bench")
            let policy = try #require(values["policy"] as? String)
            #expect(policy.hasPrefix(try bench.onlyRun().path))
        }

        @Test("the same policy from the same starts gives the same figures")
        func repeatable() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            let first = try evaluate(bench, "--json", "--seed", "3")
            let second = try evaluate(bench, "--json", "--seed", "3", "--policy", "latest")
            #expect(first.code == 0 && first.output == second.output, "\(first)\n\(second)")
            #expect(try evaluate(bench, "--json", "--seed", "4").output != first.output)
        }

        @Test("the table shows a random policy beside it")
        func table() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            let end = try evaluate(bench)
            #expect(end.code == 0, "\(end)")
            for word in ["random", "success", "limited by safety"] {
                #expect(end.output.contains(word), "\(end)")
            }
        }

        @Test("no run at all: how to list and to make one")
        func noRun() throws {
            let bench = try Bench()
            let end = try evaluate(bench, "--policy", "latest")
            #expect(end.code == 1)
            #expect(end.errors.contains("sacbot train"), "\(end)")
            let named = try evaluate(bench, "--policy", "nosuch")
            #expect(named.code == 1)
            #expect(named.errors.contains("nosuch") && named.errors.contains("sacbot runs"))
        }

        @Test("a run that has not made a policy yet: train on")
        func noPolicyYet() throws {
            let bench = try Bench()
            let process = try bench.start("train", "--robot", "bench")
            try bench.waitForStatus(of: process) { $0.episodes >= 2 }
            _ = try process.end(by: SIGKILL)
            let end = try evaluate(bench)
            #expect(end.code == 1)
            #expect(end.errors.contains("no policy yet"), "\(end)")
            #expect(end.errors.contains("sacbot train"), "\(end)")
        }

        @Test("a policy that sees something else is refused with both lists")
        func otherTask() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let run = try bench.onlyRun()
            var other = BenchRobot()
            other.observation = "[joint_positions, joint_velocities, last_action, target_error]"
            try bench.add(other)
            let end = try evaluate(bench, "--policy", run.path)
            #expect(end.code == 1)
            #expect(end.errors.contains("sees something else"), "\(end)")
            #expect(end.errors.contains("--task"), "\(end)")
        }

        @Test("a policy that moves something else is refused with both lists")
        func otherRobot() throws {
            var large = BenchRobot()
            large.name = "large"
            large.joints.append(.init(name: "elbow", id: 2))
            let bench = try Bench(BenchRobot(), large)
            try bench.train(steps: 60)
            let end = try bench.run(
                "evaluate",
                "--robot",
                "large",
                "--policy",
                try bench.onlyRun().path
            )
            #expect(end.code == 1)
            #expect(end.errors.contains("something else"), "\(end)")
        }

        @Test("a file that is no policy, a cut one and one that is not there are refused by name")
        func notAPolicy() throws {
            let bench = try Bench()
            try bench.train(steps: 60)
            let policy = try bench.bytes(try bench.onlyRun().path + "/policy.safetensors")
            let cut = URL(fileURLWithPath: bench.path("cut.safetensors"))
            try Data(policy.dropLast(100)).write(to: cut)
            try bench.write("these are not tensors", to: "text.safetensors")
            for name in ["cut.safetensors", "text.safetensors", "none.safetensors"] {
                let end = try evaluate(bench, "--policy", name)
                #expect(end.code == 1)
                #expect(end.errors.contains(name), "\(end)")
                #expect(end.output.isEmpty)
            }
        }
    }
}
