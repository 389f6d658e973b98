extension FiniteMDP {
    /// Sweeps after which value iteration gives up.
    public static let maximumSweeps = 2_000_000

    /// Value iteration: the optimality backup again and again, from 0 if nothing else is given.
    ///
    /// For the soft problem V ← α log Σ exp((r + γ p V) / α). Stops once the fixed point is within
    /// `tolerance` or rounding hides the rest; `errorBound` says what is known. Throws
    /// `notConverged` after `maximumSweeps`.
    public func valueIteration(
        _ objective: Objective,
        from start: [Double]? = nil,
        tolerance: Double = 1e-12
    ) throws(MDPError) -> Solution {
        var values = start ?? [Double](repeating: 0, count: states.count)
        var residual = Double.infinity
        for round in 1...Self.maximumSweeps {
            let next = optimalityBackup(values, objective)
            residual = largestDifference(next, values)
            values = next
            if isSettled(residual, values, tolerance) {
                // One sweep further on, the residual is no larger.
                return solution(values, objective, rounds: round, residual: residual)
            }
        }
        throw .notConverged(rounds: Self.maximumSweeps, errorBound: residual * longestLength)
    }
}
