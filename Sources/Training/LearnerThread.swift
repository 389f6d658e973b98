public import Control
public import Journal
public import Learning
public import Realtime
import Synchronization

/// The learner on a thread of its own, beside the control thread.
///
/// The control thread puts transitions into a ring and finished episodes into a list, and takes
/// policy snapshots; nothing it calls here waits for learning or for the disk.
public final class LearnerThread: LearnerLink, @unchecked Sendable {
    // Safety: `core` is touched by the learner thread only, from init's end to `close`; `ring` has
    // one offering thread (control) and one taking thread (learner); the rest is atomic or locked.

    /// What others may know of the learner while it works.
    public struct Figures: Sendable {
        /// Transitions recorded in the run.
        public var transitions = 0
        /// Updates done in the run.
        public var updates = 0
        /// Updates rolled back because a number was not finite.
        public var rolledBackUpdates = 0
        /// The newest update's figures.
        public var metrics: UpdateMetrics?

        /// Figures of a learner that has done nothing.
        public init() {}
    }

    private let core: LearnerCore
    private let ring: TransitionRing
    private let episodeSteps: Int
    private let clock: @Sendable () -> Double
    private let failed: @Sendable (JournalError) -> Void
    private struct Policies {
        var toExplore: PolicySnapshot
        var toKeep: PolicySnapshot
    }

    private let published = Mutex<Policies?>(nil)
    private let shownFigures = Mutex(Figures())
    private let outcomes = Mutex<[FinishedEpisode]>([])
    private let trials = Mutex<[TriedPolicy]>([])
    private let transitionsTaken: Atomic<Int>
    private let updatesDone: Atomic<Int>
    private let isClosing = Atomic<Bool>(false)
    private let thread = Mutex<WorkThread?>(nil)

    /// Updates between two snapshots; one costs about a hundredth of an update.
    private static let snapshotInterval = 20

    /// Starts the thread.
    ///
    /// - Parameters:
    ///   - core: must not be used by anybody else until `close` has returned.
    ///   - episodeSteps: how far a simulated clock may run ahead.
    ///   - stepsPerMinute: transitions that come in a minute; the ring holds that many.
    ///   - priority: `.background` beside a body in real time.
    ///   - failed: called on the learner thread, once, when the journal cannot be written or the
    ///     run's quota is reached. Only in the latter case what comes after is recorded still.
    public init(
        core: LearnerCore,
        layout: TransitionLayout,
        episodeSteps: Int,
        stepsPerMinute: Int,
        priority: ThreadPriority = .ordinary,
        clock: @escaping @Sendable () -> Double,
        failed: @escaping @Sendable (JournalError) -> Void
    ) {
        self.core = core
        self.episodeSteps = episodeSteps
        self.clock = clock
        self.failed = failed
        ring = TransitionRing(layout: layout, capacity: max(64, stepsPerMinute))
        transitionsTaken = Atomic(core.transitions)
        updatesDone = Atomic(core.updates)
        if core.hasPolicy {
            let policies = Policies(toExplore: core.snapshot(), toKeep: core.policyToKeep())
            published.withLock { $0 = policies }
        }
        let started = WorkThread(name: "sacbot-learner", priority: priority) { [self] in work() }
        thread.withLock { $0 = started }
    }

    // MARK: Control thread

    /// Takes one step; `false` if the learner is a minute behind.
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

    /// The newest published policy.
    public func policyForNextEpisode() -> PolicySnapshot? { published.withLock { $0?.toExplore } }

    /// The newest published policy to keep.
    public func policyToTry() -> PolicySnapshot? { published.withLock { $0?.toKeep } }

    /// Whether updates lag by more than one episode's worth.
    ///
    /// Counts what waits in the ring and what was taken; a transition that was refused counts in
    /// neither, so that nobody waits for its update.
    public var mustWait: Bool {
        core.governor.mustWait(
            transitions: transitionsTaken.load(ordering: .acquiring) + ring.ring.count,
            updates: updatesDone.load(ordering: .relaxed),
            episodeSteps: episodeSteps
        ) && !isClosing.load(ordering: .relaxed)
    }

    /// Nothing: this learner works by itself.
    public func stepFinished() {}

    /// Hands an episode's outcome to the learner thread.
    public func episodeFinished(_ outcome: FinishedEpisode) {
        outcomes.withLock { $0.append(outcome) }
    }

    /// Hands a tried policy to the learner thread.
    public func tried(_ policy: PolicySnapshot, score: TrialScore, isBest: Bool) {
        trials.withLock { $0.append(TriedPolicy(policy: policy, score: score, isBest: isBest)) }
    }

    // MARK: Anybody

    /// The learner's figures, at most an update old.
    public var figures: Figures { shownFigures.withLock { $0 } }

    /// Lets the thread take what is left, write its last checkpoint and end; waits for that.
    public func close() {
        isClosing.store(true, ordering: .releasing)
        let running = thread.withLock { stored in
            defer { stored = nil }
            return stored
        }
        running?.join()
    }

    // MARK: Learner thread

    private func work() {
        do throws(JournalError) {
            var sinceSnapshot = 0
            var toldOfQuota = false
            while !isClosing.load(ordering: .acquiring) {
                try takeEverything()
                if !toldOfQuota, let problem = core.quotaProblem {
                    toldOfQuota = true
                    failed(problem)
                }
                if core.isUpdateDue {
                    core.update()
                    updatesDone.store(core.updates, ordering: .relaxed)
                    sinceSnapshot += 1
                }
                if sinceSnapshot >= Self.snapshotInterval
                    || (sinceSnapshot > 0 && !core.isUpdateDue)
                {
                    publish()
                    sinceSnapshot = 0
                }
                if !core.isUpdateDue { idle() }
            }
            try takeEverything()
            try core.saveCheckpoint(now: clock())
            publish()
        } catch {
            failed(error)
        }
    }

    /// Outcomes are looked at before the ring is emptied, so that an episode's transitions are all
    /// recorded before its outcome.
    private func takeEverything() throws(JournalError) {
        let finished = outcomes.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        var problem: JournalError?
        while problem == nil, ring.ring.take({ row in problem = core.takeOrReport(row) }) {}
        if let problem { throw problem }
        transitionsTaken.store(core.transitions, ordering: .releasing)
        for episode in finished {
            try core.finish(episode, now: clock())
            try core.saveCheckpointIfDue(now: clock())
        }
        let tried = trials.withLock { waiting in
            defer { waiting.removeAll() }
            return waiting
        }
        for trial in tried { try core.tried(trial, now: clock()) }
        try core.flush(now: clock())
    }

    private func publish() {
        let policies = Policies(toExplore: core.snapshot(), toKeep: core.policyToKeep())
        published.withLock { $0 = policies }
        shownFigures.withLock {
            $0.transitions = core.transitions
            $0.updates = core.updates
            $0.rolledBackUpdates = core.rolledBackUpdates
            $0.metrics = core.metrics
        }
    }

    /// A robot makes 10 to 50 steps a second; a millisecond is soon enough.
    private func idle() {
        shownFigures.withLock { $0.transitions = core.transitions }
        MonotonicClock.sleep(until: MonotonicClock.now() + 1_000_000)
    }
}
