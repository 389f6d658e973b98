/// One axis of a chart: from where to where, and which values are written beside it.
public struct Scale: Sendable, Hashable {
    /// The value at the left or lower end.
    public let low: Double
    /// The value at the right or upper end, above `low`.
    public let high: Double
    /// Round values within the ends, rising, at least two.
    public let ticks: [Double]
    private let decimals: Int
    private let isShare: Bool

    /// An axis over a range of values.
    ///
    /// - Parameters:
    ///   - range: what has to be on it; an empty or non-finite range is widened.
    ///   - reachesTicks: whether the ends move outwards to the next round values.
    ///   - isShare: whether 0 to 1 is written as percent.
    public init(
        _ range: ClosedRange<Double>,
        about count: Int = 4,
        reachesTicks: Bool = true,
        isShare: Bool = false
    ) {
        let (from, to) = Self.widened(range)
        let step = Self.roundStep((to - from) / Double(max(count, 1)))
        // A ten-billionth of a step is no reason for one more.
        let slack = reachesTicks ? 1e-9 : -1e-9
        let first = (from / step + slack).rounded(reachesTicks ? .down : .up)
        let last = (to / step - slack).rounded(reachesTicks ? .up : .down)
        low = reachesTicks ? min(from, first * step) : from
        high = reachesTicks ? max(to, last * step) : to
        // Two to ten by the choice of the step; the bound is for values where steps vanish.
        ticks = (0...Int(min(max(last - first, 1), 20))).map { (first + Double($0)) * step }
        decimals = Self.decimals(of: isShare ? step * 100 : step)
        self.isShare = isShare
    }

    /// Where a value lies: 0 at the low end, 1 at the high end, beyond them outside.
    public func share(of value: Double) -> Double { (value - low) / (high - low) }

    /// A tick as text.
    public func label(_ tick: Double) -> String {
        if isShare { return Markup.fixed(tick * 100, decimals: decimals) + " %" }
        let isLong = ticks.allSatisfy { $0 == 0 || $0.magnitude >= 1000 } && (high - low) >= 4000
        if isLong {
            return tick == 0 ? "0" : Markup.significant(tick / 1000, digits: 6) + "k"
        }
        if high - low < 1e-5 || high.magnitude >= 1e7 { return Markup.significant(tick, digits: 5) }
        return Markup.fixed(tick, decimals: decimals)
    }

    private static func widened(_ range: ClosedRange<Double>) -> (Double, Double) {
        let (low, high) = (range.lowerBound, range.upperBound)
        guard low.isFinite, high.isFinite else { return (0, 1) }
        let smallest = max(low.magnitude, high.magnitude) * 1e-9
        guard high - low > smallest else {
            let half = low == 0 ? 1 : low.magnitude * 0.1
            return (low - half, high + half)
        }
        return (low, high)
    }

    /// 1, 2, 2.5 or 5 times a power of ten, not below `rough`.
    private static func roundStep(_ rough: Double) -> Double {
        var power = 1.0
        while power > rough { power /= 10 }
        while power * 10 <= rough { power *= 10 }
        for factor in [1.0, 2, 2.5, 5] where factor * power >= rough * 0.999 {
            return factor * power
        }
        return 10 * power
    }

    private static func decimals(of step: Double) -> Int {
        var decimals = 0
        var rest = step
        while decimals < 9, (rest - rest.rounded()).magnitude > rest.magnitude * 1e-6 {
            rest *= 10
            decimals += 1
        }
        return decimals
    }
}
