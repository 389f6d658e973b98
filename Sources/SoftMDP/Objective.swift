import Glibc

/// What is maximised: rewards alone, or rewards plus temperature times entropy.
///
/// The standard, the soft and the sparse problem differ in three formulas only: what a
/// distribution is worth beyond its rewards, the best value and the best distribution of one
/// decision. Everything else is written once for all of them.
public struct Objective: Sendable, Equatable {
    /// The entropy that is added.
    public enum Entropy: Sendable, Equatable {
        /// None: the standard problem.
        case none
        /// Shannon's: the soft (maximum entropy) problem.
        case shannon
        /// Tsallis' of index 2: the sparse problem.
        case tsallis
    }

    /// The entropy that is added.
    public let entropy: Entropy
    /// Its price α in units of reward, at least 0; 0 without entropy.
    public let temperature: Double

    private init(_ entropy: Entropy, _ temperature: Double) {
        precondition(temperature >= 0 && temperature.isFinite, "temperature \(temperature)")
        self.entropy = entropy
        self.temperature = temperature
    }

    /// Rewards alone.
    public static let rewards = Objective(.none, 0)

    /// Rewards plus α times Shannon entropy; traps unless α is finite and at least 0.
    public static func soft(temperature: Double) -> Objective { Objective(.shannon, temperature) }

    /// Rewards plus α times Tsallis entropy of index 2; traps unless α is finite and at least 0.
    public static func sparse(temperature: Double) -> Objective {
        Objective(.tsallis, temperature)
    }

    /// What a distribution over actions is worth beyond its rewards.
    public func bonus(_ probabilities: [Double]) -> Double {
        switch entropy {
        case .none: 0
        case .shannon: temperature * Shannon.entropy(probabilities)
        case .tsallis: temperature * Tsallis.entropy(probabilities)
        }
    }

    /// The most that `bonus` can be with this many actions: α log |A|, or α (1 - 1/|A|) / 2.
    public func largestBonus(actionCount: Int) -> Double {
        guard actionCount > 0 else { return 0 }
        return switch entropy {
        case .none: 0
        case .shannon: temperature * log(Double(actionCount))
        case .tsallis: temperature * (1 - 1 / Double(actionCount)) / 2
        }
    }

    /// The value of the best distribution over actions worth `q`; 0 without any.
    public func maximum(_ q: [Double]) -> Double {
        switch entropy {
        case .none: q.max() ?? 0
        case .shannon: Shannon.maximum(q, temperature: temperature)
        case .tsallis: Tsallis.maximum(q, temperature: temperature)
        }
    }

    /// The best distribution over actions worth `q`.
    ///
    /// Without entropy it is deterministic: the first action that is best but for rounding.
    public func maximizer(_ q: [Double]) -> [Double] {
        switch entropy {
        case .none:
            guard let best = q.max() else { return [] }
            let enough = best - 1e-12 * max(1, abs(best))
            let choice = q.firstIndex { $0 >= enough }
            return q.indices.map { $0 == choice ? 1 : 0 }
        case .shannon: return Shannon.maximizer(q, temperature: temperature)
        case .tsallis: return Tsallis.maximizer(q, temperature: temperature)
        }
    }
}
