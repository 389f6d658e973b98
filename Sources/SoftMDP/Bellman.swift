// The backups: what one step of looking ahead makes of a value function.
extension FiniteMDP {
    /// Q(s, a) = r(s, a) + γ Σ p(s'|s, a) V(s'); an empty row for a terminal state.
    ///
    /// The same for every objective: what differs is how V comes from Q.
    public func actionValues(_ values: [Double]) -> [[Double]] {
        states.map { state in
            state.actions.map { $0.reward + discount * $0.expectation(of: values) }
        }
    }

    /// V(s) = Σ π(a|s) Q(s, a) + bonus(π(·|s)): the value of following a policy for one decision.
    public func values(
        of actionValues: [[Double]],
        under policy: TabularPolicy,
        _ objective: Objective
    ) -> [Double] {
        zip(actionValues, policy.rows).map { q, row in
            zip(q, row).reduce(objective.bonus(row)) { $0 + $1.0 * $1.1 }
        }
    }

    /// V(s) = the best value of one decision: max, log-sum-exp or sparsemax of Q(s, ·).
    public func bestValues(of actionValues: [[Double]], _ objective: Objective) -> [Double] {
        actionValues.map { $0.isEmpty ? 0 : objective.maximum($0) }
    }

    /// The evaluation backup T^π: one step of a policy before `values`.
    public func evaluationBackup(
        _ values: [Double],
        under policy: TabularPolicy,
        _ objective: Objective
    ) -> [Double] {
        self.values(of: actionValues(values), under: policy, objective)
    }

    /// The optimality backup T: the best step before `values`.
    public func optimalityBackup(_ values: [Double], _ objective: Objective) -> [Double] {
        bestValues(of: actionValues(values), objective)
    }

    /// How far two value functions are apart in the norm in which backups contract.
    public func distance(_ a: [Double], _ b: [Double]) -> Double {
        let weights = contractionWeights
        var largest = 0.0
        for index in a.indices { largest = max(largest, abs(a[index] - b[index]) / weights[index]) }
        return largest
    }
}

/// The largest difference of two value functions at any state.
public func largestDifference(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
