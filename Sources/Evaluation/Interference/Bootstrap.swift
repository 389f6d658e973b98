import Learning

/// Figures of samples and their 95 % intervals by resampling.
///
/// Percentile bootstrap after Efron (1979); stratified over groups, and the interquartile mean as
/// the aggregate, as Agarwal et al. (2021, "Deep Reinforcement Learning at the Edge of the
/// Statistical Precipice") propose for few runs. The same samples and seed give the same interval.
public struct Bootstrap: Sendable {
    /// How often samples are drawn anew.
    public let count: Int
    private let seed: UInt64

    /// A bootstrap of `count` draws.
    public init(count: Int, seed: UInt64) {
        precondition(count >= 1, "an interval needs draws")
        self.count = count
        self.seed = seed
    }

    /// The mean of the middle half: of `n` samples, `n / 4` (rounded down) are left out at each end.
    ///
    /// NaN of no samples.
    public static func interquartileMean(_ samples: [Double]) -> Double {
        let cut = samples.count / 4
        return mean(Array(samples.sorted()[cut..<samples.count - cut]))
    }

    /// The mean; NaN of no samples.
    public static func mean(_ samples: [Double]) -> Double {
        samples.isEmpty ? .nan : samples.reduce(0, +) / Double(samples.count)
    }

    /// A figure of one group of samples with its interval; `nil` of no samples.
    public func estimate(
        _ samples: [Double],
        name: String,
        _ figure: ([Double]) -> Double
    ) -> Estimate? {
        estimate(strata: [samples], name: name, figure)
    }

    /// A figure of all groups' samples together with its interval: each draw takes as many samples of
    /// every group as it has.
    ///
    /// - Parameter name: names the stream of draws.
    public func estimate(
        strata: [[Double]],
        name: String,
        _ figure: ([Double]) -> Double
    ) -> Estimate? {
        let all = strata.flatMap { $0 }
        guard !all.isEmpty else { return nil }
        var random = RandomSource(seed: seed, name: "bootstrap-\(name)")
        var drawn = all
        var figures: [Double] = []
        figures.reserveCapacity(count)
        for _ in 0..<count {
            var place = 0
            for group in strata {
                for _ in group.indices {
                    drawn[place] = group[random.index(below: group.count)]
                    place += 1
                }
            }
            figures.append(figure(drawn))
        }
        return interval(figure(all), figures)
    }

    /// The ratio of two means over the same starts: each draw takes the same starts for both.
    ///
    /// `nil` if the mean below is zero. Draws in which it is zero are left out.
    public func ratio(_ above: [Double], over below: [Double], name: String) -> Estimate? {
        precondition(above.count == below.count, "pairs are needed")
        let whole = Self.mean(below)
        guard !below.isEmpty, whole != 0 else { return nil }
        var random = RandomSource(seed: seed, name: "bootstrap-\(name)")
        var figures: [Double] = []
        figures.reserveCapacity(count)
        for _ in 0..<count {
            var (top, bottom) = (0.0, 0.0)
            for _ in above.indices {
                let place = random.index(below: above.count)
                top += above[place]
                bottom += below[place]
            }
            if bottom != 0 { figures.append(top / bottom) }
        }
        return interval(Self.mean(above) / whole, figures)
    }

    /// The 2.5 % and 97.5 % points, between draws by straight lines as NumPy's `percentile` does.
    private func interval(_ value: Double, _ figures: [Double]) -> Estimate {
        let sorted = figures.sorted()
        func point(_ share: Double) -> Double {
            guard let last = sorted.indices.last else { return value }
            let place = share * Double(last)
            let below = Int(place)
            let above = min(below + 1, last)
            return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
        }
        return Estimate(value: value, low: point(0.025), high: point(0.975))
    }
}
