public import Control
public import Journal
public import Learning
import Realtime

/// A learner that works between two policy steps, on the control thread: simulation only.
///
/// The interleaving is fixed, so the same seed gives the same run, bit for bit.
public final class LockstepLearner: LearnerLink {
    /// The learner itself.
    public let core: LearnerCore
    private let ring: TransitionRing
    private let failed: (JournalError) -> Void
    private let clock: @Sendable () -> Double

    /// A learner in lock step; `failed` is told once when the journal cannot be written.
    public init(
        core: LearnerCore,
        layout: TransitionLayout,
        clock: @escaping @Sendable () -> Double,
        failed: @escaping (JournalError) -> Void
    ) {
        self.core = core
        self.failed = failed
        self.clock = clock
        ring = TransitionRing(layout: layout, capacity: 16)
    }

    /// Takes one step into the ring, from where `stepFinished` fetches it.
    public func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>
    ) -> Bool {
        ring.offer(
            header,
            observation: observation,
            applied: applied,
            proposed: proposed,
            next: next
        )
    }

    /// The policy after all updates so far.
    public func policyForNextEpisode() -> PolicySnapshot? {
        core.hasPolicy ? core.snapshot() : nil
    }

    /// The policy that would be kept.
    public func policyToTry() -> PolicySnapshot? { core.hasPolicy ? core.policyToKeep() : nil }

    /// Never: updates are done before the step goes on.
    public var mustWait: Bool { false }

    /// Learns exactly what is due.
    public func stepFinished() {
        attempt { () throws(JournalError) in
            try drain()
            while core.isUpdateDue { core.update() }
            try core.flush(now: clock())
        }
    }

    /// Records the score and keeps the policy if it is the best.
    public func tried(_ policy: PolicySnapshot, score: TrialScore, isBest: Bool) {
        attempt { () throws(JournalError) in
            let trial = TriedPolicy(policy: policy, score: score, isBest: isBest)
            try core.tried(trial, now: clock())
        }
    }

    /// Records the episode.
    public func episodeFinished(_ outcome: FinishedEpisode) {
        attempt { () throws(JournalError) in
            try drain()
            try core.finish(outcome, now: clock())
        }
    }

    /// Writes the last checkpoint.
    public func close() {
        attempt { () throws(JournalError) in try core.saveCheckpoint(now: clock()) }
    }

    private func drain() throws(JournalError) {
        var problem: JournalError?
        while problem == nil, ring.ring.take({ row in problem = core.takeOrReport(row) }) {}
        if let problem { throw problem }
    }

    private func attempt(_ body: () throws(JournalError) -> Void) {
        do throws(JournalError) { try body() } catch { failed(error) }
    }
}

extension LearnerCore {
    /// `take`, for closures that cannot throw.
    func takeOrReport(_ row: Span<Float>) -> JournalError? {
        do throws(JournalError) {
            try take(row)
            return nil
        } catch {
            return error
        }
    }
}
