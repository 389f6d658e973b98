import Robot
import Safety

/// How far an episode has come, step by step.
struct EpisodeProgress {
    var start: MonotonicTime
    var steps = 0
    var totalReward = 0.0
    var startError: Radians?
    var finalError: Radians?
    var successesInARow = 0
    var limitedSteps = 0
    var hasTerminated = false

    init(start: MonotonicTime) { self.start = start }

    /// Takes a step's reward and the error it ended with, `nil` if that could not be read.
    mutating func note(_ error: Radians?, reward: Double, below tolerance: Radians) {
        totalReward += reward
        finalError = error
        let success = (error ?? .infinity) < tolerance
        successesInARow = success ? successesInARow + 1 : 0
    }
}
