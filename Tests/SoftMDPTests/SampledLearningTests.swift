import Foundation
import SoftMDP
import Testing

@Suite("Learning without a model")
struct SampledLearningTests {
    /// Three states, chance in every transition; small enough to learn to two digits.
    static func small(discount: Double) throws -> FiniteMDP {
        try FiniteMDP(
            [
                StateDescription(
                    "a",
                    [
                        ActionDescription("x", reward: 1, next: ["b": 0.7, "c": 0.3]),
                        ActionDescription("y", reward: 0, next: ["a": 0.5, "c": 0.5]),
                    ]
                ),
                StateDescription(
                    "b",
                    [
                        ActionDescription("x", reward: -1, next: ["a": 0.2, "b": 0.8]),
                        ActionDescription("y", reward: 0.5, next: ["c": 0.9, "a": 0.1]),
                    ]
                ),
                StateDescription(
                    "c",
                    [
                        ActionDescription("x", reward: 0.2, next: ["a": 0.4, "end": 0.6]),
                        ActionDescription("y", reward: 0, next: ["b": 1]),
                        ActionDescription("z", reward: -0.1, next: ["c": 0.5, "a": 0.5]),
                    ]
                ),
                StateDescription("end"),
            ],
            discount: discount
        )
    }

    @Test("steps are refused unless their sum is infinite and that of their squares is not")
    func steps() throws {
        for (offset, exponent) in [(1, 0.5), (1, 1.01), (0.5, 1), (.infinity, 1), (1, .nan)] {
            #expect(throws: MDPError.self) {
                try RobbinsMonroSteps(offset: offset, exponent: exponent)
            }
        }
        let steps = try RobbinsMonroSteps(offset: 10, exponent: 0.8)
        #expect(steps.size(after: 0) == 1)
        #expect(abs(steps.size(after: 990) - pow(0.01, 0.8)) < 1e-15)
    }

    @Test("TD(0) with steps 1/n on one-step episodes is the mean of its samples")
    func mean() throws {
        // One decision of chance 0.3 for a reward of 1: the estimate is a share of n samples.
        let process = try FiniteMDP(
            [
                StateDescription(
                    "s",
                    [
                        ActionDescription("win", reward: 1, next: ["end": 1]),
                        ActionDescription("lose", reward: 0, next: ["end": 1]),
                    ]
                ), StateDescription("end"),
            ],
            discount: 1
        )
        let policy = try TabularPolicy([[0.3, 0.7], []], for: process.dynamics)
        for samples in [1, 7, 1000] {
            var generator = SeededGenerator(seed: 5)
            let value = process.temporalDifference(
                policy,
                .rewards,
                samples: samples,
                steps: try RobbinsMonroSteps(),
                using: &generator
            )[0]
            let wins = value * Double(samples)
            #expect(abs(wins - wins.rounded()) < 1e-9, "\(samples) samples")
            // Five standard deviations of a share.
            let deviation = (0.3 * 0.7 / Double(samples)).squareRoot()
            #expect(abs(value - 0.3) < 5 * deviation)
        }
    }

    @Test("TD(0) reaches the linear solve", arguments: [UInt64(1), 2, 3])
    func temporalDifference(seed: UInt64) throws {
        let process = try Self.small(discount: 0.8)
        var generator = SeededGenerator(seed: seed)
        let policy = TabularPolicy.random(for: process.dynamics, using: &generator)
        let entropy = { (row: [Double]) in row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 } }
        let cases: [(Objective, ([Double]) -> Double)] = [
            (.rewards, { _ in 0 }), (.soft(temperature: 1), entropy),
        ]
        for (objective, bonus) in cases {
            let exact = LinearOracle(process, policy, bonus: bonus).v
            let learnt = process.temporalDifference(
                policy,
                objective,
                samples: 600_000,
                steps: try RobbinsMonroSteps(offset: 10),
                using: &generator
            )
            let error = largestDifference(exact, learnt)
            #expect(error < 0.03, "seed \(seed), \(objective): \(error)")
        }
    }

    @Test(
        "Q-learning reaches the best deterministic policy's values",
        arguments: [UInt64(1), 2, 3]
    )
    func qLearning(seed: UInt64) throws {
        for discount in [0.8, 1] {
            // With discount 1 only ends are left; `z` and `y` cannot go round for ever.
            let process = discount == 1 ? try Self.episodic() : try Self.small(discount: 0.8)
            var best: [[Double]]?
            for policy in process.deterministicPolicies {
                let q = LinearOracle(process, policy) { _ in 0 }.q
                best = best.map { known in zip(known, q).map { zip($0, $1).map(max) } } ?? q
            }
            var generator = SeededGenerator(seed: seed)
            let learnt = process.qLearning(
                .rewards,
                samples: 1_000_000,
                steps: try RobbinsMonroSteps(offset: 10),
                exploration: 0.5,
                using: &generator
            )
            let error = difference(try #require(best), learnt)
            #expect(error < 0.03, "seed \(seed), discount \(discount): \(error)")
        }
    }

    static func episodic() throws -> FiniteMDP {
        try FiniteMDP(
            [
                StateDescription(
                    "a",
                    [
                        ActionDescription("x", reward: 1, next: ["b": 0.7, "end": 0.3]),
                        ActionDescription("y", reward: 1.2, next: ["a": 0.2, "end": 0.8]),
                    ]
                ),
                StateDescription(
                    "b",
                    [
                        ActionDescription("x", reward: 0, next: ["end": 0.5, "a": 0.5]),
                        ActionDescription("y", reward: 0.4, next: ["end": 1]),
                    ]
                ), StateDescription("end"),
            ],
            discount: 1
        )
    }

    @Test("soft Q-learning reaches soft value iteration", arguments: [UInt64(1), 2, 3])
    func softQLearning(seed: UInt64) throws {
        let process = try Self.small(discount: 0.8)
        for objective in [Objective.soft(temperature: 0.5), .sparse(temperature: 0.5)] {
            let exact = try process.valueIteration(objective).actions
            var generator = SeededGenerator(seed: seed)
            let learnt = process.qLearning(
                objective,
                samples: 1_000_000,
                steps: try RobbinsMonroSteps(offset: 10),
                exploration: 0.3,
                using: &generator
            )
            let error = difference(exact, learnt)
            #expect(error < 0.03, "seed \(seed), \(objective): \(error)")
        }
    }

    @Test("the same seed learns the same table, another one another")
    func reproducible() throws {
        let process = try Self.small(discount: 0.8)
        func learn(_ seed: UInt64) throws -> [[Double]] {
            var generator = SeededGenerator(seed: seed)
            return process.qLearning(
                .soft(temperature: 0.5),
                samples: 1000,
                steps: try RobbinsMonroSteps(),
                exploration: 0.3,
                using: &generator
            )
        }
        #expect(try learn(4) == learn(4))
        #expect(try learn(4) != learn(5))
    }

    @Test("the generator gives the published stream of SplitMix64")
    func generator() {
        // Seed 1234567: the values of Vigna's splitmix64.c.
        var generator = SeededGenerator(seed: 1_234_567)
        let stream = (0..<3).map { _ in generator.next() }
        #expect(
            stream == [
                6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423,
            ]
        )
    }
}
