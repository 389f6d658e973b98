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
        replay.sample(
            into: batch,
            rows: 0..<batch.rows.count,
            steps: 1,
            discount: 1,
            random: &random
        )
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
            replay.sample(
                into: batch,
                rows: 0..<batch.rows.count,
                steps: 1,
                discount: 1,
                random: &random
            )
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
            replay.sample(
                into: batch,
                rows: 0..<batch.rows.count,
                steps: 1,
                discount: 1,
                random: &random
            )
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
            replay.sample(
                into: batch,
                rows: 0..<batch.rows.count,
                steps: 1,
                discount: 1,
                random: &random
            )
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
            replay.sample(into: first, rows: 0..<50, steps: 1, discount: 1, random: &one)
            reloaded.sample(into: second, rows: 0..<50, steps: 1, discount: 1, random: &two)
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

    @Test("Rows outside those asked for stay as they are, and each part draws from its own replay")
    func partsOfABatch() {
        let (own, prior) = (filled(100, capacity: 100), filled(40, capacity: 100))
        let batch = ReplayBatch(observationCount: 3, actionCount: 2, size: 64)
        for row in 0..<64 { (batch.rewards[row], batch.inputs[row, 4]) = (-1, -1) }
        var random = RandomSource(seed: 6)
        own.sample(into: batch, rows: 0..<32, steps: 1, discount: 1, random: &random)
        #expect(Set(batch.rows[..<32]).count == 32)
        #expect((32..<64).allSatisfy { batch.rewards[$0] == -1 && batch.inputs[$0, 4] == -1 })
        let half = (0..<32).map { batch.rewards[$0] }
        prior.sample(into: batch, rows: 32..<64, steps: 1, discount: 1, random: &random)
        #expect((0..<32).map { batch.rewards[$0] } == half)
        #expect(Set(batch.rows[32...]).count == 32 && batch.rows[32...].allSatisfy { $0 < 40 })
        for row in 0..<64 { #expect(batch.rewards[row] == 10 * Float(batch.rows[row])) }
    }
}

/// A walk along the whole numbers from `start`; the step from n earns 2^n.
private func walk(_ replay: ReplayBuffer, from start: Int, steps: Int, terminated: Bool) {
    for n in start..<(start + steps) {
        replay.append(
            observation: [Float(n)],
            action: [0],
            reward: Float(1 << n),
            nextObservation: [Float(n + 1)],
            terminated: terminated && n == start + steps - 1
        )
    }
}

@Suite("Returns over several steps")
struct ReplayReturnTests {
    /// What is drawn of each held transition, by its observation.
    struct Row: Equatable {
        var reward: Float
        var continues: Float
        var next: Float
        var between: [Float] = []
        var weights: [Float] = []
    }

    private func rows(_ replay: ReplayBuffer, steps: Int) -> [Float: Row] {
        let batch = ReplayBatch(
            observationCount: 1,
            actionCount: 1,
            size: replay.count,
            steps: steps,
            withIntermediates: true
        )
        var random = RandomSource(seed: 7)
        let all = 0..<replay.count
        replay.sample(into: batch, rows: all, steps: steps, discount: 0.5, random: &random)
        let found = all.map { row in
            let places = 0..<batch.intermediateCount
            let found = Row(
                reward: batch.rewards[row],
                continues: batch.continues[row],
                next: batch.nextInputs[row, 0],
                between: places.map { batch.intermediates[$0][row, 0] },
                weights: places.map { batch.intermediateWeights[$0][row] }
            )
            return (batch.inputs[row, 0], found)
        }
        return Dictionary(uniqueKeysWithValues: found)
    }

    @Test("A time limit cuts the return and bootstraps, a true end bootstraps nothing")
    func ends() {
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 100)
        walk(replay, from: 0, steps: 4, terminated: false)
        walk(replay, from: 10, steps: 4, terminated: true)
        walk(replay, from: 14, steps: 1, terminated: false)
        let found = rows(replay, steps: 3)
        // Rewards double and discounts halve: each step adds as much as the first.
        #expect(
            found == [
                0: Row(
                    reward: 3,
                    continues: 0.125,
                    next: 3,
                    between: [1, 2],
                    weights: [0.5, 0.25]
                ),
                1: Row(
                    reward: 6,
                    continues: 0.125,
                    next: 4,
                    between: [2, 3],
                    weights: [0.5, 0.25]
                ),
                2: Row(reward: 8, continues: 0.25, next: 4, between: [3, 4], weights: [0.5, 0]),
                3: Row(reward: 8, continues: 0.5, next: 4, between: [4, 4], weights: [0, 0]),
                10: Row(
                    reward: 3072,
                    continues: 0.125,
                    next: 13,
                    between: [11, 12],
                    weights: [0.5, 0.25]
                ),
                11: Row(
                    reward: 6144,
                    continues: 0,
                    next: 14,
                    between: [12, 13],
                    weights: [0.5, 0.25]
                ),
                12: Row(
                    reward: 8192,
                    continues: 0,
                    next: 14,
                    between: [13, 14],
                    weights: [0.5, 0]
                ),
                13: Row(reward: 8192, continues: 0, next: 14, between: [14, 14], weights: [0, 0]),
                // The same observation after a true end is a new beginning.
                14: Row(
                    reward: 16384,
                    continues: 0.5,
                    next: 15,
                    between: [15, 15],
                    weights: [0, 0]
                ),
            ]
        )
    }

    @Test("One step's mask is the discount, or 0 at a true end")
    func oneStep() {
        let replay = ReplayBuffer(observationCount: 1, actionCount: 1, capacity: 2)
        walk(replay, from: 0, steps: 3, terminated: true)
        #expect(
            rows(replay, steps: 1) == [
                1: Row(reward: 2, continues: 0.5, next: 2),
                2: Row(reward: 4, continues: 0, next: 3),
            ]
        )
    }
}
