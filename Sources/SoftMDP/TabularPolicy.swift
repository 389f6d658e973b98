import Glibc

/// A policy as a table: π(a|s) for every state and action.
public struct TabularPolicy: Sendable, Equatable {
    /// One row a state, one probability an action; empty rows for terminal states.
    public let rows: [[Double]]

    /// A table that is known to be right.
    init(rows: [[Double]]) { self.rows = rows }

    /// A table for a process; throws `badPolicySize` or `badPolicy`.
    ///
    /// Rows that sum to 1 within 1e-9 are scaled to do so exactly.
    public init(_ rows: [[Double]], for dynamics: MDPDynamics) throws(MDPError) {
        guard rows.count == dynamics.states.count else {
            throw .badPolicySize(states: dynamics.states.count, rows: rows.count)
        }
        var checked: [[Double]] = []
        for (row, state) in zip(rows, dynamics.states) {
            let sum = row.reduce(0, +)
            let isSound =
                row.count == state.actions.count
                && row.allSatisfy { (0...1).contains($0) }
                && (row.isEmpty || abs(sum - 1) <= MDPDynamics.sumTolerance)
            guard isSound else { throw .badPolicy(state: state.name, row: row) }
            checked.append(row.map { $0 / sum })
        }
        self.rows = checked
    }

    /// Every action equally likely.
    public static func uniform(for dynamics: MDPDynamics) -> TabularPolicy {
        TabularPolicy(
            rows: dynamics.states.map { state in
                state.actions.map { _ in 1 / Double(state.actions.count) }
            }
        )
    }

    /// One action a state, given by index; the index of a terminal state is not looked at.
    ///
    /// Traps if an index is out of range.
    public static func deterministic(
        _ choices: [Int],
        for dynamics: MDPDynamics
    ) -> TabularPolicy {
        TabularPolicy(
            rows: zip(dynamics.states, choices).map { state, choice in
                precondition(state.isTerminal || state.actions.indices.contains(choice))
                return state.actions.indices.map { $0 == choice ? 1 : 0 }
            }
        )
    }

    /// Every distribution equally likely, in every state by itself (Dirichlet with ones).
    public static func random(
        for dynamics: MDPDynamics,
        using generator: inout some RandomNumberGenerator
    ) -> TabularPolicy {
        TabularPolicy(
            rows: dynamics.states.map { state in
                let weights = state.actions.map { _ in -log(1 - generator.uniform()) + 0x1p-60 }
                let sum = weights.reduce(0, +)
                return weights.map { $0 / sum }
            }
        )
    }
}
