/// A finite Markov decision process without a time limit: dynamics and a discount that fit.
///
/// Well posed by construction: with discount 1 every policy ends, so that every value is finite
/// and every backup contracts (Bertsekas and Tsitsiklis, Neuro-Dynamic Programming, section 2.2).
public struct FiniteMDP: Sendable, Equatable {
    /// States, actions, probabilities, rewards.
    public let dynamics: MDPDynamics
    /// γ in 0...1.
    public let discount: Double
    /// The largest expected discounted number of steps from each state, over all policies; ξ.
    ///
    /// At most 1 / (1 - γ). An error of one backup grows to at most ξ times that error in the
    /// fixed point; with discount 1 this takes the place of 1 / (1 - γ) in every bound.
    public let longestLengths: [Double]

    /// Throws `badDiscount`, or `neverEnds` if the discount is 1 and some policy goes on for ever.
    public init(_ dynamics: MDPDynamics, discount: Double) throws(MDPError) {
        guard (0...1).contains(discount) else { throw .badDiscount(discount) }
        if discount == 1 {
            let trap = dynamics.trap
            guard trap.isEmpty else {
                throw .neverEnds(states: trap.map { dynamics.states[$0].name })
            }
        }
        self.dynamics = dynamics
        self.discount = discount
        longestLengths = Self.longestLengths(dynamics, discount)
    }

    /// Describes and checks in one go.
    public init(_ states: [StateDescription], discount: Double) throws(MDPError) {
        try self.init(MDPDynamics(states), discount: discount)
    }

    /// All states.
    public var states: [MDPDynamics.State] { dynamics.states }

    /// The longest of `longestLengths`.
    public var longestLength: Double { longestLengths.max() ?? 0 }

    /// The factor by which every backup brings two value functions closer; below 1.
    ///
    /// In the sup norm for a discount below 1; with discount 1 in the sup norm weighted by
    /// `contractionWeights`.
    public var contractionModulus: Double {
        discount < 1 ? discount : 1 - 1 / longestLength
    }

    /// The weights of the norm in which backups contract: 1, or ξ where the discount is 1.
    public var contractionWeights: [Double] {
        discount < 1
            ? Array(repeating: 1, count: states.count)
            : longestLengths.map { max($0, 1) }
    }

    /// The most actions any state has.
    public var largestActionCount: Int { states.map(\.actions.count).max() ?? 0 }

    /// Policy iteration for one unit of reward a step.
    private static func longestLengths(_ dynamics: MDPDynamics, _ discount: Double) -> [Double] {
        let states = dynamics.states
        var choices = states.map { _ in 0 }
        var lengths: [Double] = []
        for _ in 0..<maximumImprovements {
            let chain = MarkovChain(
                rows: states.indices.map { index in
                    states[index].isTerminal ? [] : states[index].actions[choices[index]].outcomes
                },
                discount: discount
            )
            lengths = chain.total(of: states.map { $0.isTerminal ? 0 : 1 })
            var hasChanged = false
            for (index, state) in states.enumerated() {
                for (choice, action) in state.actions.enumerated() {
                    let length = 1 + discount * action.expectation(of: lengths)
                    // A gain of rounding size is none; without this, ties could alternate for ever.
                    let known =
                        1 + discount
                        * state.actions[choices[index]].expectation(of: lengths)
                    if length > known * (1 + 1e-12) {
                        choices[index] = choice
                        hasChanged = true
                    }
                }
            }
            if !hasChanged { break }
        }
        return lengths
    }
}

extension MDPDynamics.Action {
    /// Σ p(s'|s, a) V(s').
    func expectation(of values: [Double]) -> Double {
        var sum = 0.0
        for outcome in outcomes { sum += outcome.probability * values[outcome.state] }
        return sum
    }
}
