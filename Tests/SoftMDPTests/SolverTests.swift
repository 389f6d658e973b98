import Foundation
import SoftMDP
import Testing

@Suite("Solving with a known model")
struct SolverTests {
    static let objectives: [Objective] = [
        .rewards, .soft(temperature: 0.1), .soft(temperature: 2), .sparse(temperature: 0.5),
    ]

    @Test("policy evaluation solves the Bellman equations", arguments: RandomProcess.seeds)
    func evaluation(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let temperature = random.temperature()
        let policy = random.policy()
        let entropy = { (row: [Double]) in
            row.reduce(0) { $1 > 0 ? $0 - temperature * $1 * log($1) : $0 }
        }
        let squares = { (row: [Double]) in
            temperature * (1 - row.reduce(0) { $0 + $1 * $1 }) / 2
        }
        let cases: [(Objective, ([Double]) -> Double)] = [
            (.rewards, { _ in 0 }),
            (.soft(temperature: temperature), entropy),
            (.sparse(temperature: temperature), squares),
        ]
        for (objective, bonus) in cases {
            let oracle = LinearOracle(random.process, policy, bonus: bonus)
            let values = random.process.evaluate(policy, objective)
            let scale = max(1, oracle.v.map(abs).max() ?? 0)
            #expect(difference(values.actions, oracle.q) < 1e-10 * scale, "\(random)")
            #expect(largestDifference(values.states, oracle.v) < 1e-10 * scale, "\(random)")
        }
    }

    @Test("soft evaluation is the limit of its own backup", arguments: RandomProcess.seeds)
    func repeatedBackups(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let policy = random.policy()
        let objective = Objective.soft(temperature: 0.7)
        var values = [Double](repeating: 0, count: random.process.states.count)
        for _ in 0..<1500 {
            values = random.process.evaluationBackup(values, under: policy, objective)
        }
        let direct = random.process.evaluate(policy, objective).states
        #expect(largestDifference(values, direct) < 1e-10, "\(random)")
    }

    @Test(
        "policy and value iteration reach the best of all deterministic policies",
        arguments: RandomProcess.seeds
    )
    func standardOptimum(seed: UInt64) throws {
        let random = try RandomProcess(seed: seed)
        let process = random.process
        var best = [Double](repeating: -.infinity, count: process.states.count)
        for policy in process.deterministicPolicies {
            best = zip(best, LinearOracle(process, policy) { _ in 0 }.v).map(max)
        }
        let improved = try process.policyIteration(.rewards)
        let swept = try process.valueIteration(.rewards)
        #expect(largestDifference(improved.states, best) < 1e-10, "\(random)")
        #expect(largestDifference(swept.states, best) < 1e-10, "\(random)")
        #expect(largestDifference(improved.states, swept.states) < 1e-10, "\(random)")
        // The policy is worth what the values say, and is deterministic.
        let followed = LinearOracle(process, improved.policy) { _ in 0 }.v
        #expect(largestDifference(followed, best) < 1e-10, "\(random)")
        #expect(improved.policy.rows.allSatisfy { row in row.allSatisfy { $0 == 0 || $0 == 1 } })
    }

    @Test("every backup contracts by the modulus", arguments: RandomProcess.seeds)
    func contraction(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        for objective in Self.objectives {
            let check = random.process.contractionCheck(
                "any",
                objective,
                pairs: 20,
                using: &random.generator
            )
            #expect(check.isPassed, "\(random): \(check)")
            #expect(check.number < 1, "\(random): \(check)")
        }
    }

    @Test(
        "soft and sparse policy iteration meet value iteration and rise all the way",
        arguments: RandomProcess.seeds
    )
    func regularizedOptimum(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let process = random.process
        for objective in Self.objectives {
            let improved = try process.policyIteration(objective, from: random.policy())
            let swept = try process.valueIteration(objective)
            #expect(largestDifference(improved.states, swept.states) < 1e-10, "\(random)")
            var policy = random.policy()
            var known = process.evaluate(policy, objective)
            for _ in 0..<10 {
                policy = process.improvement(on: known.actions, objective)
                let next = process.evaluate(policy, objective)
                let loss = FiniteMDP.largestLoss(from: known.actions, to: next.actions)
                #expect(loss < 1e-11, "\(random), \(objective): \(loss)")
                known = next
            }
            #expect(largestDifference(known.states, swept.states) < 1e-8, "\(random)")
        }
    }

    @Test("value iteration rises from below and falls from above")
    func monotone() throws {
        let process = try RandomProcess(seed: 8).process
        let objective = Objective.soft(temperature: 0.5)
        let best = try process.valueIteration(objective).states
        for offset in [-50.0, 50] {
            var values = best.map { $0 + offset }
            for _ in 0..<100 {
                let next = process.optimalityBackup(values, objective)
                for (a, b) in zip(values, next) {
                    #expect(offset < 0 ? b >= a - 1e-12 : b <= a + 1e-12)
                }
                values = next
            }
        }
    }

    @Test("equal actions for ever: V = (r + α log n) / (1 - γ)")
    func closedForm() throws {
        let actions = (0..<3).map { ActionDescription("a\($0)", reward: 2, next: ["s": 1]) }
        let process = try FiniteMDP([StateDescription("s", actions)], discount: 0.9)
        let soft = try process.valueIteration(.soft(temperature: 0.5))
        #expect(abs(soft.states[0] - (2 + 0.5 * log(3)) / 0.1) < 1e-11)
        let sparse = try process.valueIteration(.sparse(temperature: 0.5))
        #expect(abs(sparse.states[0] - (2 + 0.5 / 3) / 0.1) < 1e-11)
        let standard = try process.valueIteration(.rewards)
        #expect(abs(standard.states[0] - 20) < 1e-11)
        #expect(standard.errorBound < 1e-10 && soft.errorBound < 1e-10)
    }

    @Test("soft values of a two-state process against a fine grid over its policies")
    func numericOptimum() throws {
        let process = try FiniteMDP(
            [
                StateDescription(
                    "a",
                    [
                        ActionDescription("x", reward: 1, next: ["a": 0.5, "b": 0.5]),
                        ActionDescription("y", reward: 0, next: ["b": 1]),
                    ]
                ),
                StateDescription(
                    "b",
                    [
                        ActionDescription("x", reward: 0.3, next: ["b": 1]),
                        ActionDescription("y", reward: -0.5, next: ["a": 1]),
                    ]
                ),
            ],
            discount: 0.7
        )
        let solution = try process.policyIteration(.soft(temperature: 0.4))
        var best = [-Double.infinity, -Double.infinity]
        let bonus = { (row: [Double]) in 0.4 * row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 } }
        for first in 1..<200 {
            for second in 1..<200 {
                let (p, q) = (Double(first) / 200, Double(second) / 200)
                let policy = try TabularPolicy([[p, 1 - p], [q, 1 - q]], for: process.dynamics)
                let values = LinearOracle(process, policy, bonus: bonus).v
                best = zip(best, values).map(max)
            }
        }
        for state in 0..<2 {
            #expect(solution.states[state] >= best[state] - 1e-12)
            #expect(solution.states[state] - best[state] < 1e-4)
        }
    }

    @Test("a soft policy is stationary: the value's slope along every direction is 0")
    func stationary() throws {
        // Independent of any solver: central differences of the linear oracle's values.
        var random = try RandomProcess(seed: 14)
        let process = random.process
        // Warm enough for all probabilities to be far above the step of 1e-5.
        let temperature = 3.0
        let bonus = { (row: [Double]) in
            temperature * row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
        }
        let best = try process.policyIteration(.soft(temperature: temperature)).policy
        for _ in 0..<20 {
            let other = random.policy()
            func value(_ share: Double) throws -> [Double] {
                let rows = zip(best.rows, other.rows).map { a, b in
                    zip(a, b).map { $0 + share * ($1 - $0) }
                }
                return LinearOracle(
                    process,
                    try TabularPolicy(rows, for: process.dynamics),
                    bonus: bonus
                ).v
            }
            let (up, down) = (try value(1e-5), try value(-1e-5))
            for (a, b) in zip(up, down) {
                #expect(abs(a - b) / 2e-5 < 1e-4, "\(random)")
            }
        }
    }

    @Test("values that cannot settle are not returned")
    func notConverged() throws {
        // Leaves once in 10^8 steps: no number of sweeps allowed here gets close.
        let stay = 1 - 1e-8
        let states = [
            StateDescription(
                "on",
                [
                    ActionDescription("go", reward: 1, next: ["on": stay, "end": 1 - stay]),
                    ActionDescription("rest", reward: 0, next: ["on": stay, "end": 1 - stay]),
                ]
            ), StateDescription("end"),
        ]
        let process = try FiniteMDP(states, discount: 1)
        #expect(throws: MDPError.self) { try process.valueIteration(.rewards) }
        // Policy iteration has no such trouble.
        let exact = try process.policyIteration(.rewards).states[0]
        #expect(abs(exact / 1e8 - 1) < 1e-6)
    }
}
