import Learning
import Realtime

/// Updates a second on a filled replay, for several shapes.
///
/// One update is both critics, the actor, the temperature and the targets, on a fresh batch.
enum LearnerUpdates {
    static let name = "learner.sac.updates_per_second"

    private static let shapes = [(17, 256), (17, 64), (17, 1024), (120, 256)]
    private static let repetitions = 5
    private static let repetitionSeconds = 0.4

    /// One shape's learner and what it achieved so far.
    private struct Contestant {
        let observations: Int
        let batch: Int
        let learner: Learner
        let replay: ReplayBuffer
        var rates: [Double] = []
        var milliseconds: [Double] = []
    }

    static func measure() throws -> [Figure] {
        var replays: [Int: ReplayBuffer] = [:]
        var contestants = shapes.map { observations, batch in
            let replay = replays[observations] ?? filledReplay(observations)
            replays[observations] = replay
            return Contestant(
                observations: observations,
                batch: batch,
                learner: Experience.learner(observationCount: observations, batch: batch),
                replay: replay
            )
        }
        for index in contestants.indices { _ = try run(contestants[index], seconds: 0.2) }
        for _ in 0..<repetitions {
            for index in contestants.indices {
                let result = try run(contestants[index], seconds: repetitionSeconds)
                contestants[index].rates.append(result.rate)
                contestants[index].milliseconds.append(result.milliseconds)
            }
        }
        return contestants.map(figure)
    }

    private static func filledReplay(_ observations: Int) -> ReplayBuffer {
        let replay = Experience.emptyReplay(observationCount: observations)
        Experience.fill(replay)
        return replay
    }

    /// Updates a second by the wall clock, and processor milliseconds of one update.
    private static func run(
        _ contestant: Contestant,
        seconds: Double
    ) throws -> (rate: Double, milliseconds: Double) {
        let processor = MonotonicClock.processorTime()
        let start = MonotonicClock.now()
        let end = start + Int64(seconds * 1e9)
        var now = start
        var count = 0.0
        while now < end {
            guard contestant.learner.update(from: contestant.replay).isFinite else {
                throw BenchFailure("an update of batch \(contestant.batch) was not finite")
            }
            count += 1
            now = MonotonicClock.now()
        }
        let spent = Double(MonotonicClock.processorTime() - processor)
        return (count / (Double(now - start) * 1e-9), spent * 1e-6 / count)
    }

    private static func figure(_ contestant: Contestant) -> Figure {
        Figure(
            name: name,
            value: contestant.rates.median,
            unit: "1/s",
            parameters: [
                "obs": .integer(contestant.observations),
                "act": .integer(Experience.actionCount),
                "batch": .integer(contestant.batch),
                "hidden": .text("256x256"),
                // The learner has one thread, and none of its kernels starts another.
                "cores": .integer(1),
                "cpu_ms": .number(contestant.milliseconds.median),
                "min": .number(contestant.rates.quantile(0)),
                "max": .number(contestant.rates.quantile(1)),
                "repetitions": .integer(repetitions),
            ]
        )
    }
}
