public import Control
public import Journal
public import Learning
import Realtime
public import Robot

/// A learner that works between two policy steps, on the control thread: simulation only.
///
/// The interleaving is fixed, so the same seed gives the same run, bit for bit. Between two episodes
/// everything, the world included, is set aside; what is written to disk is always such a moment,
/// so that a resumed run goes on as if it had never stopped (docs/decisions/005).
public final class LockstepLearner: LearnerLink {
    /// The learner itself.
    public let core: LearnerCore
    private let ring: TransitionRing
    private let failed: (JournalError) -> Void
    private let clock: @Sendable () -> Double
    /// Whether the run's newest checkpoint is where this session begins.
    private let goesOnExactly: Bool
    /// The last moment between two episodes.
    private var setAside: Checkpoint?
    private var isWritten = false
    private var toldOfQuota = false

    /// Episodes between two checkpoints.
    ///
    /// A number, not a time: how fast the machine is must not show in what is recorded.
    static let checkpointEpisodes = 20

    /// A learner in lock step; `failed` is told once when the journal cannot be written.
    ///
    /// - Parameter goesOnExactly: `OpenedRun.world` was found and put back.
    public init(
        core: LearnerCore,
        layout: TransitionLayout,
        goesOnExactly: Bool,
        clock: @escaping @Sendable () -> Double,
        failed: @escaping (JournalError) -> Void
    ) {
        self.core = core
        self.goesOnExactly = goesOnExactly
        self.failed = failed
        self.clock = clock
        ring = TransitionRing(layout: layout, capacity: 16)
    }

    /// Takes one step into the ring, from where `stepFinished` fetches it.
    public func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool {
        ring.offer(
            header,
            observation: observation,
            picture: picture,
            applied: applied,
            proposed: proposed,
            next: next,
            nextPicture: nextPicture
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

    /// Sets aside what a resumed run needs; writes it down at the start of a run, then every
    /// `checkpointEpisodes`.
    public func betweenEpisodes(nextEpisode: Int, world: () -> WorldState?) {
        guard let world = world() else { return }
        let isFirst = setAside == nil
        var checkpoint = core.checkpoint()
        let rest = LockstepRest(
            world: world,
            best: core.best,
            nextEpisode: nextEpisode,
            transitions: core.transitions
        )
        checkpoint.tensors += rest.tensors
        checkpoint.notes.merge(rest.notes) { _, new in new }
        setAside = checkpoint
        isWritten = false
        if isFirst ? !goesOnExactly : nextEpisode % Self.checkpointEpisodes == 0 { writeDown() }
    }

    /// Writes the last moment between two episodes: an episode that was broken off is computed again
    /// by a resumed run.
    public func close() {
        if !isWritten { writeDown() }
    }

    private func writeDown() {
        guard let setAside else { return }
        attempt { () throws(JournalError) in
            try core.save(setAside, now: clock())
            isWritten = true
        }
    }

    private func drain() throws(JournalError) {
        var problem: JournalError?
        while problem == nil, ring.ring.take({ row in problem = core.takeOrReport(row) }) {}
        if let problem { throw problem }
    }

    private func attempt(_ body: () throws(JournalError) -> Void) {
        do throws(JournalError) { try body() } catch { failed(error) }
        if !toldOfQuota, let problem = core.quotaProblem {
            toldOfQuota = true
            failed(problem)
        }
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
