import Control
import Journal
public import Learning
import Robot
import Safety

/// Replay, networks and journal of one run, for one thread at a time.
///
/// Transitions come in as rows of the ring; everything that leaves is a policy snapshot or a file.
public final class LearnerCore {
    /// How updates keep step with transitions.
    public let governor: Governor
    /// Transitions recorded in the run, this session's and those before.
    public private(set) var transitions: Int
    /// The newest update's figures, `nil` before the first.
    public private(set) var metrics: UpdateMetrics?
    /// Updates that were rolled back because a number was not finite.
    public private(set) var rolledBackUpdates = 0

    let learner: Learner
    /// Updates the networks had when this run began: those of the run it started from.
    private let updatesBefore: Int
    private let replay: ReplayBuffer
    /// Earlier data for a share of each batch.
    private let prior: ReplayBuffer?
    /// Where transitions that are not the run's own came from.
    private let borrowed: [BorrowedReplay]
    private let journal: Journal
    private let layout: TransitionLayout
    private let settings: LearnerSettings
    private let provenance: PolicyProvenance
    private let replayAction: ReplayAction
    private var block: TransitionBlockWriter
    private var picture: [UInt8]
    private var nextPicture: [UInt8]
    private var nextStep: Int
    /// What was recorded of episodes whose outcome has not come yet: transitions of the next one may
    /// come in before the outcome of the last.
    private var openEpisodes: [Int: (firstStep: Int, count: Int)] = [:]
    /// The best policy that was tried out, in this session or in lock step since the run began;
    /// without trials the newest is kept.
    private(set) var best: PolicySnapshot?
    /// Whether an update was done since the last episode was recorded.
    private var hasNewMetrics = false
    /// Bytes the run may take on the disk.
    private let diskQuota: Int?
    /// Set once the run is above its quota: what comes is recorded still, nothing is learnt.
    private(set) var quotaProblem: JournalError?
    private var lastFlush: Double
    private var lastCheckpoint: Double

    /// How long transitions may wait for the disk.
    static let flushSeconds = 1.0
    /// How long a run may go without a checkpoint.
    static let checkpointSeconds = 60.0

    /// A core that goes on where the journal stands.
    init(
        learner: Learner,
        replay: ReplayBuffer,
        prior: ReplayBuffer?,
        journal: Journal,
        layout: TransitionLayout,
        settings: LearnerSettings,
        provenance: PolicyProvenance,
        replayAction: ReplayAction,
        progress: RunProgress,
        updatesBefore: Int,
        best: PolicySnapshot?,
        borrowed: [BorrowedReplay],
        diskQuota: Int?,
        now: Double
    ) {
        self.diskQuota = diskQuota
        self.best = best
        self.borrowed = borrowed
        self.updatesBefore = updatesBefore
        self.learner = learner
        self.replay = replay
        self.prior = prior
        self.journal = journal
        self.layout = layout
        self.settings = settings
        self.provenance = provenance
        self.replayAction = replayAction
        governor = Governor(
            updatesPerTransition: settings.updatesPerTransition,
            // Before there is a whole batch no update can be done, so none is due.
            warmUpTransitions: max(settings.warmUpTransitions, settings.batchSize)
        )
        block = TransitionBlockWriter(
            observationCount: layout.observationCount,
            actionCount: layout.actionCount,
            pictureBytes: layout.pictureBytes
        )
        picture = Array(repeating: 0, count: layout.pictureBytes)
        nextPicture = picture
        transitions = progress.transitions
        nextStep = progress.lastStep + 1
        lastFlush = now
        lastCheckpoint = now
    }

    /// Updates done in the run.
    public var updates: Int { learner.updateCount - updatesBefore }

    /// Whether the networks have learnt anything yet, here or in the run they come from.
    var hasPolicy: Bool { learner.updateCount > 0 }

    /// Whether an update is due.
    public var isUpdateDue: Bool {
        replay.count >= settings.batchSize && quotaProblem == nil
            && governor.lag(transitions: transitions, updates: updates) > 0
    }

    /// Takes one transition into replay and the waiting block.
    func take(_ row: Span<Float>) throws(JournalError) {
        let header = layout.header(row)
        let observation = row.extracting(layout.observation)
        let applied = row.extracting(layout.applied)
        let proposed = row.extracting(layout.proposed)
        let next = row.extracting(layout.next)
        layout.picture(row, layout.picture, into: &picture)
        layout.picture(row, layout.nextPicture, into: &nextPicture)
        let (seen, seenNext) = (picture, nextPicture)
        // A number that is not finite is refused and counted by the replay, and kept out of the
        // journal for the same reason.
        guard
            replay.append(
                observation: observation,
                pixels: seen.span,
                action: replayAction == .applied ? applied : proposed,
                reward: header.reward * Float(settings.rewardScale),
                nextObservation: next,
                nextPixels: seenNext.span,
                terminated: header.terminated
            )
        else { return }
        learner.note(observation)
        try block.append(
            observation: observation,
            action: applied,
            proposedAction: proposed,
            reward: header.reward,
            nextObservation: next,
            picture: seen.span,
            nextPicture: seenNext.span,
            isTerminated: header.terminated,
            isTruncated: header.truncated,
            isLimited: header.limited,
            episode: header.episode,
            step: nextStep,
            timeNanoseconds: header.time.nanoseconds
        )
        openEpisodes[header.episode, default: (nextStep, 0)].count += 1
        nextStep += 1
        transitions += 1
    }

    /// One gradient update of everything.
    func update() {
        let result = learner.update(from: replay, prior: prior)
        guard result.isFinite else {
            rolledBackUpdates += 1
            return
        }
        metrics = result
        hasNewMetrics = true
    }

    /// The policy to explore with, as it stands.
    public func snapshot() -> PolicySnapshot { learner.snapshot() }

    /// The policy to keep, as it stands.
    public func policyToKeep() -> PolicySnapshot { learner.keptPolicy() }

    /// Writes waiting transitions if a second has passed, or at once.
    func flush(now: Double, force: Bool = false) throws(JournalError) {
        guard !block.isEmpty, force || now - lastFlush >= Self.flushSeconds else { return }
        try journal.append(&block)
        lastFlush = now
        try holdAgainstQuota()
    }

    /// Checked after the transitions are safe: they are never what has to go.
    private func holdAgainstQuota() throws(JournalError) {
        guard let diskQuota, quotaProblem == nil else { return }
        do throws(JournalError) {
            try journal.keepWithin(quota: diskQuota)
        } catch .quotaReached(let path, let used, let quota) {
            quotaProblem = .quotaReached(path: path, used: used, quota: quota)
        }
    }

    /// Records an episode with its transitions.
    func finish(_ finished: FinishedEpisode, now: Double) throws(JournalError) {
        let record = record(finished)
        // An episode that ended before its first step has no step to put figures to.
        let metrics = record.steps > 0 ? episodeMetrics(finished) : []
        try journal.append(&block, episodes: [record], metrics: metrics)
        hasNewMetrics = false
        lastFlush = now
        try holdAgainstQuota()
    }

    /// Writes a checkpoint if the last one is a minute old.
    func saveCheckpointIfDue(now: Double) throws(JournalError) {
        if now - lastCheckpoint >= Self.checkpointSeconds { try saveCheckpoint(now: now) }
    }

    /// Records the score of a policy that was tried out, and keeps the policy if it is the best.
    func tried(_ trial: TriedPolicy, now: Double) throws(JournalError) {
        try journal.append(
            &block,
            metrics: [
                MetricRecord(step: nextStep - 1, name: "trial/held", value: trial.score.held),
                MetricRecord(
                    step: nextStep - 1,
                    name: "trial/return",
                    value: trial.score.meanReturn
                ),
            ]
        )
        lastFlush = now
        guard trial.isBest else { return }
        best = trial.policy
        try write(trial.policy, transitions: transitions)
    }

    private func write(_ policy: PolicySnapshot, transitions: Int) throws(JournalError) {
        let metadata = provenance.metadata(
            updates: policy.version - updatesBefore,
            updatesBefore: updatesBefore,
            transitions: transitions,
            hasNormaliser: policy.normaliser != nil
        )
        let bytes = Safetensors.encode(policy.tensors(), metadata: metadata)
        try journal.writeFile(RunFolder.policyName, bytes)
    }

    /// Everything a resumed run needs, as it is now.
    func checkpoint() -> Checkpoint {
        let notes = provenance.metadata(
            updates: updates,
            updatesBefore: updatesBefore,
            transitions: transitions
        )
        return Checkpoint(
            tensors: learner.checkpoint(),
            notes: borrowed.reduce(notes) { $0.merging($1.notes) { own, _ in own } },
            step: nextStep - 1,
            updates: updates,
            transitions: transitions,
            policy: best ?? policyToKeep()
        )
    }

    /// Writes a checkpoint, and the policy that goes with it.
    func save(_ checkpoint: Checkpoint, now: Double) throws(JournalError) {
        try flush(now: now, force: true)
        _ = try journal.writeCheckpoint(
            Safetensors.encode(checkpoint.tensors, metadata: checkpoint.notes),
            step: checkpoint.step,
            updates: checkpoint.updates,
            now: now
        )
        try write(checkpoint.policy, transitions: checkpoint.transitions)
        lastCheckpoint = now
    }

    /// Writes a checkpoint of what is now.
    func saveCheckpoint(now: Double) throws(JournalError) { try save(checkpoint(), now: now) }

    private func record(_ finished: FinishedEpisode) -> EpisodeRecord {
        let outcome = finished.outcome
        // An episode without a transition stands before whatever came after it.
        let nextRecorded = openEpisodes.values.map(\.firstStep).min() ?? nextStep
        let own = openEpisodes.removeValue(forKey: outcome.index) ?? (nextRecorded, 0)
        let end: EpisodeEnd
        let reason: String
        switch outcome.ending {
        case .terminated: (end, reason) = (.terminated, "the task's end")
        case .truncated: (end, reason) = (.truncated, "time limit")
        case .stopped: (end, reason) = (.truncated, "stopped in order")
        case .aborted(let fault): (end, reason) = (.aborted, fault.code.explanation)
        }
        return EpisodeRecord(
            index: outcome.index,
            started: finished.started,
            ended: finished.ended,
            firstStep: own.firstStep,
            steps: own.count,
            totalReward: outcome.totalReward,
            succeededFinally: outcome.successFinal,
            succeededHeld: outcome.successHeld,
            end: end,
            endReason: reason,
            policyVersion: outcome.policyVersion.map { Int($0) } ?? -1,
            robotHash: provenance.robotHash,
            calibrationHash: provenance.calibrationHash,
            limitedSteps: outcome.limitedSteps,
            resetSeconds: outcome.reset.seconds,
            seed: finished.seed
        )
    }

    private func episodeMetrics(_ finished: FinishedEpisode) -> [MetricRecord] {
        let step = nextStep - 1
        var values: [(String, Double)] = [
            ("episode/return", finished.outcome.totalReward),
            ("episode/held", finished.outcome.successHeld ? 1 : 0),
            ("learner/updates", Double(updates)),
        ]
        values += finished.outcome.world.sorted { $0.key < $1.key }.map { ("world/\($0)", $1) }
        if hasNewMetrics, let metrics {
            values += [
                ("learner/critic_loss", Double(metrics.criticLoss)),
                ("learner/actor_loss", Double(metrics.actorLoss)),
                ("learner/temperature", Double(metrics.temperature)),
                ("learner/entropy", Double(metrics.entropy)),
                ("learner/mean_q", Double(metrics.meanQ)),
            ]
        }
        return values.map { MetricRecord(step: step, name: $0.0, value: $0.1) }
    }
}

/// A policy that was tried out, on its way to the learner.
struct TriedPolicy: Sendable {
    var policy: PolicySnapshot
    var score: TrialScore
    var isBest: Bool
}

/// What a checkpoint and the policy beside it hold, as it was at one moment.
struct Checkpoint {
    var tensors: [NamedTensor]
    var notes: [String: String]
    /// The last step before it.
    var step: Int
    var updates: Int
    var transitions: Int
    /// The policy to keep.
    var policy: PolicySnapshot
}
