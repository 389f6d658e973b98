import Foundation
import SoftMDP
import Testing

@Suite("Entropy as a constraint over a finite horizon")
struct EntropyConstraintTests {
    static func problem(
        _ states: [StateDescription],
        horizon: Int,
        discount: Double = 1
    ) throws -> FiniteHorizonMDP {
        try FiniteHorizonMDP(try MDPDynamics(states), discount: discount, horizon: horizon)
    }

    static func entropy(_ row: [Double]) -> Double {
        row.reduce(0) { $1 > 0 ? $0 - $1 * log($1) : $0 }
    }

    /// What policies earn and how random they are, by following every path.
    static func rollOut(
        _ problem: FiniteHorizonMDP,
        _ policies: [[[Double]]],
        start: [Double]
    ) -> (reward: Double, entropies: [Double]) {
        var reward = 0.0
        var entropies: [Double] = []
        var chances = start
        for (step, rows) in policies.enumerated() {
            var next = [Double](repeating: 0, count: start.count)
            var running = 0.0
            var sum = 0.0
            for (index, state) in problem.dynamics.states.enumerated() where !state.isTerminal {
                running += chances[index]
                sum += chances[index] * entropy(rows[index])
                for (action, probability) in zip(state.actions, rows[index]) {
                    let share = chances[index] * probability
                    reward += pow(problem.discount, Double(step)) * share * action.reward
                    for outcome in action.outcomes {
                        next[outcome.state] += share * outcome.probability
                    }
                }
            }
            entropies.append(running > 0 ? sum / running : .infinity)
            chances = next
        }
        return (reward, entropies)
    }

    static let loop = [
        StateDescription(
            "s",
            [
                ActionDescription("good", reward: 1, next: ["s": 1]),
                ActionDescription("bad", reward: 0, next: ["s": 1]),
            ]
        )
    ]

    @Test("one state: α_t is where the entropy of the logistic function is H_0", arguments: [1, 3])
    func bandit(horizon: Int) throws {
        // H(p) = 0.5 nats solved for p by bisection here; then α = 1 / log(p / (1 - p)).
        var (low, high) = (0.5, 1.0)
        for _ in 0..<200 {
            let p = (low + high) / 2
            if Self.entropy([p, 1 - p]) > 0.5 { low = p } else { high = p }
        }
        let alpha = 1 / log(low / (1 - low))
        let solution = try Self.problem(Self.loop, horizon: horizon)
            .maximizeRewards(minimumEntropy: 0.5, start: [1])
        for step in 0..<horizon {
            #expect(abs(solution.temperatures[step] - alpha) < 1e-8)
            #expect(abs(solution.policies[step].rows[0][0] - low) < 1e-8)
        }
        #expect(abs(solution.reward - Double(horizon) * low) < 1e-8)
    }

    @Test("without a minimum, and where ties have entropy enough, entropy costs nothing")
    func free() throws {
        let greedy = try Self.problem(Self.loop, horizon: 2)
            .maximizeRewards(minimumEntropy: 0, start: [1])
        #expect(greedy.temperatures == [0, 0] && greedy.reward == 2)
        let ties = [
            StateDescription(
                "s",
                (0..<4).map { ActionDescription("a\($0)", reward: 1, next: ["s": 1]) }
            )
        ]
        let solution = try Self.problem(ties, horizon: 2)
            .maximizeRewards(minimumEntropy: 1, start: [1])
        #expect(solution.temperatures == [0, 0])
        #expect(abs((solution.entropies[0] ?? 0) - log(4)) < 1e-12)
    }

    @Test("more entropy than there is: which step, how much is possible")
    func outOfReach() throws {
        let problem = try Self.problem(Self.loop, horizon: 2)
        do {
            _ = try problem.maximizeRewards(minimumEntropy: 0.7, start: [1])
            Issue.record("0.7 nats of two actions")
        } catch {
            guard case .entropyOutOfReach(let step, let wanted, let possible) = error else {
                Issue.record("\(error)")
                return
            }
            #expect((0...1).contains(step) && wanted == 0.7)
            #expect(abs(possible - log(2)) < 1e-6)
        }
        // Exactly what there is can be had.
        let full = try problem.maximizeRewards(minimumEntropy: log(2), start: [1])
        #expect(abs(full.reward - 1) < 1e-6)
    }

    @Test("two steps against a fine grid over all policies")
    func grid() throws {
        let states = [
            StateDescription(
                "top",
                [
                    ActionDescription("l", reward: 0.5, next: ["left": 1]),
                    ActionDescription("r", reward: 0, next: ["right": 1]),
                ]
            ),
            StateDescription(
                "left",
                [
                    ActionDescription("x", reward: 1, next: ["end": 1]),
                    ActionDescription("y", reward: 0, next: ["end": 1]),
                ]
            ),
            StateDescription(
                "right",
                [
                    ActionDescription("x", reward: 1, next: ["end": 1]),
                    ActionDescription("y", reward: 0.8, next: ["end": 1]),
                ]
            ),
            StateDescription("end"),
        ]
        let problem = try Self.problem(states, horizon: 2)
        let minimum = 0.45
        let solution = try problem.maximizeRewards(minimumEntropy: minimum, start: [1, 0, 0, 0])
        var best = -Double.infinity
        let steps = 160
        for i in 0...steps {
            let p = Double(i) / Double(steps)
            guard Self.entropy([p, 1 - p]) >= minimum else { continue }
            for j in 0...steps {
                for k in 0...steps {
                    let (q, r) = (Double(j) / Double(steps), Double(k) / Double(steps))
                    let entropy =
                        p * Self.entropy([q, 1 - q]) + (1 - p) * Self.entropy([r, 1 - r])
                    guard entropy >= minimum else { continue }
                    best = max(best, p * (0.5 + q) + (1 - p) * (0.8 + 0.2 * r))
                }
            }
        }
        #expect(solution.reward >= best - 1e-9, "\(solution.reward), grid \(best)")
        #expect(solution.reward - best < 0.02, "\(solution.reward), grid \(best)")
        let rolled = Self.rollOut(problem, solution.policies.map(\.rows), start: [1, 0, 0, 0])
        #expect(abs(rolled.reward - solution.reward) < 1e-12)
        for (step, entropy) in rolled.entropies.enumerated() {
            #expect(entropy >= minimum - 1e-9)
            #expect(abs(entropy - (solution.entropies[step] ?? 0)) < 1e-12)
        }
    }

    @Test("a later step's constraint can decide an earlier tie")
    func tie() throws {
        // Entropy at step 1 is to be had in `many` only; how often to go there is decided at step
        // 0, whose own constraint does not bind. By hand: P(many) log 4 = 0.5, at a loss of 1 each.
        let many = (0..<4).map { ActionDescription("a\($0)", reward: 0, next: ["end": 1]) }
        let states = [
            StateDescription(
                "top",
                [
                    ActionDescription("poor", reward: 0, next: ["many": 1]),
                    ActionDescription("rich", reward: 1, next: ["one": 1]),
                ]
            ),
            StateDescription("many", many),
            StateDescription("one", [ActionDescription("go", reward: 0, next: ["end": 1])]),
            StateDescription("end"),
        ]
        let solution = try Self.problem(states, horizon: 2)
            .maximizeRewards(minimumEntropy: 0.5, start: [1, 0, 0, 0])
        let share = 0.5 / log(4)
        #expect(abs(solution.policies[0].rows[0][0] - share) < 1e-6)
        #expect(abs(solution.reward - (1 - share)) < 1e-6)
        #expect(solution.temperatures[0] < 1e-7)
        #expect(abs(solution.temperatures[1] - 1 / log(4)) < 1e-6)
        #expect(solution.gap >= -1e-9 && solution.gap < 1e-8)
    }

    @Test(
        "random problems: enough entropy, slackness, no gap, nobody earns more",
        arguments: RandomProcess.seeds
    )
    func random(seed: UInt64) throws {
        var random = try RandomProcess(seed: seed)
        // Two actions at least, so that 0.3 nats are always to be had.
        let states = random.process.states.map { state in
            StateDescription(
                state.name,
                (state.isTerminal ? [] : [0, 1, 2]).map { index in
                    ActionDescription(
                        "a\(index)",
                        reward: Double.random(in: -1...1, using: &random.generator),
                        next: Dictionary(
                            uniqueKeysWithValues: state.actions[index % state.actions.count]
                                .outcomes.map {
                                    (random.process.states[$0.state].name, $0.probability)
                                }
                        )
                    )
                }
            )
        }
        let horizon = 4
        let minimum = 0.3
        let problem = try Self.problem(
            states,
            horizon: horizon,
            discount: seed % 2 == 0 ? 1 : 0.9
        )
        var start = [Double](repeating: 0, count: states.count)
        start[0] = 0.75
        start[1] += 0.25
        let solution = try problem.maximizeRewards(minimumEntropy: minimum, start: start)
        let rolled = Self.rollOut(problem, solution.policies.map(\.rows), start: start)
        #expect(abs(rolled.reward - solution.reward) < 1e-12, "\(random)")
        for (entropy, temperature) in zip(rolled.entropies, solution.temperatures) {
            #expect(entropy >= minimum - 1e-9, "\(random)")
            #expect(temperature >= 0)
            #expect(temperature * (entropy - minimum) < 1e-8, "\(random): slackness")
        }
        #expect(abs(solution.gap) < 1e-8, "\(random): gap \(solution.gap)")
        // Weak duality against strangers: policies with that much entropy earn no more.
        for _ in 0..<50 {
            let strangers = (0..<horizon).map { _ in
                TabularPolicy.random(for: problem.dynamics, using: &random.generator).rows
            }
            let other = Self.rollOut(problem, strangers, start: start)
            guard other.entropies.allSatisfy({ $0 >= minimum }) else { continue }
            #expect(other.reward <= solution.bound + 1e-9, "\(random)")
        }
    }

    @Test("for fixed temperatures the backward pass is the unrolled process's soft solution")
    func unrolled() throws {
        // All steps bind alike in a loop, so that the constrained and the soft problem share α.
        let problem = try Self.problem(Self.loop, horizon: 3)
        let constrained = try problem.maximizeRewards(minimumEntropy: 0.5, start: [1])
        let process = try problem.unrolled().process
        let soft = try process.valueIteration(.soft(temperature: constrained.temperatures[0]))
        for step in 0..<3 {
            let row = soft.policy.rows[problem.unrolledIndex(step: step, state: 0)]
            #expect(abs(row[0] - constrained.policies[step].rows[0][0]) < 1e-8)
        }
    }
}
