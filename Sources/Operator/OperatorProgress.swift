/// What a person is told about the learner.
public struct OperatorLearner: Sendable, Codable, Hashable {
    /// Updates wanted for each step after the warm-up.
    public var wantedUpdatesPerStep: Double
    /// Updates done for each step after the warm-up, `nil` before its end.
    public var updatesPerStep: Double?
    /// Steps before the first update.
    public var warmUpSteps: Int
    /// Updates that are due and not done yet.
    public var lag: Int
    /// Updates taken back because a number was not finite.
    public var rolledBackUpdates: Int
    /// The temperature alpha of the newest update; `nil` before the first, like all that follow.
    public var temperature: Double?
    /// The policy's entropy, nats over [-1, 1].
    public var entropy: Double?
    /// The critics' loss.
    public var criticLoss: Double?
    /// The actor's loss.
    public var actorLoss: Double?
    /// Mean of the critics at the drawn actions.
    public var meanQ: Double?

    /// A learner that has done nothing.
    public init(wantedUpdatesPerStep: Double, warmUpSteps: Int) {
        self.wantedUpdatesPerStep = wantedUpdatesPerStep
        self.warmUpSteps = warmUpSteps
        lag = 0
        rolledBackUpdates = 0
    }
}

/// What a person is told about a finished episode.
public struct OperatorEpisode: Sendable, Codable, Hashable {
    /// How many of the newest are kept in the state.
    public static let kept = 50

    /// Its number in the run, from 0.
    public var index: Int
    /// Policy steps.
    public var steps: Int
    /// Sum of its rewards.
    public var totalReward: Double
    /// Whether the last step was a success.
    public var successFinal: Bool
    /// Whether all of the last steps that the task asks for were.
    public var successHeld: Bool
    /// Share of steps whose action the supervisor changed.
    public var limitedShare: Double
    /// terminated, truncated, stopped or aborted.
    public var ending: String
    /// When it ended, seconds since 1970.
    public var ended: Double

    /// An episode.
    public init(
        index: Int,
        steps: Int,
        totalReward: Double,
        successFinal: Bool,
        successHeld: Bool,
        limitedShare: Double,
        ending: String,
        ended: Double
    ) {
        (self.index, self.steps, self.totalReward) = (index, steps, totalReward)
        (self.successFinal, self.successHeld) = (successFinal, successHeld)
        (self.limitedShare, self.ending, self.ended) = (limitedShare, ending, ended)
    }
}

/// Whether the robot pauses.
public enum OperatorPause: String, Sendable, Codable, Hashable {
    /// It works.
    case no
    /// It will after the running episode.
    case asked
    /// It does, as the robot file's `pause` says.
    case paused
    /// It does, with all torque off.
    case released
}

/// An evaluation somebody asked for while the robot works.
public struct OperatorEvaluation: Sendable, Codable, Hashable {
    /// Episodes if nobody says how many.
    public static let usualEpisodes = 20
    /// As many as may be asked for at once.
    public static let mostEpisodes = 1000

    /// How far it is.
    public enum Phase: String, Sendable, Codable, Hashable {
        /// Begins after the running episode.
        case queued
        /// Episodes are being run.
        case running
        /// Every episode was run.
        case done
        /// It ended early; `problem` says why.
        case failed
    }

    /// Its number since the program began, from 1.
    public var number: Int
    /// How far it is.
    public var phase = Phase.queued
    /// Episodes asked for.
    public var episodes: Int
    /// The seed of the start states.
    public var seed: UInt64
    /// Episodes finished.
    public var done = 0
    /// How many of those held success to their end.
    public var held = 0
    /// How many were successes at their last step.
    public var final = 0
    /// Mean sum of rewards of those; `nil` before the first.
    public var meanReturn: Double?
    /// Updates the policy had.
    public var policyUpdates: Int?
    /// Why it ended early.
    public var problem: String?

    /// An evaluation that waits for its turn.
    public init(number: Int, episodes: Int, seed: UInt64) {
        (self.number, self.episodes, self.seed) = (number, episodes, seed)
    }

    /// Whether it will go on by itself.
    public var isUnderWay: Bool { phase == .queued || phase == .running }
}
