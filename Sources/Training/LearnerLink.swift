public import Control
public import Learning
public import Robot

/// What the control thread knows of the learner, wherever it learns.
///
/// The implementation here lives in the same process; one on another machine can be added without
/// touching control or safety.
public protocol LearnerLink: TransitionSink {
    /// The newest policy, `nil` while actions are still to be random (warm-up).
    func policyForNextEpisode() -> PolicySnapshot?

    /// Whether training episodes draw from the policy rather than take its mean.
    var explores: Bool { get }

    /// The policy that would be kept now, to be tried out; `nil` during warm-up.
    func policyToTry() -> PolicySnapshot?

    /// Whether a simulated clock has to wait for the learner before the next episode.
    var mustWait: Bool { get }

    /// Called after every policy step; learns right there in lock-step mode.
    func stepFinished()

    /// Takes the score of a policy that was tried out; the best one is what the run leaves behind.
    func tried(_ policy: PolicySnapshot, score: TrialScore, isBest: Bool)

    /// Called when an episode is over and all its transitions have been offered.
    func episodeFinished(_ outcome: FinishedEpisode)

    /// Called before the first episode and after each with its trial, when nothing is under way.
    ///
    /// `world` saves the world as it stands; `nil` if the body is a real one.
    func betweenEpisodes(nextEpisode: Int, world: () -> WorldState?)
}

extension LearnerLink {
    /// Always, where something is learnt.
    public var explores: Bool { true }

    /// Nothing: only in lock step a run is resumed in the world where it was left.
    public func betweenEpisodes(nextEpisode: Int, world: () -> WorldState?) {}
}

/// An episode's outcome with what the journal keeps beside it.
public struct FinishedEpisode: Sendable {
    /// How it went.
    public var outcome: EpisodeOutcome
    /// The seed of its draws.
    public var seed: UInt64
    /// Wall-clock time it began, seconds since 1970.
    public var started: Double
    /// Wall-clock time it ended, seconds since 1970.
    public var ended: Double
}
