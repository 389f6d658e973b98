import GRDB

/// The `meta` table: who a run is, and what became of it between openings.
enum RunMeta {
    /// Stores the identity of a new run; compares that of a resumed one and logs what may change.
    static func compareAndStore(
        _ identity: RunIdentity,
        _ folder: RunFolder,
        _ now: Double,
        in database: Database
    ) throws {
        let rows = try Row.fetchAll(database, sql: "SELECT key, value FROM meta")
        let stored: [String: String] = Dictionary(uniqueKeysWithValues: rows.map { ($0[0], $0[1]) })
        guard !stored.isEmpty else {
            try store(newRun(identity, now), in: database)
            return
        }
        try refuse(identity, stored, folder)
        let mayChange = [
            ("robot_hash", "robot file", identity.robotHash),
            ("program_version", "program version", identity.programVersion),
            ("host", "host", identity.host),
        ]
        for (key, what, value) in mayChange where (stored[key] ?? "") != value {
            try database.execute(
                sql: "INSERT INTO changes (time, what, was, now) VALUES (?, ?, ?, ?)",
                arguments: [now, what, stored[key] ?? "", value]
            )
            try store([key: value], in: database)
        }
    }

    private static func newRun(_ identity: RunIdentity, _ now: Double) -> [String: String] {
        [
            "robot": identity.key.robot,
            "task": identity.key.task,
            "backend": identity.key.backend,
            "profile": identity.key.profile,
            "created": "\(now)",
            "seed": "\(identity.seed)",
            "schema_version": "\(RunDatabase.schemaVersion)",
            "observation_hash": identity.observationHash,
            "action_hash": identity.actionHash,
            "calibration_hash": identity.calibrationHash,
            "robot_hash": identity.robotHash,
            "program_version": identity.programVersion,
            "host": identity.host,
        ]
    }

    /// Throws if a resumed run is another's, or if its experience would no longer fit.
    private static func refuse(
        _ identity: RunIdentity,
        _ stored: [String: String],
        _ folder: RunFolder
    ) throws(JournalError) {
        let key = identity.key
        let names = ["robot", "task", "backend", "profile"].map { stored[$0] ?? "" }
        guard names == [key.robot, key.task, key.backend, key.profile] else {
            throw .otherKey(
                path: folder.path,
                expected: "\(key)",
                found:
                    "\(RunKey(robot: names[0], task: names[1], backend: names[2], profile: names[3]))"
            )
        }
        let fixed = [
            ("observation_hash", "observation", identity.observationHash),
            ("action_hash", "action", identity.actionHash),
            ("calibration_hash", "calibration", identity.calibrationHash),
        ]
        for (name, what, value) in fixed where stored[name] != value {
            throw .changed(path: folder.path, what: what, was: stored[name] ?? "", now: value)
        }
    }

    private static func store(_ values: [String: String], in database: Database) throws {
        for (key, value) in values.sorted(by: { $0.key < $1.key }) {
            try database.execute(
                sql: "INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)",
                arguments: [key, value]
            )
        }
    }
}
