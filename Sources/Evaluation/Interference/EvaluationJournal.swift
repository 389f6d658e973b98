import Control
public import Journal
import Robot
import Safety

/// Records an evaluation as a run: every transition, and for every transition that something was
/// done in a metric `interference/<kind>` at its step.
///
/// Beside the journal lie `evaluation.json`, `schedule.json` and the robot file. Used by one thread.
public final class EvaluationJournal {
    /// Where it lies.
    public let folder: RunFolder
    private let journal: Journal
    private let robotHash: String
    private let calibrationHash: String
    private var block: TransitionBlockWriter
    private var nextStep = 0

    /// Begins a new record.
    ///
    /// - Parameter now: seconds since 1970.
    public init(
        root: String,
        identity: RunIdentity,
        observationCount: Int,
        actionCount: Int,
        now: Double
    ) throws(JournalError) {
        folder = try RunFolder.resumeOrCreate(
            root: root,
            key: identity.key,
            fresh: true,
            now: now
        )
        journal = try Journal(folder: folder, identity: identity, now: now)
        robotHash = identity.robotHash
        calibrationHash = identity.calibrationHash
        block = TransitionBlockWriter(
            observationCount: observationCount,
            actionCount: actionCount
        )
    }

    /// Records an episode that has ended.
    public func record(_ episode: InterferedEpisode, now: Double) throws(JournalError) {
        let firstStep = nextStep
        var metrics: [MetricRecord] = []
        for step in episode.transitions.steps {
            try append(step, episode)
            if step.isInterfered {
                let name = "interference/\(episode.row.kind)"
                metrics.append(MetricRecord(step: nextStep, name: name, value: 1))
            }
            nextStep += 1
        }
        metrics.append(
            MetricRecord(
                step: firstStep,
                name: "evaluation/policy",
                value: Double(episode.row.policy)
            )
        )
        metrics += episode.row.world.sorted { $0.key < $1.key }.map {
            MetricRecord(step: firstStep, name: "world/\($0)", value: $1)
        }
        let row = record(of: episode, firstStep: firstStep, now: now)
        let name = "episode \(row.index): policy \(episode.row.policy), \(episode.row.kind)"
        let event = EventRecord(time: now, level: .info, text: name)
        try journal.append(&block, episodes: [row], metrics: metrics, events: [event])
    }

    private func append(
        _ step: LabelledTransitions.Step,
        _ episode: InterferedEpisode
    ) throws(JournalError) {
        let transitions = episode.transitions
        var record = TransitionRecord()
        record.observation = Array(transitions.observation(step))
        record.action = Array(transitions.applied(step))
        record.proposedAction = Array(transitions.proposed(step))
        record.nextObservation = Array(transitions.next(step))
        record.reward = step.header.reward
        record.isTerminated = step.header.terminated
        record.isTruncated = step.header.truncated
        record.isLimited = step.header.limited
        record.episode = step.header.episode
        record.step = nextStep
        record.timeNanoseconds = step.header.time.nanoseconds
        try block.append(record)
    }

    private func record(
        of episode: InterferedEpisode,
        firstStep: Int,
        now: Double
    ) -> EpisodeRecord {
        let outcome = episode.outcome
        var end = EpisodeEnd.truncated
        var reason = episode.row.kind
        switch outcome.ending {
        case .terminated: end = .terminated
        case .truncated, .stopped: break
        case .aborted(let fault):
            end = .aborted
            reason += ": " + fault.code.explanation
        }
        let seconds = outcome.finish.seconds(since: outcome.start)
        return EpisodeRecord(
            index: outcome.index,
            started: now - seconds,
            ended: now,
            firstStep: firstStep,
            steps: episode.transitions.steps.count,
            totalReward: outcome.totalReward,
            succeededFinally: outcome.successFinal,
            succeededHeld: outcome.successHeld,
            end: end,
            endReason: reason,
            policyVersion: outcome.policyVersion.map { Int($0) } ?? -1,
            robotHash: robotHash,
            calibrationHash: calibrationHash,
            limitedSteps: outcome.limitedSteps,
            resetSeconds: outcome.reset.seconds,
            seed: UInt64(episode.row.episode)
        )
    }

    /// Writes a file beside the journal.
    public func writeFile(_ name: String, _ bytes: [UInt8]) throws(JournalError) {
        try journal.writeFile(name, bytes)
    }

    /// Closes it.
    public func close() throws(JournalError) { try journal.close() }
}
