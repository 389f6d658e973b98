public import Control
public import Learning

/// A policy that acts and does not learn, in the learner's place.
public final class FixedPolicyLink: LearnerLink {
    private let policy: PolicySnapshot

    /// Acts by this policy's mean.
    public init(policy: PolicySnapshot) { self.policy = policy }

    /// Takes any step and forgets it.
    public func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool { true }

    /// The policy.
    public func policyForNextEpisode() -> PolicySnapshot? { policy }
    /// Never: nothing new is learnt about.
    public var explores: Bool { false }
    /// The policy.
    public func policyToTry() -> PolicySnapshot? { policy }
    /// Never.
    public var mustWait: Bool { false }
    /// Nothing.
    public func stepFinished() {}
    /// Nothing.
    public func tried(_ policy: PolicySnapshot, score: TrialScore, isBest: Bool) {}
    /// Nothing.
    public func episodeFinished(_ outcome: FinishedEpisode) {}
}
