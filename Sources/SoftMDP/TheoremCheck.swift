/// A claim of the theory, measured on one process: it holds if the number is within the limit.
public struct TheoremCheck: Sendable, Equatable {
    /// The claim.
    public let claim: String
    /// What the number is.
    public let measure: String
    /// The number.
    public let number: Double
    /// The most it may be.
    public let limit: Double
    /// Whether the claim held; a number that is not one does not hold.
    public var isPassed: Bool { number <= limit }

    init(_ claim: String, _ measure: String, _ number: Double, limit: Double) {
        self.claim = claim
        self.measure = measure
        self.number = number
        self.limit = limit
    }
}

extension FiniteMDP {
    /// What rounding may do to values of this size: 1e-10 of them, at least 1e-10.
    static func allowance(_ values: [Double]) -> Double {
        values.reduce(1) { max($0, abs($1)) } * 1e-10
    }

    /// Contraction: every backup brings any two value functions closer by the modulus.
    ///
    /// Tries pairs of random values with the optimality backup and with the evaluation backup of
    /// a random policy.
    public func contractionCheck(
        _ name: String,
        _ objective: Objective,
        pairs: Int,
        using generator: inout some RandomNumberGenerator
    ) -> TheoremCheck {
        var worst = 0.0
        for _ in 0..<pairs {
            let a = randomValues(using: &generator)
            let b = randomValues(using: &generator)
            let policy = TabularPolicy.random(for: dynamics, using: &generator)
            let before = distance(a, b)
            guard before > 0 else { continue }
            let best = distance(optimalityBackup(a, objective), optimalityBackup(b, objective))
            let followed = distance(
                evaluationBackup(a, under: policy, objective),
                evaluationBackup(b, under: policy, objective)
            )
            worst = max(worst, best / before, followed / before)
        }
        return TheoremCheck(
            "contraction: a \(name) backup brings any two value functions closer",
            "largest ratio of distances, \(pairs) random pairs",
            worst,
            limit: contractionModulus + 1e-12
        )
    }

    private func randomValues(using generator: inout some RandomNumberGenerator) -> [Double] {
        states.map { $0.isTerminal ? 0 : 20 * generator.uniform() - 10 }
    }

    /// Policy iteration and value iteration end at the same values.
    ///
    /// Within 1e-10 of the values' size, or within what both know of their own error where that is
    /// more: with a discount near 1, rounding stops value iteration earlier.
    public func sameFixedPointCheck(
        _ name: String,
        _ a: Solution,
        _ b: Solution
    ) -> TheoremCheck {
        TheoremCheck(
            "same fixed point: \(name) policy iteration and value iteration agree",
            "largest difference of V",
            largestDifference(a.states, b.states),
            limit: max(Self.allowance(a.states), a.errorBound + b.errorBound)
        )
    }

    /// Theorem 1, first half: V* = α log Σ exp(Q*/α), and π* ∝ exp(Q*/α) has that value.
    public func theorem1EquationCheck(_ solution: Solution, temperature: Double) -> TheoremCheck {
        let objective = Objective.soft(temperature: temperature)
        let best = bestValues(of: solution.actions, objective)
        let reached = evaluate(
            improvement(on: solution.actions, objective),
            objective
        )
        return TheoremCheck(
            "Theorem 1: V* = α log Σ exp(Q*/α), reached by π* ∝ exp(Q*/α)",
            "largest difference",
            max(
                largestDifference(best, solution.states),
                largestDifference(reached.states, solution.states)
            ),
            limit: Self.allowance(solution.states)
        )
    }

    /// Theorem 1, second half: no policy has a larger soft value at any state.
    public func theorem1OptimalityCheck(
        _ solution: Solution,
        temperature: Double,
        _ policies: [TabularPolicy]
    ) -> TheoremCheck {
        var worst = -Double.infinity
        for policy in policies {
            let values = evaluate(policy, .soft(temperature: temperature)).states
            for (index, state) in states.enumerated() where !state.isTerminal {
                worst = max(worst, values[index] - solution.states[index])
            }
        }
        return TheoremCheck(
            "Theorem 1: no policy has a larger soft value at any state",
            "largest excess of \(policies.count) random policies",
            worst,
            limit: Self.allowance(solution.states)
        )
    }

    /// Theorem 2: π_new ∝ exp(Q^old/α) has Q^new ≥ Q^old at every state and action.
    public func theorem2Check(
        _ olds: [TabularPolicy],
        temperature: Double
    ) -> TheoremCheck {
        let objective = Objective.soft(temperature: temperature)
        var worst = -Double.infinity
        var allowance = 1e-10
        for old in olds {
            let before = evaluate(old, objective)
            let after = evaluate(improvement(on: before.actions, objective), objective)
            worst = max(worst, Self.largestLoss(from: before.actions, to: after.actions))
            allowance = max(allowance, Self.allowance(before.states))
        }
        return TheoremCheck(
            "Theorem 2: one soft improvement lowers no Q(s, a)",
            "largest loss, start policy and \(olds.count - 1) random ones",
            worst,
            limit: allowance
        )
    }

    /// The largest fall of any action value.
    public static func largestLoss(from old: [[Double]], to new: [[Double]]) -> Double {
        var worst = -Double.infinity
        for (before, after) in zip(old, new) {
            for (a, b) in zip(before, after) { worst = max(worst, a - b) }
        }
        return worst
    }
}
