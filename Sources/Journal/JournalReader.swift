import GRDB

/// Reads a run, also while another process writes it.
///
/// For one thread at a time. What is read in one call is one consistent state of the run.
public class JournalReader {
    /// Where the run lies.
    public let folder: RunFolder
    let database: RunDatabase

    /// Opens a run to read it; needs no lock and changes nothing.
    ///
    /// Throws `notARun`, `newerSchema`, `damaged`, `inaccessible` or `database`.
    public init(reading folder: RunFolder) throws(JournalError) {
        self.folder = folder
        database = try RunDatabase(reading: folder.journalPath)
    }

    init(folder: RunFolder, database: RunDatabase) {
        self.folder = folder
        self.database = database
    }

    /// Who this run is, as recorded.
    public func identity() throws(JournalError) -> RunIdentity {
        let meta = try metadata()
        var identity = RunIdentity(
            key: RunKey(
                robot: meta["robot"] ?? "",
                task: meta["task"] ?? "",
                backend: meta["backend"] ?? "",
                profile: meta["profile"] ?? ""
            ),
            seed: meta["seed"].flatMap { UInt64($0) } ?? 0,
            observationHash: meta["observation_hash"] ?? "",
            actionHash: meta["action_hash"] ?? "",
            calibrationHash: meta["calibration_hash"] ?? "",
            robotHash: meta["robot_hash"] ?? "",
            programVersion: meta["program_version"] ?? ""
        )
        identity.host = meta["host"] ?? ""
        return identity
    }

    /// Everything in the `meta` table.
    public func metadata() throws(JournalError) -> [String: String] {
        try database.read { database in
            let rows = try Row.fetchAll(database, sql: "SELECT key, value FROM meta")
            return Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        }
    }

    /// What changed between openings, oldest first.
    public func changes() throws(JournalError) -> [ChangeRecord] {
        try database.read { database in
            let sql = "SELECT time, what, was, now FROM changes ORDER BY id"
            return try Row.fetchAll(database, sql: sql).map {
                ChangeRecord(time: $0[0], what: $0[1], was: $0[2], now: $0[3])
            }
        }
    }

    /// The episodes from number `first` on, in order.
    public func episodes(from first: Int = 0) throws(JournalError) -> [EpisodeRecord] {
        try database.read { database in
            let sql = "SELECT * FROM episodes WHERE \"index\" >= ? ORDER BY \"index\""
            return try Row.fetchAll(database, sql: sql, arguments: [first]).map(EpisodeRecord.init)
        }
    }

    /// The newest episodes before number `before`, at most `limit`, the newest first.
    public func episodes(before: Int, limit: Int) throws(JournalError) -> [EpisodeRecord] {
        try database.read { database in
            let sql = """
                SELECT * FROM episodes WHERE "index" < ? ORDER BY "index" DESC LIMIT ?
                """
            return try Row.fetchAll(database, sql: sql, arguments: [before, limit])
                .map(EpisodeRecord.init)
        }
    }

    /// The names of all metrics, sorted.
    public func metricNames() throws(JournalError) -> [String] {
        try database.read {
            try String.fetchAll($0, sql: "SELECT DISTINCT name FROM metrics ORDER BY name")
        }
    }

    /// One metric over the steps, in order.
    public func metrics(_ name: String) throws(JournalError) -> [MetricRecord] {
        try database.read { database in
            let sql = "SELECT step, value FROM metrics WHERE name = ? ORDER BY step, rowid"
            return try Row.fetchAll(database, sql: sql, arguments: [name]).map {
                MetricRecord(step: $0[0], name: name, value: $0[1] ?? .nan)
            }
        }
    }

    /// The newest `limit` events, oldest first.
    public func events(limit: Int = 1000) throws(JournalError) -> [EventRecord] {
        try database.read { database in
            let sql = "SELECT time, level, text FROM events ORDER BY id DESC LIMIT ?"
            return try Row.fetchAll(database, sql: sql, arguments: [limit]).reversed().map {
                EventRecord(time: $0[0], level: EventLevel(rawValue: $0[1]) ?? .info, text: $0[2])
            }
        }
    }

    /// Where the run stands, by the database's counts.
    public func progress() throws(JournalError) -> RunProgress {
        try database.read { try RunProgress($0) }
    }

    /// The bytes of a file in the run's folder, such as `RunFolder.policyName`.
    public func readFile(_ name: String) throws(JournalError) -> [UInt8] {
        try DurableFile.read(folder.path + "/" + name)
    }
}

extension RunProgress {
    init(_ database: Database) throws {
        let sql = """
            SELECT max(sequence), max(last_step), sum(transition_count), max(last_episode),
                (SELECT max("index") FROM episodes),
                (SELECT max(first_step + steps - 1) FROM episodes)
            FROM blocks
            """
        guard let row = try Row.fetchOne(database, sql: sql) else { return }
        lastSequence = row[0] ?? 0
        // Episodes outlive transitions that were cut; their step numbers are not used again.
        lastStep = max(row[1] ?? -1, row[5] ?? -1)
        transitions = row[2] ?? 0
        nextEpisode = max(row[3] ?? -1, row[4] ?? -1) + 1
    }
}

extension EpisodeRecord {
    fileprivate init(_ row: Row) {
        self.init(
            index: row["index"],
            started: row["started"],
            ended: row["ended"],
            firstStep: row["first_step"],
            steps: row["steps"],
            totalReward: row["return"] ?? .nan,
            succeededFinally: row["success_final"],
            succeededHeld: row["success_held"],
            end: EpisodeEnd(rawValue: row["end_kind"]) ?? .aborted,
            endReason: row["end_reason"],
            policyVersion: row["policy_version"],
            robotHash: row["robot_hash"],
            calibrationHash: row["calibration_hash"],
            limitedSteps: row["limited_steps"],
            resetSeconds: row["reset_seconds"],
            seed: UInt64(bitPattern: row["seed"])
        )
    }
}
