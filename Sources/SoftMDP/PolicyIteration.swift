/// A solved problem: optimal values and a policy that reaches them.
public struct Solution: Sendable, Equatable {
    /// V*(s).
    public let states: [Double]
    /// Q*(s, a); an empty row for a terminal state.
    public let actions: [[Double]]
    /// The policy that is best for Q*.
    public let policy: TabularPolicy
    /// How many improvements or sweeps it took.
    public let rounds: Int
    /// No value is further than this from the optimum, rounding apart.
    ///
    /// One backup moves the values by at most δ; then the fixed point is at most ξ δ away.
    public let errorBound: Double
}

extension FiniteMDP {
    /// Improvements after which policy iteration gives up; a handful is usual.
    public static let maximumImprovements = 10_000

    /// Policy improvement: in every state the distribution that is best for Q.
    ///
    /// Greedy for rewards alone; exp((Q - V) / α) for the soft problem (the deck's Theorem 2);
    /// sparsemax for the sparse one.
    public func improvement(
        on actionValues: [[Double]],
        _ objective: Objective
    ) -> TabularPolicy {
        TabularPolicy(rows: actionValues.map(objective.maximizer))
    }

    /// Policy iteration: evaluation and improvement in turn until nothing improves.
    ///
    /// Starts from the uniform policy if none is given. The values rise from round to round.
    /// Throws `notConverged` after `maximumImprovements`.
    public func policyIteration(
        _ objective: Objective,
        from start: TabularPolicy? = nil,
        tolerance: Double = 1e-12
    ) throws(MDPError) -> Solution {
        var policy = start ?? .uniform(for: dynamics)
        var residual = Double.infinity
        for round in 1...Self.maximumImprovements {
            let values = evaluate(policy, objective)
            let best = bestValues(of: values.actions, objective)
            residual = largestDifference(best, values.states)
            policy = improvement(on: values.actions, objective)
            if isSettled(residual, values.states, tolerance) {
                return solution(values.states, objective, rounds: round, residual: residual)
            }
        }
        throw .notConverged(
            rounds: Self.maximumImprovements,
            errorBound: residual * longestLength
        )
    }

    /// Whether a backup changes so little that the fixed point is within the tolerance, or no more
    /// than rounding changes it anyway.
    func isSettled(_ residual: Double, _ values: [Double], _ tolerance: Double) -> Bool {
        let largest = values.reduce(1) { max($0, abs($1)) }
        return residual * longestLength <= tolerance || residual <= 16 * largest.ulp
    }

    /// What is known once `values` are settled.
    func solution(
        _ values: [Double],
        _ objective: Objective,
        rounds: Int,
        residual: Double
    ) -> Solution {
        let actions = actionValues(values)
        return Solution(
            states: values,
            actions: actions,
            policy: improvement(on: actions, objective),
            rounds: rounds,
            errorBound: residual * longestLength
        )
    }
}
