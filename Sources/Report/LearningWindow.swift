import Evaluation
import Journal

/// Learning curves from the records of episodes.
enum LearningWindow {
    /// A row for every whole episode over the `window` that end there; aborted ones are left out.
    ///
    /// The first rows are over what there is.
    static func rows(_ episodes: [EpisodeRecord], window: Int) -> [LearningRow] {
        let whole = episodes.filter { $0.end != .aborted && $0.totalReward.isFinite }
        return whole.indices.map { index in
            row(whole[max(0, index + 1 - max(window, 1))...index])
        }
    }

    private static func row(_ recent: ArraySlice<EpisodeRecord>) -> LearningRow {
        let last = recent[recent.endIndex - 1]
        let count = Double(recent.count)
        let steps = recent.reduce(0) { $0 + $1.steps }
        let limited = recent.reduce(0) { $0 + $1.limitedSteps }
        return LearningRow(
            episode: last.index,
            step: last.firstStep + max(last.steps, 1) - 1,
            meanReturn: mean(recent.map(\.totalReward)),
            held: share(recent.count { $0.succeededHeld }, of: recent.count),
            final: share(recent.count { $0.succeededFinally }, of: recent.count),
            limited: steps == 0 ? 0 : Double(limited) / Double(steps),
            resetSeconds: recent.reduce(0) { $0 + $1.resetSeconds } / count
        )
    }

    static func share(_ successes: Int, of count: Int) -> Estimate {
        let share = Share(successes: successes, count: count)
        return Estimate(
            value: share.value,
            low: share.interval.lowerBound,
            high: share.interval.upperBound
        )
    }

    /// The mean with its 95 % interval after Student; without one for fewer than five values, where
    /// it would say more of the table of t than of the values.
    static func mean(_ values: [Double]) -> Estimate {
        let count = Double(values.count)
        let mean = values.reduce(0, +) / max(count, 1)
        guard values.count >= 5 else { return Estimate(value: mean, low: mean, high: mean) }
        let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
        let half = student(freedom: count - 1) * (squares / (count - 1) / count).squareRoot()
        return Estimate(value: mean, low: mean - half, high: mean + half)
    }

    /// The 97.5 % point of Student's t, by Fisher's expansion about the normal one; right to 0.3 %
    /// from four degrees of freedom on.
    static func student(freedom: Double) -> Double {
        let z = 1.959963984540054
        let z3 = z * z * z
        let z5 = z3 * z * z
        let z7 = z5 * z * z
        let first = (z3 + z) / 4
        let second = (5 * z5 + 16 * z3 + 3 * z) / 96
        let third = (3 * z7 + 19 * z5 + 17 * z3 - 15 * z) / 384
        return z + (first + (second + third / freedom) / freedom) / freedom
    }
}
