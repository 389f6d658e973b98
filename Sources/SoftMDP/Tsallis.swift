/// One decision under Tsallis entropy of index 2, W(π) = ½ (1 - Σ π²): the sparse formulas.
///
/// Lee, Choi and Oh, Sparse Markov Decision Processes With Causal Sparse Tsallis Entropy
/// Regularization (2018); sparsemax is from Martins and Astudillo (2016). An action whose value is
/// too far below the best one is never taken, where a soft policy still takes it now and then.
public enum Tsallis {
    /// W(π) = ½ (1 - Σ π²), between 0 and ½ (1 - 1/|A|).
    public static func entropy(_ probabilities: [Double]) -> Double {
        var left = 0.0
        // Σ π (1 - π) is exact near certainty, where 1 - Σ π² would cancel.
        for probability in probabilities { left += probability * (1 - probability) }
        return left / 2
    }

    /// V for any policy: Σ π q + α W(π).
    public static func expectation(
        _ q: [Double],
        under probabilities: [Double],
        temperature: Double
    ) -> Double {
        var sum = 0.0
        for (value, probability) in zip(q, probabilities) { sum += value * probability }
        return sum + temperature * entropy(probabilities)
    }

    /// V of the best policy: the sparse counterpart of log-sum-exp.
    public static func maximum(_ q: [Double], temperature: Double) -> Double {
        guard let best = q.max() else { return 0 }
        guard temperature > 0 else { return best }
        // Relative to the largest value, so that nothing large is squared.
        let policy = maximizer(q, temperature: temperature)
        let gaps = q.map { $0 - best }
        // An action that is not taken may be infinitely far below; zero times that is zero.
        let gain = zip(gaps, policy).reduce(0) { $1.1 > 0 ? $0 + $1.0 * $1.1 : $0 }
        return best + gain + temperature * entropy(policy)
    }

    /// The best policy, sparsemax: (q / α - τ) where that is above 0, with the τ that makes the sum 1.
    ///
    /// At temperature 0 all largest actions share equally.
    public static func maximizer(_ q: [Double], temperature: Double) -> [Double] {
        guard let best = q.max() else { return [] }
        guard temperature > 0 else { return Shannon.maximizer(q, temperature: 0) }
        let scaled = q.map { ($0 - best) / temperature }
        var sum = 0.0
        var threshold = -1.0
        for (index, value) in scaled.sorted(by: >).enumerated() {
            // The k best are taken if the k-th still lies above their threshold.
            guard 1 + Double(index + 1) * value > sum + value else { break }
            sum += value
            threshold = (sum - 1) / Double(index + 1)
        }
        return scaled.map { max(0, $0 - threshold) }
    }
}
