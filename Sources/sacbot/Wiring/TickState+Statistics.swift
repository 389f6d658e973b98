import Control
import Operator
import Realtime

extension TickState {
    /// The statistics as they stand; `nil` before the first tick.
    init?(_ statistics: TickStatistics) {
        let stages = [
            Stage("lateness", statistics.lateness.figures),
            Stage("read", statistics.read.figures),
            Stage("decide", statistics.decide.figures),
            Stage("judge", statistics.judge.figures),
            Stage("write", statistics.write.figures),
            Stage("work", statistics.work.figures),
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
    fileprivate init(_ name: String, _ figures: LatencyFigures) {
        self.init(
            name: name,
            count: figures.count,
            p50: Double(figures.median) * 1e-3,
            p99: Double(figures.p99) * 1e-3,
            p999: Double(figures.p999) * 1e-3,
            max: Double(figures.maximum) * 1e-3
        )
    }
}
