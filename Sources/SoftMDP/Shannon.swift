import Glibc

/// One decision under Shannon entropy, in nats: the formulas of soft Bellman backups.
///
/// Temperatures are at least 0; at 0 every formula is its limit. The maximum is subtracted before
/// every exponential, so that q / α may be ±1e4 and far beyond.
public enum Shannon {
    /// H(π) = -Σ π log π.
    public static func entropy(_ probabilities: [Double]) -> Double {
        var sum = 0.0
        for probability in probabilities where probability > 0 {
            sum -= probability * log(probability)
        }
        return sum
    }

    /// V for any policy: Σ π (q - α log π).
    ///
    /// The first of the two values that the deck writes as V. It equals `maximum` for
    /// π ∝ exp(q / α) and is smaller for every other policy.
    public static func expectation(
        _ q: [Double],
        under probabilities: [Double],
        temperature: Double
    ) -> Double {
        var sum = 0.0
        for (value, probability) in zip(q, probabilities) { sum += value * probability }
        return sum + temperature * entropy(probabilities)
    }

    /// V of the best policy: α log Σ exp(q / α).
    ///
    /// The second of the two values that the deck writes as V; the largest `expectation` of all
    /// policies.
    public static func maximum(_ q: [Double], temperature: Double) -> Double {
        guard let best = q.indices.max(by: { q[$0] < q[$1] }) else { return 0 }
        guard temperature > 0 else { return q[best] }
        var others = 0.0
        for index in q.indices where index != best {
            others += exp((q[index] - q[best]) / temperature)
        }
        // The largest term is 1; log1p keeps what little the others add.
        return q[best] + temperature * log1p(others)
    }

    /// The best policy: exp((q - V) / α).
    ///
    /// At temperature 0 all largest actions share equally, the limit from above.
    public static func maximizer(_ q: [Double], temperature: Double) -> [Double] {
        guard let best = q.max() else { return [] }
        let weights = q.map { value in
            temperature > 0 ? exp((value - best) / temperature) : (value == best ? 1.0 : 0)
        }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// KL(π ‖ exp((q - V) / α)), in nats; the temperature has to be above 0.
    ///
    /// Computed from q and not from the second policy's probabilities, which may be too small to
    /// write down.
    public static func divergence(
        _ probabilities: [Double],
        fromPolicyOf q: [Double],
        temperature: Double
    ) -> Double {
        let gap =
            maximum(q, temperature: temperature)
            - expectation(q, under: probabilities, temperature: temperature)
        return max(0, gap / temperature)
    }
}
