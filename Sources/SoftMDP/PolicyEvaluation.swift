/// V and Q of one policy under one objective.
public struct PolicyValues: Sendable, Equatable {
    /// V^π(s), 0 at terminal states.
    public let states: [Double]
    /// Q^π(s, a); an empty row for a terminal state.
    public let actions: [[Double]]
}

extension FiniteMDP {
    /// Policy evaluation: V^π and Q^π, standard, soft or sparse.
    ///
    /// With the entropy as part of the reward this is a linear system, solved directly: the fixed
    /// point of `evaluationBackup` without the wait for it.
    public func evaluate(_ policy: TabularPolicy, _ objective: Objective) -> PolicyValues {
        var rewards = [Double](repeating: 0, count: states.count)
        var rows = [[MDPDynamics.Outcome]](repeating: [], count: states.count)
        for (index, state) in states.enumerated() where !state.isTerminal {
            let row = policy.rows[index]
            rewards[index] = objective.bonus(row)
            for (action, probability) in zip(state.actions, row) where probability > 0 {
                rewards[index] += probability * action.reward
                rows[index] += action.outcomes.map {
                    MDPDynamics.Outcome(
                        state: $0.state,
                        probability: probability * $0.probability
                    )
                }
            }
        }
        let values = MarkovChain(rows: rows, discount: discount).total(of: rewards)
        return PolicyValues(states: values, actions: actionValues(values))
    }
}
