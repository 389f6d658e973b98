/// A finite decision process that ends after a given number of steps.
///
/// What is best depends on the time that is left, so that values and policies have a step as well
/// as a state. `unrolled` is the same problem as a process without a limit, whose states are pairs
/// of step and state; every algorithm for `FiniteMDP` solves it.
public struct FiniteHorizonMDP: Sendable, Equatable {
    /// States, actions, probabilities, rewards.
    public let dynamics: MDPDynamics
    /// γ in 0...1.
    public let discount: Double
    /// Decisions to make, at least 1.
    public let horizon: Int

    /// Throws `badDiscount` or `badHorizon`.
    public init(
        _ dynamics: MDPDynamics,
        discount: Double,
        horizon: Int
    ) throws(MDPError) {
        guard (0...1).contains(discount) else { throw .badDiscount(discount) }
        guard horizon >= 1 else { throw .badHorizon(horizon) }
        self.dynamics = dynamics
        self.discount = discount
        self.horizon = horizon
    }

    /// The states in which something is decided.
    public var decisionStates: [Int] {
        dynamics.states.indices.filter { !dynamics.states[$0].isTerminal }
    }

    /// Where a decision state stands in `unrolled` at a step from 0.
    ///
    /// Traps for a terminal state.
    public func unrolledIndex(step: Int, state: Int) -> Int {
        guard let place = decisionStates.firstIndex(of: state) else {
            preconditionFailure("state \(state) is terminal")
        }
        return step * decisionStates.count + place
    }

    /// The same problem with a state for every step and state, called `state, step t`.
    ///
    /// One terminal state at the end takes what the original's terminal states and the end of time
    /// take. A policy given by state holds at every step.
    public func unrolled(
        _ policy: TabularPolicy? = nil
    ) throws(MDPError) -> (process: FiniteMDP, policy: TabularPolicy?) {
        let end = "the end"
        var states: [StateDescription] = []
        var rows: [[Double]] = []
        for step in 0..<horizon {
            for index in decisionStates {
                let state = dynamics.states[index]
                states.append(
                    StateDescription(
                        Self.name(state.name, step),
                        state.actions.map { action in
                            ActionDescription(
                                action.name,
                                reward: action.reward,
                                next: next(action, after: step, end: end)
                            )
                        }
                    )
                )
                if let policy { rows.append(policy.rows[index]) }
            }
        }
        states.append(StateDescription(end))
        rows.append([])
        let process = try FiniteMDP(states, discount: discount)
        return (process, policy.map { _ in TabularPolicy(rows: rows) })
    }

    private static func name(_ state: String, _ step: Int) -> String { "\(state), step \(step)" }

    private func next(
        _ action: MDPDynamics.Action,
        after step: Int,
        end: String
    ) -> [String: Double] {
        var next: [String: Double] = [:]
        for outcome in action.outcomes {
            let state = dynamics.states[outcome.state]
            let isOver = step == horizon - 1 || state.isTerminal
            let name = isOver ? end : Self.name(state.name, step + 1)
            next[name, default: 0] += outcome.probability
        }
        return next
    }
}
