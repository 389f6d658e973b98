import Control
public import Journal
import Learning

/// A run that is open for learning: new, or where it was left.
public struct OpenedRun {
    /// Its folder.
    public let folder: RunFolder
    /// The journal; the core writes it until the learner is closed.
    public let journal: Journal
    /// Replay, networks and journal, ready to go on.
    public let core: LearnerCore
    /// The seed the run began with.
    public let seed: UInt64
    /// The number of the next episode.
    public let nextEpisode: Int
    /// What was found, one sentence each, for a person.
    public let notes: [String]

    /// Opens the request's run and brings the learner to where it was.
    ///
    /// - Parameter now: wall-clock seconds since 1970.
    public init(_ request: RunRequest, now: Double) throws(OpenRunError) {
        // Before anything is created: a source that cannot be used changes nothing.
        let source = try Self.source(request)
        let opened = try Self.journal(request, now: now)
        let seed = try Self.reading { () throws(JournalError) in try opened.identity().seed }
        let learner = Learner(
            settings: request.settings,
            observationCount: request.layout.observationCount,
            actionCount: request.layout.actionCount,
            seed: seed
        )
        let replay = Self.emptyReplay(request)
        var provenance = request.provenance
        provenance.seed = seed
        var notes: [String] = []
        if opened.recovery.reason != nil { notes.append("journal: \(opened.recovery)") }
        let updatesBefore = try Self.restore(
            learner,
            request,
            from: opened,
            source,
            &provenance,
            &notes
        )
        try Self.fill(replay, request, from: opened, &notes)
        let prior = try Self.prior(request, &notes)

        folder = opened.folder
        journal = opened
        self.seed = seed
        nextEpisode = opened.newest.nextEpisode
        core = LearnerCore(
            learner: learner,
            replay: replay,
            prior: prior,
            journal: opened,
            layout: request.layout,
            settings: request.settings,
            provenance: provenance,
            replayAction: request.replayAction,
            progress: opened.newest,
            updatesBefore: updatesBefore,
            now: now
        )
        self.notes = notes
    }

    private static func journal(_ request: RunRequest, now: Double) throws(OpenRunError) -> Journal
    {
        try reading { () throws(JournalError) in
            let folder = try RunFolder.resumeOrCreate(
                root: request.root,
                key: request.identity.key,
                fresh: request.fresh,
                now: now
            )
            let journal = try Journal(folder: folder, identity: request.identity, now: now)
            try journal.writeFile(RunFolder.robotFileName, request.robotFile)
            if let calibration = request.calibrationFile {
                try journal.writeFile(RunFolder.calibrationName, calibration)
            }
            return journal
        }
    }

    /// Networks from the run's own newest checkpoint, else from the run it starts from.
    ///
    /// - Returns: the updates they had before this run began.
    private static func restore(
        _ learner: Learner,
        _ request: RunRequest,
        from journal: Journal,
        _ source: Source?,
        _ provenance: inout PolicyProvenance,
        _ notes: inout [String]
    ) throws(OpenRunError) -> Int {
        let own = try reading { () throws(JournalError) in try journal.newestValidCheckpoint() }
        notes += own.rejected.map { "a damaged checkpoint was passed over: \($0)" }
        if let record = own.record {
            let metadata = try load(own.bytes, into: learner, path: journal.folder.path)
            provenance.startedFrom = metadata[PolicyProvenance.startedFromKey]
            if request.isLockstep {
                try reading { () throws(JournalError) in
                    try journal.discard(afterStep: record.step)
                }
            }
            notes.append(
                "resumed \(journal.folder.path) at step \(journal.newest.lastStep + 1), "
                    + "episode \(journal.newest.nextEpisode), update \(record.updates)"
            )
            return metadata[PolicyProvenance.updatesBeforeKey].flatMap { Int($0) } ?? 0
        }
        if journal.newest.transitions > 0 {
            notes.append(
                "resumed \(journal.folder.path) at step \(journal.newest.lastStep + 1) without a "
                    + "checkpoint: the networks start anew on what was recorded"
            )
        }
        guard let source else { return 0 }
        _ = try load(source.bytes, into: learner, path: source.path)
        provenance.startedFrom = source.path
        notes.append("started from the networks of \(source.path)")
        return learner.updateCount
    }

    /// The networks another run is to start from.
    private struct Source {
        var path: String
        var bytes: [UInt8]
    }

    /// Reads the run to start from, if there is one, and tries it on a learner of the right shape.
    private static func source(_ request: RunRequest) throws(OpenRunError) -> Source? {
        guard let from = request.from else { return nil }
        let found = try reading { () throws(JournalError) in
            try JournalReader(reading: from).newestValidCheckpoint()
        }
        guard found.record != nil else { throw .nothingToStartFrom(path: from.path) }
        let trial = Learner(
            settings: request.settings,
            observationCount: request.layout.observationCount,
            actionCount: request.layout.actionCount,
            seed: 0
        )
        do throws(OpenRunError) {
            _ = try load(found.bytes, into: trial, path: from.path)
        } catch {
            guard case .checkpoint(let path, let reason) = error else { throw error }
            throw .sourceDoesNotFit(path: path, reason)
        }
        return Source(path: from.path, bytes: found.bytes)
    }

    private static func load(
        _ bytes: [UInt8],
        into learner: Learner,
        path: String
    ) throws(OpenRunError) -> [String: String] {
        do throws(LearningError) {
            let file = try Safetensors.decode(bytes)
            try learner.restore(file.tensors)
            return file.metadata
        } catch {
            throw .checkpoint(path: path, error)
        }
    }

    private static func emptyReplay(_ request: RunRequest) -> ReplayBuffer {
        ReplayBuffer(
            observationCount: request.layout.observationCount,
            actionCount: request.layout.actionCount,
            capacity: request.settings.replayCapacity,
            historyFrames: request.historyFrames,
            byteCapacity: request.settings.replayBytes
        )
    }

    /// Earlier data that stays apart from the run's own, if it is asked for.
    private static func prior(
        _ request: RunRequest,
        _ notes: inout [String]
    ) throws(OpenRunError) -> ReplayBuffer? {
        guard let folder = request.prior else { return nil }
        let reader = try reading { () throws(JournalError) in try JournalReader(reading: folder) }
        let replay = emptyReplay(request)
        try fill(replay, request, from: reader)
        guard replay.count > 0 else { throw .nothingToStartFrom(path: folder.path) }
        notes.append("earlier data: \(replay.count) transitions of \(folder.path)")
        return replay
    }

    /// The transitions of the run, after those of the run it starts from if they are wanted.
    private static func fill(
        _ replay: ReplayBuffer,
        _ request: RunRequest,
        from journal: Journal,
        _ notes: inout [String]
    ) throws(OpenRunError) {
        if request.withReplay, let from = request.from {
            let reader = try reading { () throws(JournalError) in try JournalReader(reading: from) }
            try fill(replay, request, from: reader)
            notes.append("took over \(replay.count) transitions of \(from.path)")
        }
        try fill(replay, request, from: journal)
    }

    private static func fill(
        _ replay: ReplayBuffer,
        _ request: RunRequest,
        from reader: JournalReader
    ) throws(OpenRunError) {
        let usesApplied = request.replayAction == .applied
        let rewardScale = Float(request.settings.rewardScale)
        try reading { () throws(JournalError) in
            let first = try reader.sequence(beforeNewest: replay.capacity)
            _ = try reader.readTransitions(afterSequence: first) { record in
                replay.append(
                    observation: record.observation,
                    action: usesApplied ? record.action : record.proposedAction,
                    reward: record.reward * rewardScale,
                    nextObservation: record.nextObservation,
                    terminated: record.isTerminated
                )
            }
        }
    }

    private static func reading<Value>(
        _ body: () throws(JournalError) -> Value
    ) throws(OpenRunError) -> Value {
        do throws(JournalError) { return try body() } catch { throw .journal(error) }
    }
}
