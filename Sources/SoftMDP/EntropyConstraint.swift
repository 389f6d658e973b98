/// The most reward with a minimum of entropy at every step, and the proof that it is the most.
public struct EntropyConstrainedSolution: Sendable, Equatable {
    /// α_t, the price of entropy at every step in units of reward; at least 0.
    public let temperatures: [Double]
    /// π_t at every step.
    public let policies: [TabularPolicy]
    /// H(π_t): the mean entropy of the states visited at step t, in nats.
    ///
    /// States that are terminal do not count; `nil` where every episode is over.
    public let entropies: [Double?]
    /// E Σ γ^t r: what these policies earn.
    public let reward: Double
    /// The dual value: no policies with that much entropy earn more.
    public let bound: Double

    /// What is left between `reward` and `bound`: Σ γ^t P(not over at t) α_t (H(π_t) - H_0).
    public var gap: Double { bound - reward }

    /// The claims of the constrained problem, measured.
    public func checks(minimumEntropy: Double) -> [TheoremCheck] {
        var lack = -Double.infinity
        var slack = 0.0
        for (entropy, temperature) in zip(entropies, temperatures) {
            guard let entropy else { continue }
            lack = max(lack, minimumEntropy - entropy)
            slack = max(slack, abs(temperature * (entropy - minimumEntropy)))
        }
        // Rewards set the size of prices and gaps.
        let allowance = FiniteHorizonMDP.entropyTolerance * max(1, abs(bound))
        return [
            TheoremCheck(
                "minimum entropy: H(π_t) ≥ H_0 at every step",
                "largest lack in nats",
                lack,
                limit: FiniteHorizonMDP.entropyTolerance
            ),
            TheoremCheck(
                "complementary slackness: α_t (H(π_t) - H_0) = 0 at every step",
                "largest product",
                slack,
                limit: allowance
            ),
            TheoremCheck(
                "zero duality gap: no policies with that much entropy earn more",
                "bound minus reward",
                abs(gap),
                limit: allowance
            ),
        ]
    }
}

extension FiniteHorizonMDP {
    /// How far, in nats, an entropy may end below its minimum, and how far, in units of the
    /// largest reward, `reward` may end below `bound`.
    ///
    /// Reached in the rare case that a constraint decides a tie at an earlier step; usually both
    /// end below 1e-9.
    public static let entropyTolerance = 1e-7

    /// Maximises E Σ γ^t r subject to H(π_t) ≥ H_0 at every step t (the deck's entropy adjustment).
    ///
    /// For given α the best policies follow backwards from the last step:
    /// V_t = α_t log Σ exp(Q_t / α_t) - α_t H_0 with Q_t = r + γ p V_{t+1}. The mean of V_0 is the
    /// dual, convex in α, and its slope along α_t is H(π_t) - H_0, so that α_t* is where
    /// α_t (H(π_t*) - H_0) is least. The deck finds α_T, α_{T-1}, ... one after the other; as
    /// H(π_t) is a mean over the states visited, and earlier steps decide which those are, all
    /// α are found together here. `start` is the distribution of the first state. Throws
    /// `vanishingDiscount`, `entropyOutOfReach` or `notConverged`.
    public func maximizeRewards(
        minimumEntropy: Double,
        start: [Double]
    ) throws(MDPError) -> EntropyConstrainedSolution {
        guard discount > 0 || horizon == 1 else { throw .vanishingDiscount }
        let dual = EntropyDual(problem: self, minimumEntropy: minimumEntropy, start: start)
        var search = DualSearch(dual: dual)
        // Without a minimum, entropy has no price.
        let found =
            minimumEntropy > 0
            ? try search.minimum() : [Double](repeating: 0, count: horizon)
        // At the floor the constraint does not bind; 0 is the exact answer unless it leaves a tie.
        let rounded = found.map { $0 <= search.smallestFloor ? 0 : $0 }
        let candidates = [rounded, found].map { ($0, dual.visit($0)) }
        let isExact =
            dual.misses(candidates[0].1, rounded) <= max(dual.misses(candidates[1].1, found), 1e-12)
        let (temperatures, visit) = candidates[isExact ? 0 : 1]
        guard dual.misses(visit, temperatures) <= Self.entropyTolerance else {
            throw .notConverged(rounds: search.rounds, errorBound: abs(visit.bound - visit.reward))
        }
        return EntropyConstrainedSolution(
            temperatures: temperatures,
            policies: visit.steps.map { TabularPolicy(rows: $0.policy) },
            entropies: visit.entropies,
            reward: visit.reward,
            bound: visit.bound
        )
    }
}
