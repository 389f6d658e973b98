import Control
public import Journal
import Learning
public import Robot

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
    /// The world where a lock-step run goes on exactly; `nil` if it does not.
    public let world: WorldState?
    /// What was found, one sentence each, for a person.
    public let notes: [String]

    /// Opens the request's run and brings the learner to where it was.
    ///
    /// - Parameters:
    ///   - now: wall-clock seconds since 1970.
    ///   - restoreWorld: puts the world of a lock-step run back, before anything that was recorded
    ///     after it is dropped.
    public init(
        _ request: RunRequest,
        now: Double,
        restoreWorld: (WorldState) throws(WorldProblem) -> Void = { _ in }
    ) throws(OpenRunError) {
        // Before anything is created: a source that cannot be used changes nothing.
        let source = try Self.source(request)
        let opened = try Self.journal(request, now: now)
        let seed = try Self.reading { () throws(JournalError) in try opened.identity().seed }
        let learner = Learner(
            settings: request.settings,
            observationCount: request.layout.observationCount,
            actionCount: request.layout.actionCount,
            image: request.layout.image,
            seed: seed
        )
        let replay = Self.emptyReplay(request)
        var provenance = request.provenance
        provenance.seed = seed
        var notes: [String] = []
        if opened.recovery.reason != nil { notes.append("journal: \(opened.recovery)") }
        let resumed = try Self.restore(learner, request, from: opened, source, &notes)
        provenance.startedFrom = resumed.startedFrom
        try Self.goBack(opened, to: resumed, request, restoreWorld: restoreWorld, &notes)
        if let checkpoint = resumed.checkpoint {
            notes.append(
                "resumed \(opened.folder.path) at step \(opened.newest.lastStep + 1), "
                    + "episode \(opened.newest.nextEpisode), update \(checkpoint.updates)"
            )
        }
        let earlier = try Self.borrowed(request, resumed.borrowed)
        try Self.fill(replay, request, from: earlier.first { $0.use == .replay }, &notes)
        try Self.fill(replay, request, from: opened)
        let prior = try Self.prior(request, earlier.first { $0.use == .prior }, &notes)

        folder = opened.folder
        journal = opened
        self.seed = seed
        world = resumed.rest?.world
        nextEpisode = resumed.rest?.nextEpisode ?? opened.newest.nextEpisode
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
            updatesBefore: resumed.updatesBefore,
            best: request.triesPolicies ? resumed.rest?.best : nil,
            borrowed: earlier,
            diskQuota: request.diskQuota,
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
            if let quota = request.diskQuota { try journal.keepWithin(quota: quota) }
            try journal.writeFile(RunFolder.robotFileName, request.robotFile)
            if let calibration = request.calibrationFile {
                try journal.writeFile(RunFolder.calibrationName, calibration)
            }
            return journal
        }
    }

    /// Where a run goes on.
    private struct Resumed {
        /// The updates the networks had before this run began.
        var updatesBefore = 0
        /// The run's own checkpoint, if it has one.
        var checkpoint: CheckpointRecord?
        /// What a lock-step run needs beside networks and replay.
        var rest: LockstepRest?
        /// Where transitions that are not the run's own came from.
        var borrowed: [BorrowedReplay] = []
        /// The run that the networks came from, if it was another.
        var startedFrom: String?
    }

    /// Networks from the run's own newest checkpoint, else from the run it starts from.
    private static func restore(
        _ learner: Learner,
        _ request: RunRequest,
        from journal: Journal,
        _ source: Source?,
        _ notes: inout [String]
    ) throws(OpenRunError) -> Resumed {
        let own = try reading { () throws(JournalError) in try journal.newestValidCheckpoint() }
        notes += own.rejected.map { "a damaged checkpoint was passed over: \($0)" }
        if let record = own.record {
            let file = try load(own.bytes, into: learner, path: journal.folder.path)
            return Resumed(
                updatesBefore: file.metadata[PolicyProvenance.updatesBeforeKey]
                    .flatMap { Int($0) } ?? 0,
                checkpoint: record,
                rest: request.isLockstep ? try rest(file, path: journal.folder.path) : nil,
                borrowed: BorrowedReplay.all(file.metadata),
                startedFrom: file.metadata[PolicyProvenance.startedFromKey]
            )
        }
        if journal.newest.transitions > 0 {
            notes.append(
                "resumed \(journal.folder.path) at step \(journal.newest.lastStep + 1) without a "
                    + "checkpoint: the networks start anew on what was recorded"
            )
        }
        guard let source else { return Resumed() }
        _ = try load(source.bytes, into: learner, path: source.path)
        notes.append("started from the networks of \(source.path)")
        return Resumed(updatesBefore: learner.updateCount, startedFrom: source.path)
    }

    /// Drops what a lock-step run recorded after its checkpoint; it will be computed again.
    private static func goBack(
        _ journal: Journal,
        to resumed: Resumed,
        _ request: RunRequest,
        restoreWorld: (WorldState) throws(WorldProblem) -> Void,
        _ notes: inout [String]
    ) throws(OpenRunError) {
        guard request.isLockstep, let checkpoint = resumed.checkpoint else { return }
        guard let rest = resumed.rest else {
            notes.append(
                "its newest checkpoint was not taken in lock step: nothing is computed again, and "
                    + "the robot starts in its model's pose"
            )
            return
        }
        do throws(WorldProblem) { try restoreWorld(rest.world) } catch {
            throw .world(path: journal.folder.path, error)
        }
        let before = journal.newest.transitions
        try reading { () throws(JournalError) in
            try journal.discard(afterStep: checkpoint.step, fromEpisode: rest.nextEpisode)
        }
        let dropped = before - journal.newest.transitions
        if dropped > 0 { notes.append("lock step: the newest \(dropped) steps are computed again") }
        guard journal.newest.transitions != rest.transitions else { return }
        notes.append(
            "\(rest.transitions - journal.newest.transitions) transitions from before the "
                + "checkpoint are lost: the run goes on, but not as if it had not been interrupted"
        )
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
    ) throws(OpenRunError) -> (tensors: [NamedTensor], metadata: [String: String]) {
        do throws(LearningError) {
            let file = try Safetensors.decode(bytes)
            try learner.restore(file.tensors)
            return file
        } catch {
            throw .checkpoint(path: path, error)
        }
    }

    private static func rest(
        _ file: (tensors: [NamedTensor], metadata: [String: String]),
        path: String
    ) throws(OpenRunError) -> LockstepRest? {
        do throws(LearningError) {
            return try LockstepRest(file.tensors, file.metadata)
        } catch {
            throw .checkpoint(path: path, error)
        }
    }

    static func reading<Value>(
        _ body: () throws(JournalError) -> Value
    ) throws(OpenRunError) -> Value {
        do throws(JournalError) { return try body() } catch { throw .journal(error) }
    }
}
