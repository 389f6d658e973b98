import Glibc

/// Policies whose logits are bounded: softmax(z) with |z(a)| ≤ B for every action of a state.
///
/// The same as saying that no action is more than exp(2B) times as likely as another. Every state
/// has such a set of its own, which is what Theorem 2 needs to hold for a projection.
public struct BoundedLogits: Sendable, Equatable {
    /// B, above 0.
    public let bound: Double

    /// Traps unless the bound is above 0.
    public init(bound: Double) {
        precondition(bound > 0, "bound \(bound)")
        self.bound = bound
    }

    /// Whether a distribution is in the set, but for rounding.
    public func contains(_ row: [Double]) -> Bool {
        guard let least = row.min(), let most = row.max() else { return true }
        return least > 0 && log(most) - log(least) <= 2 * bound * (1 + 1e-12)
    }

    /// The member of the set nearest to exp((q - V) / α): argmin KL(π' ‖ exp((q - V) / α)).
    ///
    /// In probabilities the set is convex and so is the divergence, so that the minimum is where
    /// the multipliers balance: the logits q / α cut to [c, c + 2B], with the c at which
    /// Σ (c - z)₊ = exp(2B) Σ (z - c - 2B)₊.
    public func projection(ofPolicyOf q: [Double], temperature: Double) -> [Double] {
        guard let best = q.max() else { return [] }
        let logits = q.map { ($0 - best) / temperature }
        let width = 2 * bound
        guard let least = logits.min(), least < -width else {
            return Shannon.maximizer(logits, temperature: 1)
        }
        let price = exp(-width)
        // Rises with c; at most 0 where nothing is raised, at least 0 where nothing is cut.
        func imbalance(_ floor: Double) -> Double {
            logits.reduce(0) { sum, logit in
                sum + price * max(0, floor - logit) - max(0, logit - floor - width)
            }
        }
        var low = least
        var high = -width
        // Halves until no number lies in between: at most as often as a Double has bits.
        while case let middle = low + (high - low) / 2, middle > low, middle < high {
            if imbalance(middle) < 0 { low = middle } else { high = middle }
        }
        return Shannon.maximizer(logits.map { min(max($0, high), high + width) }, temperature: 1)
    }
}

extension FiniteMDP {
    /// Soft improvement inside a restricted set: in every state the member nearest to the best.
    ///
    /// If the old policy is in the set, the new one is at least as good at every state and action,
    /// as in Theorem 2: in every state by itself it is no further from the best than the old one.
    public func projectedImprovement(
        on actionValues: [[Double]],
        onto set: BoundedLogits,
        temperature: Double
    ) -> TabularPolicy {
        TabularPolicy(
            rows: actionValues.map {
                set.projection(ofPolicyOf: $0, temperature: temperature)
            }
        )
    }

    /// Soft improvement with features that some states share: each group has one policy for all.
    ///
    /// Minimises the sum over states of weight times KL(π' ‖ exp((Q - V) / α)), whose minimum is
    /// π' ∝ exp of the weighted mean of Q / α in the group. A state may lose what another one
    /// gains, so that **Theorem 2 does not hold here**; the tests have a counterexample. States
    /// outside every group improve freely. Traps if states of a group have different numbers of
    /// actions.
    public func sharedImprovement(
        on actionValues: [[Double]],
        groups: [[Int]],
        weights: [Double],
        temperature: Double
    ) -> TabularPolicy {
        var rows = improvement(on: actionValues, .soft(temperature: temperature)).rows
        for group in groups {
            guard let first = group.first else { continue }
            let total = group.reduce(0) { $0 + weights[$1] }
            var mean = [Double](repeating: 0, count: actionValues[first].count)
            for state in group {
                precondition(actionValues[state].count == mean.count, "state \(state)")
                for action in mean.indices {
                    mean[action] += weights[state] / total * actionValues[state][action]
                }
            }
            for state in group { rows[state] = Shannon.maximizer(mean, temperature: temperature) }
        }
        return TabularPolicy(rows: rows)
    }
}
