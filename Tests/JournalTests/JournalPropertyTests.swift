import Foundation
import Testing

@testable import Journal

/// What a run should hold, as plain arrays.
private struct RunModel {
    var records: [TransitionRecord] = []
    var checkpoints: [(step: Int, bytes: [UInt8])] = []
    var metrics: [MetricRecord] = []

    mutating func discard(afterStep step: Int) {
        records.removeAll { $0.step > step }
        checkpoints.removeAll { $0.step > step }
        metrics.removeAll { $0.step > step }
    }
}

@Suite("Journal against a model", .timeLimit(.minutes(5)))
struct JournalPropertyTests {
    @Test(
        "any sequence of appending, discarding, checkpointing and reopening agrees with arrays",
        arguments: [20, 21, 22, 23] as [UInt64]
    )
    func sequences(seed: UInt64) throws {
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let fixture = try RunFixture.inMemory()
        var source = TransitionSource(seed: seed, episodeLength: Int(seed) % 9 + 1)
        var journal = try fixture.open()
        var model = RunModel()
        for round in 0..<80 {
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5:
                let new = source.next(Int.random(in: 1...40, using: &generator))
                try journal.append(new)
                model.records += new
            case 5:
                let step = Int.random(in: -1...max(0, source.step), using: &generator)
                try journal.discard(afterStep: step)
                model.discard(afterStep: step)
                source.goOn(
                    afterStep: model.records.last?.step ?? -1,
                    episode: journal.newest.nextEpisode
                )
            case 6:
                let bytes = source.numbers(20).withUnsafeBytes { Array($0) }
                let step = source.step - 1
                try journal.writeCheckpoint(bytes, step: step, updates: round, now: 0)
                model.checkpoints.append((step, bytes))
                model.checkpoints = model.checkpoints.suffix(3)
            case 7:
                let metric = MetricRecord(step: source.step, name: "q", value: Double(round))
                try journal.record(metrics: [metric])
                model.metrics.append(metric)
            case 8:
                try journal.close()
                journal = try fixture.open()
            default: break
            }
            let comment = Comment(rawValue: "seed \(seed), round \(round)")
            let read = try journal.allTransitions()
            try #require(read.records == model.records, comment)
            #expect(read.report.isWhole, comment)
            #expect(journal.newest.transitions == model.records.count, comment)
            #expect(journal.newest.lastStep == model.records.last?.step ?? -1, comment)
            #expect(
                try journal.newestValidCheckpoint().bytes == model.checkpoints.last?.bytes ?? []
            )
            #expect(try journal.metrics("q") == model.metrics, comment)
        }
        let verification = try journal.verify()
        #expect(verification.isWhole, "seed \(seed): \(verification.problems)")
    }
}
