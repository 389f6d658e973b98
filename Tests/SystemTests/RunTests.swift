import Foundation
import Glibc
import Testing

extension WholeProgram {
    /// What is kept of a run, and how it goes on.
    @Suite("Runs: stopped, killed, resumed")
    struct RunTests {
        /// Starts to train in simulation and waits until there is something to lose.
        private func training(_ bench: Bench, episodes: Int = 8) throws -> ChildProcess {
            let process = try bench.start("train", "--robot", "bench")
            try process.line(with: "run ")
            try bench.waitForStatus(of: process) { $0.episodes >= episodes }
            return process
        }

        @Test("SIGTERM parks and saves; the same command goes on where it was")
        func stopAndResume() throws {
            let bench = try Bench()
            let stopped = try training(bench).end(by: SIGTERM)
            #expect(stopped.code == 0, "\(stopped)")
            #expect(stopped.errors.contains("stopped: parked, torque off"), "\(stopped)")
            let before = try bench.onlyRun()
            #expect(before.steps >= 8 * BenchRobot.episodeSteps)
            let resumed = try bench.train(steps: before.steps + 30)
            #expect(resumed.errors.contains("resumed \(before.path)"), "\(resumed)")
            let after = try bench.onlyRun()
            #expect(after.path == before.path)
            #expect(after.steps >= before.steps + 30)
        }

        @Test("a bound on episodes or steps is an end in order")
        func bounds() throws {
            let bench = try Bench()
            let end = try bench.run("train", "--robot", "bench", "--episodes", "3")
            #expect(end.code == 0 && end.errors.contains("parked"), "\(end)")
            #expect(try bench.onlyRun().episodes == 3)
            #expect(try bench.onlyRun().steps == 3 * BenchRobot.episodeSteps)
            try bench.train(steps: 70)
            #expect(try bench.onlyRun().steps == 70)
        }

        @Test("kill -9 loses at most the running episode, and the run is whole")
        func kill() throws {
            let bench = try Bench()
            let process = try training(bench)
            // Everything that one answer calls finished was finished before the next was given.
            let first = try bench.status()
            try bench.waitForStatus(of: process) { $0.episodes > first.episodes }
            let killed = try process.end(by: SIGKILL)
            #expect(killed.signal == SIGKILL)
            let left = try bench.onlyRun()
            #expect(left.episodes >= first.episodes, "\(left), \(first)")
            #expect(left.steps >= first.episodes * BenchRobot.episodeSteps, "\(left), \(first)")

            let resumed = try bench.train(steps: left.steps + 20)
            #expect(
                resumed.errors.contains("resumed \(left.path) at step \(left.steps)"),
                "\(resumed)"
            )
            #expect(try bench.onlyRun().steps >= left.steps + 20)
            let verified = try bench.run("runs", "verify", "latest")
            #expect(verified.code == 0, "\(verified)")
        }

        @Test(
            "a run that was written without trouble is proven whole, while and after it is written"
        )
        func verify() throws {
            let bench = try Bench()
            let process = try training(bench, episodes: 30)
            let during = try bench.run("runs", "verify", "latest")
            #expect(during.code == 0, "\(during)")
            #expect(try process.end(by: SIGTERM).code == 0)
            let after = try bench.run("runs", "verify", "latest")
            #expect(after.code == 0, "\(after)")
        }

        @Test("a damaged run is not proven whole")
        func verifyDamage() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            try Bench.damage(try bench.checkpoints(of: bench.onlyRun())[0])
            let end = try bench.run("runs", "verify", "latest")
            #expect(end.code == 1, "\(end)")
            #expect((end.output + end.errors).contains("checksum"), "\(end)")
        }

        @Test("--fresh begins a new run and leaves the old one as it is")
        func fresh() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            let old = try bench.onlyRun()
            let policy = try bench.bytes(old.path + "/policy.safetensors")
            let end = try bench.train(steps: 40, "--fresh")
            #expect(!end.errors.contains("resumed"), "\(end)")
            let runs = try bench.listRuns()
            try #require(runs.count == 2)
            #expect(runs.first { $0.path == old.path }?.steps == 100)
            let isUntouched = try bench.bytes(old.path + "/policy.safetensors") == policy
            #expect(isUntouched)
            // From now on the new one is resumed.
            #expect(try bench.train(steps: 60).errors.contains("at step 40"))
        }

        @Test("--from starts a new run with another's networks")
        func from() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            let old = try bench.onlyRun()
            let end = try bench.train(steps: 20, "--from", "latest", "--runs", "runs")
            #expect(end.errors.contains("started from the networks of \(old.path)"), "\(end)")
            let new = try #require(try bench.listRuns().first { $0.path != old.path })
            #expect(new.steps == 20)
            // Twenty steps are below the warm-up: what it knows is what the old one knew.
            let areSame = try bench.weights(old.path) == bench.weights(new.path)
            #expect(areSame)
        }

        @Test("--from a run that is not there or does not fit changes nothing")
        func fromNothing() throws {
            let bench = try Bench()
            try bench.train(steps: 30)
            var other = BenchRobot()
            other.name = "other"
            other.observation = "[joint_positions, joint_velocities, last_action, target_error]"
            try bench.add(other)
            let trained = try bench.run("train", "--robot", "other", "--steps", "30")
            #expect(trained.code == 0, "\(trained)")
            for source in ["nosuch", "other/reach-simulation-sac"] {
                let end = try bench.run("train", "--robot", "bench", "--from", source)
                #expect(end.code == 1, "\(end)")
                #expect(end.errors.contains(source), "\(end)")
                #expect(try bench.listRuns("--robot", "bench").count == 1, "no empty run is left")
            }
            #expect(try bench.train(steps: 40).errors.contains("at step 30"))
        }

        @Test("a damaged newest checkpoint is passed over for the one before it")
        func damagedCheckpoint() throws {
            let bench = try Bench()
            for steps in [100, 200] { try bench.train(steps: steps) }
            let newest = try bench.checkpoints(of: bench.onlyRun())[0]
            try Bench.damage(newest)
            let end = try bench.train(steps: 220)
            #expect(end.errors.contains("damaged checkpoint was passed over"), "\(end)")
            #expect(end.errors.contains(URL(fileURLWithPath: newest).lastPathComponent), "\(end)")
            // Nothing that was recorded is lost with it.
            #expect(end.errors.contains("at step 200"), "\(end)")
            #expect(try bench.onlyRun().steps == 220)
        }

        @Test("with all checkpoints damaged the networks start anew on what was recorded")
        func allCheckpointsDamaged() throws {
            let bench = try Bench()
            try bench.train(steps: 100)
            try bench.checkpoints(of: bench.onlyRun()).forEach(Bench.damage)
            let end = try bench.train(steps: 120)
            #expect(end.errors.contains("damaged checkpoint was passed over"), "\(end)")
            #expect(end.errors.contains("the networks start anew"), "\(end)")
            #expect(try bench.onlyRun().steps == 120)
        }

        @Test("a second process on a run is refused and the first goes on, still reachable")
        func twoProcesses() throws {
            let bench = try Bench()
            let first = try training(bench)
            let second = try bench.run("train", "--robot", "bench")
            #expect(second.code == 1, "\(second)")
            #expect(second.errors.contains("being written by process"), "\(second)")
            #expect(second.errors.contains("--fresh"), "\(second)")
            let before = try bench.status()
            try bench.waitForStatus(of: first) { $0.episodes > before.episodes }
            let stop = try bench.run("stop", "--robot", "bench")
            #expect(stop.code == 0, "\(stop)")
            #expect(try first.end().code == 0)
            #expect(try bench.run("runs", "verify", "latest").code == 0)
        }

        @Test("a changed calibration does not go on with what was recorded with the old one")
        func changedCalibration() throws {
            let bench = try Bench()
            try bench.train(steps: 40)
            let text = BenchRobot().calibration.replacingOccurrences(of: "2048", with: "2040")
            try bench.write(text, to: "calibration/bench.yaml")
            let end = try bench.run("train", "--robot", "bench", "--steps", "60")
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("calibration") && end.errors.contains("--fresh"), "\(end)")
            #expect(try bench.onlyRun().steps == 40)
        }

        @Test("a runs folder below a file: which part of the path is a file")
        func runsBelowFile() throws {
            let bench = try Bench()
            try bench.write("", to: "file")
            let end = try bench.run("train", "--robot", "bench", "--runs", "file/runs")
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("file") && end.errors.contains("runs folder"), "\(end)")
        }

        @Test(
            "a runs folder of somebody else: who may write there",
            .enabled(if: Privileges.nobodyCanRun, "needs root, and a program that nobody may run")
        )
        func unwritableFolder() throws {
            let bench = try Bench()
            try bench.train(steps: 40)
            #expect(chmod(bench.folder, 0o755) == 0 && chmod(bench.path("socket"), 0o777) == 0)
            #expect(chown(bench.path("socket") + "/sacbot", 65534, 65534) == 0)
            for runs in ["runs", "others"] {
                let end = try bench.run(
                    "train",
                    "--robot",
                    "bench",
                    "--runs",
                    runs,
                    before: Privileges.asNobody
                )
                #expect(end.code == 1, "\(end)")
                #expect(end.errors.contains("Permission denied"), "\(end)")
                #expect(end.errors.contains("choose another runs folder"), "\(end)")
            }
            #expect(try bench.onlyRun().steps == 40)
        }

        @Test("no runs: how to get one")
        func noRuns() throws {
            let bench = try Bench()
            let end = try bench.run("runs")
            #expect(end.code == 0)
            #expect(end.output.contains("sacbot train"), "\(end)")
        }
    }
}
