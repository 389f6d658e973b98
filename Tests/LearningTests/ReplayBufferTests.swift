import Glibc
import Testing

@testable import Learning

private func filled(_ count: Int, capacity: Int) -> ReplayBuffer {
    let replay = ReplayBuffer(observationCount: 3, actionCount: 2, capacity: capacity)
    for index in 0..<count {
        let x = Float(index)
        replay.append(
            observation: [x, x + 0.25, x + 0.5],
            action: [-x, x / 2],
            reward: x * 10,
            nextObservation: [x + 1, x + 2, x + 3],
            terminated: index % 3 == 0
        )
    }
    return replay
}

@Suite("Replay")
struct ReplayBufferTests {
    @Test("A drawn row is one transition as it was stored, its end as a mask")
    func contents() {
        let replay = filled(100, capacity: 128)
        let batch = ReplayBatch(observationCount: 3, actionCount: 2, size: 64)
        var random = RandomSource(seed: 1)
        replay.sample(into: batch, rows: 0..<batch.inputs.rows, steps: 1, discount: 1, random: &random)
        for row in 0..<64 {
            let x = batch.inputs[row, 0]
            #expect((1..<5).map { batch.inputs[row, $0] } == [x + 0.25, x + 0.5, -x, x / 2])
            #expect((0..<3).map { batch.nextInputs[row, $0] } == [x + 1, x + 2, x + 3])
            #expect(batch.rewards[row] == x * 10)
            #expect(batch.continues[row] == (Int(x) % 3 == 0 ? 0 : 1))
        }
    }

    @Test("A batch holds no transition twice, until every one has been drawn")
    func withoutReplacement() {
        var random = RandomSource(seed: 2)
        for count in [1, 10, 64, 65, 100, 5000] {
            let replay = filled(count, capacity: 8192)
            let batch = ReplayBatch(observationCount: 3, actionCount: 2, size: 64)
            replay.sample(into: batch, rows: 0..<batch.inputs.rows, steps: 1, discount: 1, random: &random)
            var times: [Int: Int] = [:]
            for row in batch.rows { times[row, default: 0] += 1 }
            let rounds = (64 + count - 1) / count
            #expect(times.values.allSatisfy { $0 <= rounds && $0 >= 64 / count })
        }
    }

    @Test("A batch larger than the table of drawn rows still holds none twice")
    func largeBatch() {
        let replay = filled(5000, capacity: 5000)
        let batch = ReplayBatch(observationCount: 3, actionCount: 2, size: 4000)
        var random = RandomSource(seed: 3)
        for _ in 0..<3 {
            replay.sample(into: batch, rows: 0..<batch.inputs.rows, steps: 1, discount: 1, random: &random)
            #expect(Set(batch.rows).count == 4000)
        }
    }

    @Test("Every transition is drawn equally often")
    func uniformity() {
        let replay = filled(50, capacity: 64)
        let batch = ReplayBatch(observationCount: 3, actionCount: 2, size: 10)
        var random = RandomSource(seed: 4)
        var counts = [Int](repeating: 0, count: 50)
        let draws = 20_000
        for _ in 0..<draws {
            replay.sample(into: batch, rows: 0..<batch.inputs.rows, steps: 1, discount: 1, random: &random)
            for row in batch.rows { counts[row] += 1 }
        }
        // Drawing 10 of 50: each appears with probability 0.2; five standard deviations.
        let bound = 5 * (Double(draws) * 0.2 * 0.8).squareRoot()
        for count in counts {
            #expect(abs(Double(count) - 0.2 * Double(draws)) < bound, "seed 4: \(counts)")
        }
    }

    @Test("A full buffer overwrites the oldest, and a reloaded one draws the same batches")
    func overwritesOldest() {
        let replay = filled(250, capacity: 100)
        #expect(replay.count == 100 && replay.appendedCount == 250)
        let reloaded = ReplayBuffer(observationCount: 3, actionCount: 2, capacity: 100)
        for index in 150..<250 {
            let x = Float(index)
            reloaded.append(
                observation: [x, x + 0.25, x + 0.5],
                action: [-x, x / 2],
                reward: x * 10,
                nextObservation: [x + 1, x + 2, x + 3],
                terminated: index % 3 == 0
            )
        }
        let (first, second) = (
            ReplayBatch(observationCount: 3, actionCount: 2, size: 50),
            ReplayBatch(observationCount: 3, actionCount: 2, size: 50)
        )
        var (one, two) = (RandomSource(seed: 5), RandomSource(seed: 5))
        for _ in 0..<20 {
            replay.sample(into: first, rows: 0..<first.inputs.rows, steps: 1, discount: 1, random: &one)
            reloaded.sample(into: second, rows: 0..<second.inputs.rows, steps: 1, discount: 1, random: &two)
            for row in 0..<50 {
                #expect(first.inputs[row, 0] == second.inputs[row, 0])
                #expect(first.inputs[row, 0] >= 150)
            }
        }
    }

    @Test("A number that is not finite is refused wherever it stands, and counted")
    func refusal() {
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 10)
        var refused = 0
        for bad in [Float.nan, .infinity, -.infinity] {
            for place in 0..<4 {
                let values = (0..<4).map { $0 == place ? bad : 1 }
                let accepted = replay.append(
                    observation: [values[0]],
                    action: [values[1]],
                    reward: values[2],
                    nextObservation: [values[3]],
                    terminated: false
                )
                refused += 1
                #expect(!accepted && replay.count == 0 && replay.refusedCount == refused)
            }
        }
    }

    @Test("A replay takes memory only as it is filled")
    func lazyMemory() throws {
        func residentPages() throws -> Int {
            let file = try #require(fopen("/proc/self/statm", "r"))
            defer { fclose(file) }
            var line = [CChar](repeating: 0, count: 200)
            _ = try #require(fgets(&line, 200, file))
            let text = String(decoding: line.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            return try #require(Int(text.split(separator: " ")[1]))
        }
        let before = try residentPages()
        // 100 million records of 64 bytes: 6.4 GB if they were touched.
        let replay = ReplayBuffer(observationCount: 3, actionCount: 2, capacity: 100_000_000)
        replay.append(
            observation: [1, 2, 3],
            action: [0, 0],
            reward: 0,
            nextObservation: [1, 2, 3],
            terminated: false
        )
        let grown = try residentPages() - before
        #expect(grown < 100_000, "\(grown) pages")
        #expect(replay.count == 1)
    }
}
