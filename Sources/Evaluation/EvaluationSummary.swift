public import Control
import Glibc

/// A share of episodes with its 95 % Wilson interval.
public struct Share: Sendable, Hashable {
    /// Episodes that count.
    public let successes: Int
    /// All episodes.
    public let count: Int

    /// A share of `count` episodes.
    public init(successes: Int, count: Int) {
        precondition(successes >= 0 && successes <= count)
        self.successes = successes
        self.count = count
    }

    /// The share, 0 to 1; 0 of no episodes.
    public var value: Double { count == 0 ? 0 : Double(successes) / Double(count) }

    /// The 95 % interval after Wilson (1927), within 0 to 1; all of it for no episodes.
    public var interval: ClosedRange<Double> {
        guard count > 0 else { return 0...1 }
        let z = 1.959963984540054
        let n = Double(count)
        let centre = (value + z * z / (2 * n)) / (1 + z * z / n)
        let half =
            z / (1 + z * z / n) * (value * (1 - value) / n + z * z / (4 * n * n)).squareRoot()
        return max(0, centre - half)...min(1, centre + half)
    }
}

/// What a series of episodes with one way of acting showed.
public struct EvaluationSummary: Sendable, Hashable {
    /// Episodes run to their end or to an abort.
    public let episodes: Int
    /// Success at the final step.
    public let successFinal: Share
    /// Success for all of the last held steps.
    public let successHeld: Share
    /// Mean of the episodes' sums of rewards.
    public let returnMean: Double
    /// Standard deviation of the sums, with n - 1; 0 for fewer than two.
    public let returnDeviation: Double
    /// Share of all steps that the supervisor changed.
    public let limitedFraction: Double
    /// Episodes that a fault ended.
    public let aborted: Int
    /// Mean of the final errors in rad; NaN if none could be read.
    public let finalErrorMean: Double
    /// Mean time of the resets in seconds.
    public let resetSecondsMean: Double

    /// The summary of some outcomes.
    public init(_ outcomes: [EpisodeOutcome]) {
        let count = outcomes.count
        let returns = outcomes.map(\.totalReward)
        let mean = Self.mean(returns)
        let steps = outcomes.map(\.steps).reduce(0, +)
        let squares = returns.map { ($0 - mean) * ($0 - mean) }.reduce(0, +)
        episodes = count
        successFinal = Share(successes: outcomes.count { $0.successFinal }, count: count)
        successHeld = Share(successes: outcomes.count { $0.successHeld }, count: count)
        returnMean = mean
        returnDeviation = count < 2 ? 0 : (squares / Double(count - 1)).squareRoot()
        limitedFraction =
            steps == 0 ? 0 : Double(outcomes.map(\.limitedSteps).reduce(0, +)) / Double(steps)
        aborted = outcomes.count {
            if case .aborted = $0.ending { return true }
            return false
        }
        finalErrorMean = Self.mean(outcomes.compactMap(\.finalError))
        resetSecondsMean = Self.mean(outcomes.map(\.reset.seconds))
    }

    private static func mean(_ values: [Double]) -> Double {
        values.isEmpty ? .nan : values.reduce(0, +) / Double(values.count)
    }
}
