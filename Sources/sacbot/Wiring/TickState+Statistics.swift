import Control
import Operator
import Realtime

extension TickState {
    /// The statistics as they stand; `nil` before the first tick.
    init?(_ statistics: TickStatistics) {
        let stages = [
            Stage("lateness", statistics.lateness),
            Stage("read", statistics.read),
            Stage("decide", statistics.decide),
            Stage("judge", statistics.judge),
            Stage("write", statistics.write),
            Stage("work", statistics.work),
        ]
        guard stages.contains(where: { $0.count > 0 }) else { return nil }
        self.init(
            skipped: statistics.skippedTicks,
            overruns: statistics.overrunTicks,
            stages: stages
        )
    }
}

extension TickState.Stage {
    fileprivate init(_ name: String, _ histogram: borrowing LatencyHistogram) {
        let figures = histogram.figures
        let bounds = TickState.bounds.map { Int64($0) * 1000 }
        let (buckets, sum) = histogram.distribution(upTo: bounds)
        self.init(
            name: name,
            count: figures.count,
            p50: Double(figures.median) * 1e-3,
            p99: Double(figures.p99) * 1e-3,
            p999: Double(figures.p999) * 1e-3,
            max: Double(figures.maximum) * 1e-3,
            sum: (sum * 1e-3).rounded(),
            buckets: buckets
        )
    }
}
