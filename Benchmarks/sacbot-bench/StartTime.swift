import Learning
import Realtime

/// From the start of a process to the end of its first update, the replay filled on the way.
enum StartTime {
    static let name = "start.seconds"

    private static let repetitions = 7

    static func measure() throws -> [Figure] {
        var totals: [Double] = []
        var fills: [Double] = []
        for _ in 0..<repetitions {
            let start = MonotonicClock.now()
            let numbers = try Probe.numbers(.start)
            guard numbers.count == 2 else { throw BenchFailure("the probe said nothing of use") }
            totals.append(Double(numbers[0] - start) * 1e-9)
            fills.append(Double(numbers[1]) * 1e-9)
        }
        let figure = Figure(
            name: name,
            value: totals.median,
            unit: "s",
            parameters: LearnerShape().fields.joined([
                "transitions": .integer(Experience.transitionCount),
                "of_which_filling_s": .number(fills.median),
                "max_s": .number(totals.quantile(1)),
                "repetitions": .integer(repetitions),
            ])
        )
        return [figure]
    }

    /// When the first update was done, and nanoseconds spent on filling the replay.
    static func probe() -> String {
        let learner = LearnerShape().learner()
        let replay = LearnerShape().emptyReplay()
        let filling = nanoseconds { Experience.fill(replay) }
        let metrics = learner.update(from: replay)
        return metrics.isFinite ? "\(MonotonicClock.now()) \(filling)" : ""
    }
}
