// Foundation only because GRDB's blobs are its `Data`.
import FoundationEssentials
import GRDB

/// Records a run.
///
/// Whatever a call has returned from survives kill -9 and a power cut.
///
/// Every call is one SQLite transaction (WAL, synchronous = FULL): on an error nothing of it was
/// recorded, and the call can be made again. One journal a run, used by one thread; other
/// processes read with `JournalReader`.
public final class Journal: JournalReader {
    /// What the check at opening found; blocks behind a damaged one were set aside.
    public let recovery: RecoveryReport
    /// Where the run stands: what a resumed run goes on from.
    public internal(set) var newest: RunProgress
    /// How many checkpoints stay on disk.
    let checkpointsKept: Int
    private var lock: RunLock?

    /// Opens a run to go on with it, or begins it; checks and repairs what is there.
    ///
    /// `now` is in seconds since 1970. A resumed run must have the same key, observation, action
    /// and calibration (`otherKey`, `changed`); another robot file or program is logged as a
    /// change. Throws also `busy`, `newerSchema`, `damaged`, `inaccessible`, `diskFull`,
    /// `inputOutput` or `database`.
    public init(
        folder: RunFolder,
        identity: RunIdentity,
        now: Double,
        checkpointsKept: Int = 3
    ) throws(JournalError) {
        precondition(checkpointsKept >= 1, "a run must keep a checkpoint")
        self.checkpointsKept = checkpointsKept
        let lock = try RunLock(path: folder.lockPath)
        try DurableFile.makeFolder(folder.checkpointsPath)
        try Self.removePartialFiles(folder)
        let database = try RunDatabase(writing: folder.journalPath)
        try DurableFile.syncFolder(folder.path)
        try database.write { try RunMeta.compareAndStore(identity, folder, now, in: $0) }
        recovery = try database.write { try Self.cutDamagedTail($0, now) }
        newest = try database.read { try RunProgress($0) }
        self.lock = consume lock
        super.init(folder: folder, database: database)
        try removeUnlistedCheckpoints()
    }

    deinit {
        // The file before the lock: who gets the run next finds it folded and closed.
        _ = try? database.close()
    }

    /// Records a block, and with it, in the same transaction, what belongs to it.
    ///
    /// The block is emptied when it is on disk; it keeps its transitions on an error. An empty
    /// one records just the rest.
    public func append(
        _ block: inout TransitionBlockWriter,
        episodes: [EpisodeRecord] = [],
        metrics: [MetricRecord] = [],
        events: [EventRecord] = []
    ) throws(JournalError) {
        var progress = newest
        let bytes = try entry(of: block, &progress)
        for episode in episodes {
            progress.nextEpisode = max(progress.nextEpisode, episode.index + 1)
        }
        try database.write { database in
            if let bytes { try Self.insert(bytes.entry, bytes.words, progress, database) }
            for episode in episodes { try episode.insert(in: database) }
            for metric in metrics { try metric.insert(in: database) }
            for event in events { try event.insert(in: database) }
        }
        newest = progress
        block.clear()
    }

    /// Records episodes, metrics and events in one transaction.
    public func record(
        episodes: [EpisodeRecord] = [],
        metrics: [MetricRecord] = [],
        events: [EventRecord] = []
    ) throws(JournalError) {
        var nothing = TransitionBlockWriter(observationCount: 1, actionCount: 0)
        try append(&nothing, episodes: episodes, metrics: metrics, events: events)
    }

    /// Goes back to a step: removes transitions, episodes, metrics and checkpoints behind it.
    ///
    /// For a lock-step resume, which computes them again. A block that reaches across the step is
    /// shortened. An episode's record goes if any of its steps do, and if its number is
    /// `firstEpisode` or above: an episode that was stopped before its first step has none.
    public func discard(
        afterStep step: Int,
        fromEpisode firstEpisode: Int = .max
    ) throws(JournalError) {
        let removed = try database.write { database in
            try Self.shortenBlocks(database, afterStep: step)
            try database.execute(
                sql: "DELETE FROM episodes WHERE first_step + steps - 1 > ? OR \"index\" >= ?",
                arguments: [step, firstEpisode]
            )
            try database.execute(sql: "DELETE FROM metrics WHERE step > ?", arguments: [step])
            let sql = "DELETE FROM checkpoints WHERE step > ? RETURNING file"
            return try String.fetchAll(database, sql: sql, arguments: [step])
        }
        newest = try database.read { try RunProgress($0) }
        for file in removed { try DurableFile.remove(folder.checkpointsPath + "/" + file) }
    }

    /// Replaces a file of the run, such as `RunFolder.policyName`, in one step.
    ///
    /// Throws `badName` for a name that is not a plain file name or belongs to the journal.
    public func writeFile(_ name: String, _ bytes: [UInt8]) throws(JournalError) {
        let isOurs = name.hasPrefix("journal.sqlite") || name == RunFolder.lockName
        guard RunKey.isFileName(name), !isOurs, !name.hasSuffix(DurableFile.partialSuffix) else {
            throw .badName(what: "file", value: name)
        }
        try DurableFile.write(bytes, to: folder.path + "/" + name)
    }

    /// Closes the run and lets others write it; nothing may be called after.
    public func close() throws(JournalError) {
        try database.close()
        lock = nil
    }

    /// Checks a block against what is recorded and counts it in; nil if it is empty.
    private func entry(
        of block: TransitionBlockWriter,
        _ progress: inout RunProgress
    ) throws(JournalError) -> (entry: BlockEntry, words: [UInt32])? {
        guard !block.isEmpty else { return nil }
        guard block.firstStep > newest.lastStep else {
            throw .outOfOrder(field: "step", value: block.firstStep, previous: newest.lastStep)
        }
        guard block.firstEpisode >= newest.nextEpisode - 1 else {
            throw .outOfOrder(
                field: "episode",
                value: block.firstEpisode,
                previous: newest.nextEpisode - 1
            )
        }
        progress.lastSequence += 1
        progress.lastStep = block.lastStep
        progress.transitions += block.count
        progress.nextEpisode = block.lastEpisode + 1
        let entry = BlockEntry(
            count: block.count,
            firstStep: block.firstStep,
            lastStep: block.lastStep,
            episode: block.firstEpisode,
            lastEpisode: block.lastEpisode
        )
        return (entry, block.encoded(sequence: progress.lastSequence))
    }
}
