import Foundation
import Journal
import Testing

@testable import Dashboard

@Suite("What the dashboard reads of a run")
struct RunArchiveTests {
    /// Three episodes of 2, 3 and 4 steps, in blocks that do not end where episodes do.
    private final class Run {
        let root = NSTemporaryDirectory() + "sacbot-dashboard-\(UUID().uuidString)"
        let folder: RunFolder

        init() throws {
            try FileManager.default.createDirectory(
                atPath: root,
                withIntermediateDirectories: true
            )
            let key = RunKey(robot: "bench", task: "reach", backend: "emulator", profile: "sac")
            folder = try RunFolder.resumeOrCreate(root: root, key: key, fresh: true, now: 1e9)
            let identity = RunIdentity(
                key: key,
                seed: 1,
                observationHash: "o",
                actionHash: "a",
                calibrationHash: "c",
                robotHash: "r",
                programVersion: "0"
            )
            let journal = try Journal(folder: folder, identity: identity, now: 1e9)
            let steps = [2, 3, 4].enumerated().flatMap { episode, count in
                (0..<count).map { (episode, $0, $0 == count - 1) }
            }
            for block in [steps[..<4], steps[4..<6], steps[6...]] {
                var writer = TransitionBlockWriter(observationCount: 1, actionCount: 1)
                for (offset, step) in zip(block.indices, block) {
                    try writer.append(Self.record(step.0, step: offset, isLast: step.2))
                }
                try journal.append(&writer)
            }
            try journal.record(
                episodes: [Self.episode(0, 0, 2), Self.episode(1, 2, 3), Self.episode(2, 5, 4)],
                metrics: [
                    MetricRecord(step: 4, name: "learner/critic_loss", value: 0.5),
                    MetricRecord(step: 8, name: "learner/critic_loss", value: .nan),
                ]
            )
            try journal.close()
        }

        deinit { try? FileManager.default.removeItem(atPath: root) }

        private static func record(_ episode: Int, step: Int, isLast: Bool) -> TransitionRecord {
            var record = TransitionRecord()
            record.observation = [Float(step)]
            record.nextObservation = [Float(step + 1)]
            record.action = [0.5]
            record.proposedAction = [0.5]
            record.reward = Float(-step)
            record.isTruncated = isLast
            record.episode = episode
            record.step = step
            record.timeNanoseconds = 7_000_000_000 + Int64(step) * 100_000_000
            return record
        }

        private static func episode(_ index: Int, _ first: Int, _ steps: Int) -> EpisodeRecord {
            EpisodeRecord(
                index: index,
                started: 1e9 + Double(index) * 10,
                ended: 1e9 + Double(index) * 10 + 4,
                firstStep: first,
                steps: steps,
                totalReward: -Double(index),
                succeededFinally: false,
                succeededHeld: index == 2,
                end: .truncated,
                endReason: "time limit",
                policyVersion: 0,
                robotHash: "r",
                calibrationHash: "c",
                limitedSteps: 0,
                resetSeconds: 1,
                seed: 1
            )
        }
    }

    @Test("an episode is replayed from the blocks that hold it, its time counted from its start")
    func replay() async throws {
        let run = try Run()
        let archive = RunArchive { 0 }
        defer { archive.close() }
        for (episode, steps) in [(0, 0..<2), (1, 2..<5), (2, 5..<9)] {
            let found = try await archive.replay(of: run.folder.path, episode: episode)
            let replay = try #require(found)
            #expect(replay.observations == steps.map { [Float($0)] })
            #expect(replay.rewards == steps.map { Float(-$0) })
            for (index, time) in replay.times.enumerated() {
                #expect(abs(time - Double(index) * 0.1) < 1e-9)
            }
            #expect(replay.episode.steps == steps.count && !replay.isCut)
        }
        #expect(try await archive.replay(of: run.folder.path, episode: 3) == nil)
    }

    @Test("episodes are listed the newest first, a page at a time")
    func list() async throws {
        let run = try Run()
        let archive = RunArchive { 0 }
        defer { archive.close() }
        let newest = try await archive.episodes(of: run.folder.path, before: nil, limit: 2)
        #expect(newest.map(\.index) == [2, 1])
        let older = try await archive.episodes(of: run.folder.path, before: 1, limit: 2)
        #expect(older.map(\.index) == [0])
    }

    @Test("curves go over the steps of the run; what is no number is null, not a broken page")
    func curves() async throws {
        let run = try Run()
        let archive = RunArchive { 0 }
        defer { archive.close() }
        let data = try await archive.curves(of: run.folder.path)
        let document = try JSONDecoder().decode(CurveDocument.self, from: data)
        #expect(document.episodes == 3)
        #expect(document.curves["episode/return"]?.steps == [2, 5, 9])
        #expect(document.curves["episode/return"]?.values == [0, -1, -2])
        #expect(document.curves["learner/critic_loss"]?.values == [0.5, nil])
    }

    @Test("more points than a screen has columns become means of neighbours")
    func means() {
        let count = 2 * CurveDocument.mostPoints
        let curve = CurveDocument.Curve((0..<count).map { (step: $0, value: Double($0)) })
        #expect(curve.steps.count == CurveDocument.mostPoints)
        #expect(curve.steps.prefix(2) == [1, 3])
        #expect(curve.values.prefix(2) == [0.5, 2.5])
        #expect(curve.steps.last == count - 1)
    }
}
