import Learning
import Realtime

/// A learner from pictures whose updates are timed in turns with others'.
struct PixelContestant {
    let shape: PixelShape
    let learner: Learner
    let replay: ReplayBuffer
    /// Updates a second of each turn, by the wall clock.
    private(set) var rates: [Double] = []
    /// Processor milliseconds of an update in each turn.
    private(set) var milliseconds: [Double] = []

    init(shape: PixelShape, replay: ReplayBuffer) {
        self.shape = shape
        self.replay = replay
        learner = shape.learner()
    }

    /// Takes a turn and keeps its result.
    mutating func takeTurn(seconds: Double) throws {
        try Undisturbed.run {
            let processor = MonotonicClock.processorTime()
            let start = MonotonicClock.now()
            let end = start + Int64(seconds * 1e9)
            var now = start
            var count = 0.0
            while now < end {
                guard learner.update(from: replay).isFinite else {
                    throw BenchFailure("an update from pictures was not finite")
                }
                count += 1
                now = MonotonicClock.now()
            }
            let spent = Double(MonotonicClock.processorTime() - processor)
            rates.append(count / (Double(now - start) * 1e-9))
            milliseconds.append(spent * 1e-6 / count)
        }
    }

    /// Takes a turn that does not count.
    mutating func warmUp(seconds: Double) throws {
        // The first update starts the learner's second thread, which a burst then takes along.
        _ = learner.update(from: replay)
        try takeTurn(seconds: seconds)
        (rates, milliseconds) = ([], [])
    }
}
