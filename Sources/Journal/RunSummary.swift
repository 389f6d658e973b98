import GRDB

/// A run in one line, for `sacbot runs`.
public struct RunSummary: Sendable, Hashable {
    /// Where it lies.
    public var folder: RunFolder
    /// Who it is.
    public var identity: RunIdentity
    /// When it began, in seconds since 1970.
    public var created: Double
    /// When it was last written, in seconds since 1970.
    public var lastWritten: Double
    /// The process that writes it now: nil if none does, 0 if it is not known.
    public var writer: Int?
    /// How many episodes have a record.
    public var episodes: Int
    /// How many transitions are kept.
    public var transitions: Int
    /// The newest step; -1 if there is none.
    public var lastStep: Int
    /// The updates of the newest listed checkpoint; nil if there is none.
    public var updates: Int?
    /// The newest episodes that the next three numbers are about.
    public var recentEpisodes: Int
    /// Their mean return; nil without an episode.
    public var recentReturn: Double?
    /// The share of them that met the goal at the final step; nil without an episode.
    public var recentSuccessFinal: Double?
    /// The share of them that held the goal; nil without an episode.
    public var recentSuccessHeld: Double?
    /// Whether there is a policy to evaluate.
    public var hasPolicy: Bool
    /// The size of journal, checkpoints and policy on disk.
    public var bytes: Int
    /// Blocks that were set aside because of damage, in all openings.
    public var cutBlocks: Int
}

/// One point of the learning curve: the mean over a window of episodes that ends here.
public struct LearningCurvePoint: Sendable, Hashable {
    /// The last episode of the window.
    public var episode: Int
    /// Its last step.
    public var step: Int
    /// The mean return of the window.
    public var meanReturn: Double
    /// The share of the window that met the goal at the final step.
    public var successFinal: Double
    /// The share of the window that held the goal.
    public var successHeld: Double

    /// A point.
    public init(
        episode: Int,
        step: Int,
        meanReturn: Double,
        successFinal: Double,
        successHeld: Double
    ) {
        self.episode = episode
        self.step = step
        self.meanReturn = meanReturn
        self.successFinal = successFinal
        self.successHeld = successHeld
    }
}

extension JournalReader {
    /// The run in one line; the recent figures are over the newest `window` whole episodes.
    ///
    /// Aborted episodes count as episodes, not in the recent figures.
    public func summary(window: Int = 20) throws(JournalError) -> RunSummary {
        let meta = try metadata()
        let listed = try checkpoints()
        let progress = try progress()
        let counts = try database.read { database in
            (
                episodes: try Int.fetchOne(database, sql: "SELECT count(*) FROM episodes") ?? 0,
                cut: try Int.fetchOne(database, sql: "SELECT count(*) FROM cut_blocks") ?? 0
            )
        }
        let curve = try learningCurve(window: window)
        let files =
            [folder.journalPath, folder.journalPath + "-wal", folder.policyPath]
            + listed.map { folder.checkpointsPath + "/" + $0.fileName }
        return RunSummary(
            folder: folder,
            identity: try identity(),
            created: meta["created"].flatMap { Double($0) } ?? 0,
            lastWritten: folder.lastWritten,
            writer: RunLock.holder(path: folder.lockPath),
            episodes: counts.episodes,
            transitions: progress.transitions,
            lastStep: progress.lastStep,
            updates: listed.first?.updates,
            recentEpisodes: min(window, curve.count),
            recentReturn: curve.last?.meanReturn,
            recentSuccessFinal: curve.last?.successFinal,
            recentSuccessHeld: curve.last?.successHeld,
            hasPolicy: DurableFile.status(folder.policyPath) != nil,
            bytes: files.reduce(0) { $0 + (DurableFile.status($1)?.size ?? 0) },
            cutBlocks: counts.cut
        )
    }

    /// The learning curve: a point for every whole episode, averaged over `window` episodes.
    ///
    /// The first points average what there is. Aborted episodes are left out.
    public func learningCurve(window: Int = 20) throws(JournalError) -> [LearningCurvePoint] {
        let whole = try episodes().filter { $0.end != .aborted }
        let size = max(window, 1)
        return whole.indices.map { index in
            let recent = whole[max(0, index + 1 - size)...index]
            func mean(_ value: (EpisodeRecord) -> Double) -> Double {
                recent.reduce(0) { $0 + value($1) } / Double(recent.count)
            }
            let last = whole[index]
            return LearningCurvePoint(
                episode: last.index,
                step: last.firstStep + max(last.steps, 1) - 1,
                meanReturn: mean { $0.totalReward },
                successFinal: mean { $0.succeededFinally ? 1 : 0 },
                successHeld: mean { $0.succeededHeld ? 1 : 0 }
            )
        }
    }
}
