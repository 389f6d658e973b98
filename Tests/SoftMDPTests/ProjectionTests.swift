import Foundation
import SoftMDP
import Testing

@Suite("Improvement inside a restricted set of policies")
struct ProjectionTests {
    /// KL(softmax(z) ‖ softmax(target)) from the definitions.
    static func divergence(_ z: [Double], _ target: [Double]) -> Double {
        func logs(_ logits: [Double]) -> [Double] {
            let sum = log(logits.reduce(0) { $0 + exp($1) })
            return logits.map { $0 - sum }
        }
        return zip(logs(z), logs(target)).reduce(0) { $0 + exp($1.0) * ($1.0 - $1.1) }
    }

    @Test("two actions: the gap is cut to 2B")
    func twoActions() {
        let set = BoundedLogits(bound: 0.5)
        let policy = set.projection(ofPolicyOf: [6, 0], temperature: 2)
        #expect(abs(policy[0] - 1 / (1 + exp(-1))) < 1e-14)
        // Inside the set nothing is changed.
        let free = set.projection(ofPolicyOf: [1.9, 0], temperature: 2)
        #expect(abs(free[0] - 1 / (1 + exp(-0.95))) < 1e-14)
    }

    @Test("no logits in the box are nearer, on a grid", arguments: 1...30)
    func grid(seed: Int) {
        var generator = SeededGenerator(seed: UInt64(seed))
        let bound = Double.random(in: 0.2...1.5, using: &generator)
        let q = (0..<3).map { _ in Double.random(in: -4...4, using: &generator) }
        let policy = BoundedLogits(bound: bound).projection(ofPolicyOf: q, temperature: 1)
        #expect(BoundedLogits(bound: bound).contains(policy), "seed \(seed)")
        let reached = Self.divergence(policy.map { log($0) }, q)
        var nearest = Double.infinity
        let steps = 40
        for i in 0...steps {
            for j in 0...steps {
                for k in 0...steps {
                    let z = [i, j, k].map { bound * (2 * Double($0) / Double(steps) - 1) }
                    nearest = min(nearest, Self.divergence(z, q))
                }
            }
        }
        #expect(reached <= nearest + 1e-12, "seed \(seed): \(reached), grid \(nearest)")
        #expect(nearest - reached < 0.02, "seed \(seed): \(reached), grid \(nearest)")
    }

    @Test("logits of ±1e4 and sets as wide as that")
    func large() {
        let narrow = BoundedLogits(bound: 1).projection(ofPolicyOf: [1e4, -1e4], temperature: 1)
        #expect(abs(narrow[0] - 1 / (1 + exp(-2))) < 1e-14)
        let wide = BoundedLogits(bound: 5000).projection(ofPolicyOf: [1e4, -1e4], temperature: 1)
        #expect(wide == [1, 0])
    }

    @Test(
        "per state restricted: Q of the new policy is nowhere lower",
        arguments: RandomProcess.seeds
    )
    func monotone(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        let process = random.process
        let temperature = 0.3
        let bonus = { (row: [Double]) in
            temperature * row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
        }
        let set = BoundedLogits(bound: Double.random(in: 0.1...1, using: &random.generator))
        // Any member of the set to begin with: softmax of logits drawn from the box.
        let rows = process.states.map { state in
            Shannon.maximizer(
                state.actions.map { _ in
                    Double.random(in: -set.bound...set.bound, using: &random.generator)
                },
                temperature: 1
            )
        }
        var policy = try TabularPolicy(rows, for: process.dynamics)
        var changed = 0.0
        for _ in 0..<6 {
            let old = LinearOracle(process, policy, bonus: bonus)
            let next = process.projectedImprovement(on: old.q, onto: set, temperature: temperature)
            #expect(next.rows.allSatisfy(set.contains), "\(random)")
            let new = LinearOracle(process, next, bonus: bonus)
            let loss = FiniteMDP.largestLoss(from: old.q, to: new.q)
            #expect(loss < 1e-10, "\(random): \(loss)")
            changed = max(changed, difference(policy.rows, next.rows))
            policy = next
        }
        let isFree = process.states.allSatisfy { $0.actions.count <= 1 }
        #expect(isFree || changed > 1e-6, "\(random): nothing was improved")
    }

    @Test("features shared by two states: one gains, the other loses, and Theorem 2 fails")
    func counterexample() throws {
        // `a` wants x by 10, `b` wants y by 1; with one policy for both, b has to follow a.
        let process = try FiniteMDP(
            [
                StateDescription("in", [ActionDescription("go", reward: 0, next: ["b": 1])]),
                StateDescription(
                    "a",
                    [
                        ActionDescription("x", reward: 10, next: ["end": 1]),
                        ActionDescription("y", reward: 0, next: ["end": 1]),
                    ]
                ),
                StateDescription(
                    "b",
                    [
                        ActionDescription("x", reward: 0, next: ["end": 1]),
                        ActionDescription("y", reward: 1, next: ["end": 1]),
                    ]
                ),
                StateDescription("end"),
            ],
            discount: 1
        )
        let objective = Objective.soft(temperature: 1)
        let old = process.evaluate(.uniform(for: process.dynamics), objective)
        let shared = process.sharedImprovement(
            on: old.actions,
            groups: [[1, 2]],
            weights: [1, 1, 1, 1],
            temperature: 1
        )
        // The shared minimum: softmax of the mean logits (5, 0.5).
        let p = 1 / (1 + exp(-4.5))
        #expect(abs(shared.rows[1][0] - p) < 1e-14 && shared.rows[1] == shared.rows[2])
        let new = process.evaluate(shared, objective)
        // By hand: before, b is worth ½ + log 2; after, (1 - p) + H(p).
        let entropy = -p * log(p) - (1 - p) * log(1 - p)
        #expect(abs(old.actions[0][0] - (0.5 + log(2))) < 1e-14)
        #expect(abs(new.actions[0][0] - (1 - p + entropy)) < 1e-14)
        let loss = FiniteMDP.largestLoss(from: old.actions, to: new.actions)
        #expect(loss > 1)
        // It is the sharing: the same start improves everywhere if each state is on its own.
        let free = process.improvement(on: old.actions, objective)
        let gain = FiniteMDP.largestLoss(
            from: old.actions,
            to: process.evaluate(free, objective).actions
        )
        #expect(gain <= 1e-12)
        // And the shared policy is the best shared one: nothing near it has a smaller mean KL.
        func mean(_ chance: Double) -> Double {
            [1, 2].reduce(0) {
                $0
                    + Shannon.divergence(
                        [chance, 1 - chance],
                        fromPolicyOf: old.actions[$1],
                        temperature: 1
                    )
            }
        }
        for step in 1..<1000 { #expect(mean(Double(step) / 1000) >= mean(p) - 1e-12) }
    }
}
