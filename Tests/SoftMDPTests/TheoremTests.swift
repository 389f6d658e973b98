import Foundation
@testable import SoftMDP
import Testing

@Suite("The theorems on random processes")
struct TheoremTests {
    @Test(
        "Theorem 1: no random policy has a larger soft value anywhere",
        arguments: RandomProcess.seeds
    )
    func theorem1(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let temperature = random.temperature()
        let process = random.process
        let best = try process.valueIteration(.soft(temperature: temperature))
        let bonus = { (row: [Double]) in
            temperature * row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
        }
        let allowed = 1e-10 * max(1, best.states.map(abs).max() ?? 0)
        for _ in 0..<30 {
            // Judged by the oracle, and far from and near to the optimum.
            let policy = random.policy()
            let near = zip(best.policy.rows, policy.rows).map { a, b in
                zip(a, b).map { 0.99 * $0 + 0.01 * $1 }
            }
            for rows in [policy.rows, near] {
                let values = LinearOracle(
                    process,
                    try TabularPolicy(rows, for: process.dynamics),
                    bonus: bonus
                ).v
                for (value, limit) in zip(values, best.states) {
                    #expect(value <= limit + allowed, "\(random)")
                }
            }
        }
        // V* = α log Σ exp(Q*/α) and π* ∝ exp(Q*/α), written out.
        for (index, state) in process.states.enumerated() where !state.isTerminal {
            let q = best.actions[index]
            let top = q.max() ?? 0
            let sum = q.reduce(0) { $0 + exp(($1 - top) / temperature) }
            #expect(abs(best.states[index] - top - temperature * log(sum)) < allowed)
            for (action, value) in q.enumerated() {
                let chance = exp((value - best.states[index]) / temperature)
                #expect(abs(best.policy.rows[index][action] - chance) < 1e-8, "\(random)")
            }
        }
    }

    @Test("Theorem 2: one soft improvement lowers no Q(s, a)", arguments: RandomProcess.seeds)
    func theorem2(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let temperature = random.temperature()
        let process = random.process
        let bonus = { (row: [Double]) in
            temperature * row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
        }
        for _ in 0..<20 {
            let old = random.policy()
            let before = LinearOracle(process, old, bonus: bonus)
            let new = process.improvement(on: before.q, .soft(temperature: temperature))
            let after = LinearOracle(process, new, bonus: bonus)
            let loss = FiniteMDP.largestLoss(from: before.q, to: after.q)
            #expect(loss < 1e-10 * max(1, before.v.map(abs).max() ?? 0), "\(random): \(loss)")
        }
    }

    @Test(
        "α → 0: within α log|A| for one backup and 1/(1 - γ) times that for fixed points",
        arguments: RandomProcess.seeds
    )
    func cooling(seed: UInt64) throws {
        let random = try RandomProcess(seed: seed)
        let process = random.process
        let standard = try process.valueIteration(.rewards)
        var last = Double.infinity
        for temperature in [1, 0.1, 0.01, 0.001] {
            let soft = try process.valueIteration(.soft(temperature: temperature))
            let bound = temperature * log(Double(process.largestActionCount))
            var largest = 0.0
            for index in process.states.indices where !process.states[index].isTerminal {
                let q = standard.actions[index]
                let one = Shannon.maximum(q, temperature: temperature) - (q.max() ?? 0)
                #expect(one >= 0 && one <= temperature * log(Double(q.count)) + 1e-12, "\(random)")
                let error = soft.states[index] - standard.states[index]
                // Every action of an episodic process ends it with chance 0.15.
                let length = process.discount < 1 ? 1 / (1 - process.discount) : 1 / 0.15
                #expect(error >= -1e-10 && error <= bound * length + 1e-10, "\(random)")
                largest = max(largest, error)
            }
            #expect(largest <= last + 1e-10, "\(random)")
            last = largest
        }
        // Where one action is clearly best, the cold policy takes it.
        let cold = try process.valueIteration(.soft(temperature: 1e-4)).policy
        for (index, q) in standard.actions.enumerated() where q.count > 1 {
            let sorted = q.sorted(by: >)
            guard sorted[0] - sorted[1] > 0.01 else { continue }
            let best = q.firstIndex(of: sorted[0])!
            #expect(cold.rows[index][best] > 1 - 1e-9, "\(random)")
        }
    }

    @Test(
        "sparse: far actions are never taken, near ones shared, and α → 0 is greedy",
        arguments: RandomProcess.seeds
    )
    func sparse(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let process = random.process
        let temperature = random.temperature()
        let best = try process.valueIteration(.sparse(temperature: temperature))
        for (q, row) in zip(best.actions, best.policy.rows) where !q.isEmpty {
            let top = q.max() ?? 0
            for (value, chance) in zip(q, row) where top - value >= temperature {
                #expect(chance == 0, "\(random)")
            }
        }
        let bonus = { (row: [Double]) in temperature * (1 - row.reduce(0) { $0 + $1 * $1 }) / 2 }
        for _ in 0..<20 {
            let values = LinearOracle(process, random.policy(), bonus: bonus).v
            for (value, limit) in zip(values, best.states) {
                #expect(value <= limit + 1e-10 * max(1, abs(limit)), "\(random)")
            }
        }
        // Bound of Lee, Choi and Oh: within α (1 - 1/|A|) / 2 a step.
        let standard = try process.valueIteration(.rewards)
        let cold = try process.valueIteration(.sparse(temperature: 1e-4))
        let length = process.discount < 1 ? 1 / (1 - process.discount) : 1 / 0.15
        let actions = Double(process.largestActionCount)
        let bound = 1e-4 * (1 - 1 / actions) / 2 * length
        for (a, b) in zip(cold.states, standard.states) {
            #expect(a >= b - 1e-10 && a <= b + bound + 1e-10, "\(random)")
        }
        for (q, row) in zip(standard.actions, cold.policy.rows) where q.count > 1 {
            let sorted = q.sorted(by: >)
            guard sorted[0] - sorted[1] > 0.01 else { continue }
            // Exactly greedy, not nearly: sparsity is what this entropy is for.
            #expect(row[q.firstIndex(of: sorted[0])!] == 1, "\(random)")
        }
    }

    @Test("all checks hold on a right solution", arguments: RandomProcess.seeds)
    func checksPass(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let temperature = random.temperature()
        let process = random.process
        let objective = Objective.soft(temperature: temperature)
        let soft = try process.policyIteration(objective)
        let swept = try process.valueIteration(objective)
        let policies = (0..<10).map { _ in random.policy() }
        let checks = [
            process.contractionCheck("soft", objective, pairs: 10, using: &random.generator),
            process.sameFixedPointCheck("soft", soft, swept),
            process.theorem1EquationCheck(soft, temperature: temperature),
            process.theorem1OptimalityCheck(soft, temperature: temperature, policies),
            process.theorem2Check(policies, temperature: temperature),
            process.oneBackupLimitCheck(soft, temperature: temperature),
            try process.fixedPointLimitCheck(temperature: temperature),
        ]
        for check in checks { #expect(check.isPassed, "\(random): \(check)") }
    }

    @Test("every check fails on a wrong solution")
    func checksFail() throws {
        var random = try RandomProcess(seed: 14)
        let process = random.process
        let right = try process.policyIteration(.soft(temperature: 1))
        // Values that are too small by 0.01, and too large.
        func shifted(_ offset: Double) -> Solution {
            Solution(
                states: right.states.map { $0 + offset },
                actions: right.actions,
                policy: right.policy,
                rounds: 1,
                errorBound: 0
            )
        }
        #expect(!process.sameFixedPointCheck("soft", right, shifted(1e-6)).isPassed)
        #expect(!process.theorem1EquationCheck(shifted(0.01), temperature: 1).isPassed)
        let low = shifted(-100)
        let beaten = process.theorem1OptimalityCheck(low, temperature: 1, [random.policy()])
        #expect(!beaten.isPassed)
        // The wrong temperature's optimum is not this one's.
        let warm = try process.policyIteration(.soft(temperature: 1.1))
        #expect(!process.theorem1EquationCheck(warm, temperature: 1).isPassed)
        #expect(!TheoremCheck("", "", .nan, limit: 1).isPassed)
    }
}

@Suite("The deck's worked example")
struct WorkedExampleTests {
    @Test("Q_old(s0, ·) = (4.3, 3.3): 4.49 ≤ 4.61 in nats, 4.10 ≤ 4.28 with entropy in base 10")
    func deck() throws {
        let leaf = 2.3 - log(2)
        func pays(_ name: String) -> StateDescription {
            StateDescription(
                name,
                ["one", "two"].map { ActionDescription($0, reward: leaf, next: ["end": 1]) }
            )
        }
        let process = try FiniteMDP(
            [
                StateDescription(
                    "s0",
                    [
                        ActionDescription("left", reward: 2, next: ["s1": 1]),
                        ActionDescription("right", reward: 1, next: ["s2": 1]),
                    ]
                ), pays("s1"), pays("s2"), StateDescription("end"),
            ],
            discount: 1
        )
        let objective = Objective.soft(temperature: 1)
        let old = process.evaluate(.uniform(for: process.dynamics), objective)
        #expect(abs(old.actions[0][0] - 4.3) < 1e-12 && abs(old.actions[0][1] - 3.3) < 1e-12)
        let policy = process.improvement(on: old.actions, objective)
        let new = process.evaluate(policy, objective)
        #expect(String(format: "%.2f %.2f", old.states[0], new.states[0]) == "4.49 4.61")
        let q = old.actions[0]
        func base10(_ row: [Double]) -> Double {
            zip(row, q).reduce(0) { $0 + $1.0 * $1.1 } + Shannon.entropy(row) / log(10)
        }
        #expect(
            String(format: "%.2f %.2f", base10([0.5, 0.5]), base10(policy.rows[0])) == "4.10 4.28"
        )
    }
}
