import Foundation
import Glibc
import Journal
import Testing

extension WholeProgram {
    /// Runs that are the same to the last bit, interrupted or not.
    @Suite("Lock step")
    struct LockstepTests {
        /// Sixty episodes: checkpoints at the start and after twenty, forty and sixty.
        static let steps = 60 * BenchRobot.episodeSteps

        private static func bench() throws -> Bench {
            var robot = BenchRobot()
            robot.trials = "every: 130, episodes: 2"
            return try Bench(robot)
        }

        @Test("two runs with one seed are the same to the last bit, another seed's is not")
        func seeds() throws {
            let bench = try Self.bench()
            for (folder, seed) in [("a", "7"), ("b", "7"), ("c", "8")] {
                try bench.train(steps: 200, "--lockstep", "--seed", seed, "--runs", folder)
            }
            let kept = try ["a", "b", "c"].map { try KeptRun(bench, runs: $0) }
            let areSame = (kept[0] == kept[1], kept[0] == kept[2])
            #expect(areSame == (true, false))
        }

        @Test("a run that was ended goes on as if it had not been")
        func ended() throws {
            let bench = try Self.bench()
            try bench.train(steps: Self.steps, "--lockstep", "--runs", "a")
            for steps in [100, 330, Self.steps] {
                try bench.train(steps: steps, "--lockstep", "--runs", "b")
            }
            try Self.expectSame(bench, "100, then 330, then \(Self.steps) steps")
        }

        @Test("a run that was stopped in the middle of an episode computes it again")
        func stopped() throws {
            let bench = try Self.bench()
            try bench.train(steps: Self.steps, "--lockstep", "--runs", "a")
            let arguments = ["train", "--robot", "bench", "--lockstep", "--runs", "b"]
            let process = try bench.start(arguments: arguments + ["--steps", "\(Self.steps)"])
            try bench.waitForStatus(of: process) { $0.episodes >= 5 }
            let end = try process.end(by: SIGTERM)
            #expect(end.code == 0 && end.errors.contains("parked"), "\(end)")
            try bench.train(steps: Self.steps, "--lockstep", "--runs", "b")
            try Self.expectSame(bench, "stopped")
        }

        @Test(
            "kill -9 again and again at random instants changes nothing that is kept",
            arguments: [UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)]
        )
        func killed(seed: UInt64) throws {
            print("seed \(seed)")
            var random = Instants(state: seed)
            let bench = try Self.bench()
            try bench.train(steps: Self.steps, "--lockstep", "--runs", "a")
            let arguments = ["train", "--robot", "bench", "--lockstep", "--runs", "b"]
            var told = ""
            for kill in 0..<8 {
                let process = try bench.start(arguments: arguments + ["--steps", "\(Self.steps)"])
                // While it starts, before the first checkpoint after the start, and anywhere.
                let longest = [60, 200, 900][kill % 3]
                let milliseconds = Int.random(in: 0...longest, using: &random)
                // The instant is what is tested; nothing is waited for.
                usleep(UInt32(milliseconds * 1000))
                let end = try process.end(by: SIGKILL)
                told += end.signal == SIGKILL ? "\(milliseconds) ms, " : "ended, "
            }
            let end = try bench.train(steps: Self.steps, "--lockstep", "--runs", "b")
            try Self.expectSame(bench, "seed \(seed): killed after \(told)\n\(end)")
            let verified = try bench.run("runs", "verify", "latest", "--runs", "b")
            #expect(verified.code == 0, "\(verified)")
        }

        @Test("a run that went on beside the robot keeps its rows when it is put in lock step")
        func mixed() throws {
            let bench = try Self.bench()
            try bench.train(steps: 100)
            let end = try bench.train(steps: 200, "--lockstep")
            #expect(end.errors.contains("not taken in lock step"), "\(end)")
            #expect(end.errors.contains("at step 100"), "\(end)")
            #expect(try bench.onlyRun().steps == 200)
            // And back: whatever was recorded stays.
            try bench.train(steps: 230)
            #expect(try bench.onlyRun().steps == 230)
        }

        @Test("another robot's world is refused, and nothing is dropped")
        func otherWorld() throws {
            let bench = try Self.bench()
            try bench.train(steps: 50, "--lockstep")
            // The same robot file; the model has one more hinge that nobody drives.
            var other = BenchRobot()
            other.joints.append(.init(name: "stray", id: 2))
            try bench.write(other.model, to: "robots/bench.xml")
            let end = try bench.run("train", "--robot", "bench", "--steps", "90", "--lockstep")
            #expect(end.code == 1, "\(end)")
            #expect(end.errors.contains("mujoco.qpos"), "\(end)")
            #expect(end.errors.contains("go on without --lockstep"), "\(end)")
            #expect(try bench.onlyRun().steps == 50)
        }

        private static func expectSame(_ bench: Bench, _ comment: Comment) throws {
            let (a, b) = (try KeptRun(bench, runs: "a"), try KeptRun(bench, runs: "b"))
            #expect(a.transitions.count == steps, comment)
            let areSame = (
                a.transitions == b.transitions, a.episodes == b.episodes, a.metrics == b.metrics,
                a.policy == b.policy, a.checkpoint == b.checkpoint
            )
            #expect(areSame == (true, true, true, true, true), comment)
        }
    }
}

/// All that a run keeps, but for wall-clock times.
struct KeptRun: Equatable {
    var checkpoint: [UInt8]
    var policy: [UInt8]
    var transitions: [TransitionRecord] = []
    var episodes: [EpisodeRecord]
    var metrics: [MetricRecord] = []

    /// Reads the newest run of a folder.
    init(_ bench: Bench, runs: String) throws {
        let folder = try RunFolder.find(root: bench.path(runs), name: "latest")
        let journal = try JournalReader(reading: folder)
        checkpoint = try journal.newestValidCheckpoint().bytes
        policy = try journal.readFile(RunFolder.policyName)
        episodes = try journal.episodes().map { episode in
            var episode = episode
            (episode.started, episode.ended) = (0, 0)
            return episode
        }
        var read: [TransitionRecord] = []
        try journal.readTransitions { read.append($0) }
        transitions = read
        for name in try journal.metricNames() { metrics += try journal.metrics(name) }
    }
}

/// When to kill, from a seed that is printed (Vigna's SplitMix64).
private struct Instants: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
