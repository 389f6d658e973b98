import Glibc
import Journal
import Learning
import Testing

@testable import Training

/// A lock-step run that was interrupted against one that was not.
@Suite("Lock-step runs, resumed", .serialized, .timeLimit(.minutes(4)))
struct LockstepResumeTests {
    static let episodes = 2 * LockstepLearner.checkpointEpisodes + 7

    /// What an uninterrupted run keeps.
    static let whole: Result<LockstepBench.Kept, any Error> = Result {
        let bench = try LockstepBench()
        defer { bench.remove() }
        try bench.train(toEpisode: episodes)
        return try bench.kept()
    }

    private func expectWhole(_ bench: LockstepBench, _ comment: Comment) throws {
        let (kept, whole) = (try bench.kept(), try Self.whole.get())
        #expect(kept.transitions.count == Self.episodes * LockstepBench.stepCount, comment)
        let areSame = (
            kept.transitions == whole.transitions, kept.episodes == whole.episodes,
            kept.metrics == whole.metrics, kept.policy == whole.policy,
            kept.checkpoint == whole.checkpoint
        )
        #expect(areSame == (true, true, true, true, true), comment)
    }

    @Test("the uninterrupted run learns, tries policies, and keeps one")
    func baseline() throws {
        let whole = try Self.whole.get()
        #expect(whole.episodes.last?.policyVersion ?? 0 > 100)
        #expect(whole.metrics.count { $0.name == "trial/return" } >= 5)
        // Worlds are drawn anew for every episode and recorded.
        let strengths = whole.metrics.filter { $0.name == "world/motor_strength.joint" }
        #expect(Set(strengths.map(\.value)).count == Self.episodes)
        #expect(strengths.allSatisfy { (0.7...1.2).contains($0.value) })
        let names = try Safetensors.decode(whole.checkpoint).tensors.map(\.name)
        #expect(names.contains("world.mujoco.qpos") && names.contains("best.policy.0.weight"))
    }

    @Test(
        "interrupted again and again at random ticks, it keeps the same to the last bit",
        arguments: [11, 12, 13, 14, 15, 16] as [UInt64]
    )
    func randomTicks(seed: UInt64) throws {
        print("seed \(seed)")
        var random = RandomSource(seed: seed)
        let bench = try LockstepBench()
        defer { bench.remove() }
        var told = ""
        for _ in 0..<6 {
            let kind: LockstepBench.Interruption =
                random.uniform() < 0.5 ? .ordered : .killed
            // An episode with its reset is about 50 ticks.
            let ticks = 1 + random.index(below: random.uniform() < 0.4 ? 60 : 1500)
            try bench.train(toEpisode: Self.episodes, interruption: kind, after: ticks)
            told += "\(kind) after \(ticks), "
        }
        try bench.train(toEpisode: Self.episodes)
        try expectWhole(bench, "seed \(seed): \(told)")
    }

    @Test("stopped at every tick of its first episodes, closed or killed")
    func everyTick() throws {
        for ticks in 1...110 {
            let bench = try LockstepBench()
            defer { bench.remove() }
            let kind = LockstepBench.Interruption.allCases[ticks % 2]
            try bench.train(toEpisode: 3, interruption: kind, after: ticks)
            try bench.train(toEpisode: 3)
            let (kept, whole) = (try bench.kept(), try Self.whole.get())
            #expect(kept.transitions == Array(whole.transitions.prefix(15)), "tick \(ticks)")
            #expect(kept.episodes == Array(whole.episodes.prefix(3)), "tick \(ticks)")
        }
    }

    @Test("N episodes and M more are N + M, wherever N lies")
    func sum() throws {
        for first in [1, 19, 20, 33] {
            let bench = try LockstepBench()
            defer { bench.remove() }
            try bench.train(toEpisode: first)
            let notes = try bench.train(toEpisode: Self.episodes)
            #expect(notes.contains { $0.contains("episode \(first)") }, "\(notes)")
            try expectWhole(bench, "\(first) episodes first")
        }
    }

    @Test("transitions that another run lent are there again, and no newer ones of it")
    func borrowed() throws {
        let (source, whole, parts) = try (LockstepBench(), LockstepBench(), LockstepBench())
        defer { [source, whole, parts].forEach { $0.remove() } }
        try source.train(toEpisode: 25)
        try whole.train(toEpisode: Self.episodes, from: try source.folder)
        try parts.train(
            toEpisode: Self.episodes,
            interruption: .killed,
            after: 30,
            from: try source.folder
        )
        try source.train(toEpisode: 60)
        try parts.train(toEpisode: 9)
        let notes = try parts.train(toEpisode: Self.episodes)
        #expect(notes.contains { $0.contains("took over 125 transitions") }, "\(notes)")
        let areSame = (try parts.kept() == whole.kept(), try parts.kept() == Self.whole.get())
        #expect(areSame == (true, false))
    }

    @Test("a resumed run that has nothing left to do still leaves its policy")
    func nothingLeft() throws {
        let bench = try LockstepBench()
        defer { bench.remove() }
        try bench.train(toEpisode: Self.episodes)
        #expect(unlink(try bench.folder.policyPath) == 0)
        try bench.train(toEpisode: Self.episodes)
        try expectWhole(bench, "resumed at its end")
    }
}
