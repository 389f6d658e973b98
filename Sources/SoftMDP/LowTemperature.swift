// The soft problem as its temperature goes to 0: it becomes the standard one, at a known rate.
extension FiniteMDP {
    /// Temperatures at which the limit is measured, as shares of the problem's own.
    public static let coolingShares = [1, 0.1, 0.01, 0.001]

    /// One backup: 0 ≤ α log Σ exp(Q/α) - max Q ≤ α log |A|, at every state.
    public func oneBackupLimitCheck(_ solution: Solution, temperature: Double) -> TheoremCheck {
        var worst = 0.0
        for share in Self.coolingShares {
            let objective = Objective.soft(temperature: temperature * share)
            for q in solution.actions where !q.isEmpty {
                let error = objective.maximum(q) - Objective.rewards.maximum(q)
                let bound = objective.largestBonus(actionCount: q.count)
                worst = max(worst, abs(error) / (bound + Self.allowance(q) * 1e-2))
            }
        }
        return TheoremCheck(
            "α → 0, one backup: log-sum-exp exceeds max by at most α log|A|",
            "largest share of the bound, α \(coolingText(temperature))",
            worst,
            limit: 1 + 1e-9
        )
    }

    /// Fixed points: 0 ≤ V*_soft - V* ≤ α log|A| ξ, where ξ = 1/(1 - γ) or the longest episode.
    ///
    /// Throws `notConverged` if a problem cannot be solved.
    public func fixedPointLimitCheck(temperature: Double) throws(MDPError) -> TheoremCheck {
        let standard = try policyIteration(.rewards)
        var worst = 0.0
        for share in Self.coolingShares {
            let objective = Objective.soft(temperature: temperature * share)
            let soft = try policyIteration(objective)
            let bonus = objective.largestBonus(actionCount: largestActionCount)
            for index in states.indices where !states[index].isTerminal {
                let bound =
                    bonus * (discount < 1 ? 1 / (1 - discount) : longestLengths[index])
                let error = abs(soft.states[index] - standard.states[index])
                worst = max(worst, error / (bound + Self.allowance(standard.states)))
            }
        }
        let length = discount < 1 ? "1/(1 - γ)" : "the longest episode"
        return TheoremCheck(
            "α → 0, fixed points: V*soft is within α log|A| times \(length) of V*",
            "largest share of the bound, α \(coolingText(temperature))",
            worst,
            limit: 1 + 1e-9
        )
    }

    private func coolingText(_ temperature: Double) -> String {
        let last = Self.coolingShares.last ?? 1
        return "from \(temperature) to \(temperature * last)"
    }
}
