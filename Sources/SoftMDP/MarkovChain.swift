/// What is left of a decision process once a policy is fixed: one row of next states a state.
struct MarkovChain {
    /// Next states of every state; empty for a terminal state.
    var rows: [[MDPDynamics.Outcome]]
    var discount: Double

    /// The expected discounted sum of `rewards` from every state: (I - γP)⁻¹ r.
    ///
    /// Elimination without pivoting: I - γP is diagonally dominant by rows, where the elements
    /// grow to at most twice their size (Wilkinson 1961). Zeros below the diagonal are skipped, so
    /// that a process whose steps only lead to later states costs a square, not a cube.
    func total(of rewards: [Double]) -> [Double] {
        let count = rows.count
        var matrix = [Double](repeating: 0, count: count * count)
        for (row, outcomes) in rows.enumerated() {
            matrix[row * count + row] = 1
            for outcome in outcomes {
                matrix[row * count + outcome.state] -= discount * outcome.probability
            }
        }
        var right = rewards
        for pivot in 0..<count {
            for row in (pivot + 1)..<max(count, pivot + 1) where matrix[row * count + pivot] != 0 {
                let factor = matrix[row * count + pivot] / matrix[pivot * count + pivot]
                for column in pivot..<count where matrix[pivot * count + column] != 0 {
                    matrix[row * count + column] -= factor * matrix[pivot * count + column]
                }
                right[row] -= factor * right[pivot]
            }
        }
        for row in (0..<count).reversed() {
            var rest = right[row]
            for column in (row + 1)..<max(count, row + 1) {
                rest -= matrix[row * count + column] * right[column]
            }
            right[row] = rest / matrix[row * count + row]
        }
        return right
    }
}
