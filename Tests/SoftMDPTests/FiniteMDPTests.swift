import Foundation
import SoftMDP
import Testing

@Suite("A finite decision process")
struct FiniteMDPTests {
    static func chain(stay: Double) -> [StateDescription] {
        [
            StateDescription(
                "on",
                [ActionDescription("go", reward: 1, next: ["on": stay, "end": 1 - stay])]
            ),
            StateDescription("end"),
        ]
    }

    @Test("what cannot be a process is refused, by name and value")
    func mistakes() throws {
        let go = ActionDescription("go", reward: 1, next: ["a": 1])
        #expect(throws: MDPError.nothingToDecide) { try MDPDynamics([StateDescription("a")]) }
        #expect(throws: MDPError.nothingToDecide) { try MDPDynamics([]) }
        #expect(throws: MDPError.duplicateState("a")) {
            try MDPDynamics([StateDescription("a", [go]), StateDescription("a")])
        }
        #expect(throws: MDPError.duplicateAction(state: "a", action: "go")) {
            try MDPDynamics([StateDescription("a", [go, go])])
        }
        #expect(throws: MDPError.unknownState("b", state: "a", action: "go")) {
            let lost = ActionDescription("go", reward: 1, next: ["b": 1])
            _ = try MDPDynamics([StateDescription("a", [lost])])
        }
        #expect(throws: MDPError.badReward(.infinity, state: "a", action: "go")) {
            let rich = ActionDescription("go", reward: .infinity, next: ["a": 1])
            _ = try MDPDynamics([StateDescription("a", [rich])])
        }
        #expect(throws: MDPError.badProbability(-0.5, of: "a", state: "a", action: "go")) {
            let odd = ActionDescription("go", reward: 1, next: ["a": -0.5, "b": 1.5])
            _ = try MDPDynamics([StateDescription("a", [odd]), StateDescription("b")])
        }
        #expect(throws: MDPError.badDiscount(1.5)) {
            try FiniteMDP([StateDescription("a", [go])], discount: 1.5)
        }
        #expect(throws: MDPError.self) {
            try FiniteMDP([StateDescription("a", [go])], discount: .nan)
        }
    }

    @Test(
        "probabilities may miss 1 by 1e-9 and no more",
        arguments: [(1e-10, true), (9e-10, true), (2e-9, false), (-2e-9, false), (-9e-10, true)]
    )
    func sums(error: Double, isAllowed: Bool) {
        let action = ActionDescription("go", reward: 0, next: ["a": 0.5 + error, "b": 0.5])
        let dynamics = try? MDPDynamics([StateDescription("a", [action]), StateDescription("b")])
        #expect((dynamics != nil) == isAllowed)
        if let dynamics {
            let sum = dynamics.states[0].actions[0].outcomes.reduce(0) { $0 + $1.probability }
            #expect(abs(sum - 1) <= 1e-15)
        }
    }

    @Test("with discount 1 every policy has to end, and the states that can be stayed in are named")
    func endless() throws {
        // `b` and `c` can be walked round for ever, `a` cannot be.
        let states = [
            StateDescription(
                "a",
                [ActionDescription("go", reward: 0, next: ["b": 0.5, "end": 0.5])]
            ),
            StateDescription(
                "b",
                [
                    ActionDescription("out", reward: 0, next: ["end": 1]),
                    ActionDescription("round", reward: 0, next: ["c": 1]),
                ]
            ),
            StateDescription("c", [ActionDescription("back", reward: 0, next: ["b": 1])]),
            StateDescription("end"),
        ]
        #expect(throws: MDPError.neverEnds(states: ["b", "c"])) {
            try FiniteMDP(states, discount: 1)
        }
        #expect(throws: Never.self) { try FiniteMDP(states, discount: 0.999) }
        #expect(throws: Never.self) {
            let dynamics = try MDPDynamics(states)
            _ = try FiniteHorizonMDP(dynamics, discount: 1, horizon: 3).unrolled()
        }
    }

    @Test("the longest expected length is that of a geometric series")
    func lengths() throws {
        // Leaves with chance 1/4 at every step: 4 steps; discounted 1/(1 - 0.75 γ).
        let free = try FiniteMDP(Self.chain(stay: 0.75), discount: 1)
        #expect(abs(free.longestLength - 4) < 1e-12)
        #expect(abs(free.contractionModulus - 0.75) < 1e-12)
        let discounted = try FiniteMDP(Self.chain(stay: 0.75), discount: 0.8)
        #expect(abs(discounted.longestLength - 1 / (1 - 0.6)) < 1e-12)
        #expect(discounted.contractionModulus == 0.8)
    }

    @Test(
        "the longest length is the largest of all deterministic policies",
        arguments: RandomProcess.seeds
    )
    func longest(seed: UInt64) throws {
        let random = try RandomProcess(seed: seed)
        let process = random.process
        // One unit of bonus a decision and no rewards counts the steps.
        let unit = try FiniteMDP(
            process.states.map { state in
                StateDescription(
                    state.name,
                    state.actions.map { action in
                        ActionDescription(
                            action.name,
                            reward: 1,
                            next: Dictionary(
                                uniqueKeysWithValues: action.outcomes.map {
                                    (process.states[$0.state].name, $0.probability)
                                }
                            )
                        )
                    }
                )
            },
            discount: process.discount
        )
        var longest = [Double](repeating: 0, count: process.states.count)
        for policy in unit.deterministicPolicies {
            let oracle = LinearOracle(unit, policy) { _ in 0 }
            longest = zip(longest, oracle.v).map(max)
        }
        let error = largestDifference(longest, process.longestLengths)
        #expect(error < 1e-9, "\(random): \(error)")
    }

    @Test("a policy has one probability an action, in every state")
    func policies() throws {
        let process = try FiniteMDP(Self.chain(stay: 0.5), discount: 1)
        #expect(throws: MDPError.badPolicySize(states: 2, rows: 1)) {
            try TabularPolicy([[1]], for: process.dynamics)
        }
        #expect(throws: MDPError.badPolicy(state: "on", row: [0.9])) {
            try TabularPolicy([[0.9], []], for: process.dynamics)
        }
        #expect(throws: MDPError.badPolicy(state: "on", row: [0.5, 0.5])) {
            try TabularPolicy([[0.5, 0.5], []], for: process.dynamics)
        }
        #expect(try TabularPolicy([[1], []], for: process.dynamics).rows == [[1], []])
    }

    @Test("a horizon has steps; unrolled, a reward of 1 a step sums to the discounted count")
    func horizons() throws {
        let loop = ActionDescription("go", reward: 1, next: ["a": 1])
        let dynamics = try MDPDynamics([StateDescription("a", [loop])])
        #expect(throws: MDPError.badHorizon(0)) {
            try FiniteHorizonMDP(dynamics, discount: 1, horizon: 0)
        }
        for discount in [1, 0.5] {
            let problem = try FiniteHorizonMDP(dynamics, discount: discount, horizon: 5)
            let process = try problem.unrolled().process
            let values = try process.valueIteration(.rewards).states
            for step in 0..<5 {
                let left = (0..<(5 - step)).reduce(0.0) { $0 + pow(discount, Double($1)) }
                #expect(abs(values[problem.unrolledIndex(step: step, state: 0)] - left) < 1e-12)
            }
        }
    }

    @Test("every error names the thing, the value and the remedy")
    func words() {
        let cases: [(MDPError, [String])] = [
            (.badSum(0.9, state: "s", action: "a"), ["`a` in `s`", "0.9", "sum to 1"]),
            (.neverEnds(states: ["b", "c"]), ["b, c", "discount below 1", "horizon"]),
            (.badHorizon(0), ["0 steps", "at least 1"]),
            (.badSteps(offset: 1, exponent: 0.4), ["0.4", "above 0.5"]),
            (.notConverged(rounds: 7, errorBound: 0.5), ["7 rounds", "0.5", "smaller discount"]),
            (
                .entropyOutOfReach(step: 2, wanted: 1, possible: 0.5),
                ["1.0 nats", "step 2", "0.5"]
            ),
        ]
        for (error, words) in cases {
            for word in words { #expect(error.description.contains(word), "\(error)") }
        }
    }
}
