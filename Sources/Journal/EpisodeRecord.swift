/// How an episode ended (DESIGN.md 1.4).
public enum EpisodeEnd: String, Sendable, CaseIterable {
    /// For good: failure, or a success that ends the task.
    case terminated
    /// By its time limit or by a person.
    case truncated
    /// By a fault; its last transition was dropped.
    case aborted
}

/// What is kept of a whole episode.
public struct EpisodeRecord: Sendable, Hashable {
    /// Its number in the run, from 0.
    public var index: Int
    /// When it began, in seconds since 1970.
    public var started: Double
    /// When it ended, in seconds since 1970.
    public var ended: Double
    /// The step number of its first transition.
    public var firstStep: Int
    /// How many of its transitions were recorded.
    public var steps: Int
    /// The sum of its rewards.
    public var totalReward: Double
    /// Whether the goal was met at the final step.
    public var succeededFinally: Bool
    /// Whether the goal was met and held, as the task defines it.
    public var succeededHeld: Bool
    /// How it ended.
    public var end: EpisodeEnd
    /// Why it ended, for a person.
    public var endReason: String
    /// The version of the policy that acted.
    public var policyVersion: Int
    /// The robot file it ran with.
    public var robotHash: String
    /// The calibration it ran with.
    public var calibrationHash: String
    /// How many steps the supervisor changed.
    public var limitedSteps: Int
    /// How long the reset before it took.
    public var resetSeconds: Double
    /// The seed of its start state.
    public var seed: UInt64

    /// An episode, to be recorded in the same call as its last block or after it.
    public init(
        index: Int,
        started: Double,
        ended: Double,
        firstStep: Int,
        steps: Int,
        totalReward: Double,
        succeededFinally: Bool,
        succeededHeld: Bool,
        end: EpisodeEnd,
        endReason: String,
        policyVersion: Int,
        robotHash: String,
        calibrationHash: String,
        limitedSteps: Int,
        resetSeconds: Double,
        seed: UInt64
    ) {
        self.index = index
        self.started = started
        self.ended = ended
        self.firstStep = firstStep
        self.steps = steps
        self.totalReward = totalReward
        self.succeededFinally = succeededFinally
        self.succeededHeld = succeededHeld
        self.end = end
        self.endReason = endReason
        self.policyVersion = policyVersion
        self.robotHash = robotHash
        self.calibrationHash = calibrationHash
        self.limitedSteps = limitedSteps
        self.resetSeconds = resetSeconds
        self.seed = seed
    }
}
