import GRDB

/// The tables of a run.
///
/// STRICT, so that a row read back has the types it was written with.
enum RunSchema {
    /// Creates the tables in an empty file, all or none.
    static func create(in database: Database) throws {
        guard try Int.fetchOne(database, sql: "PRAGMA user_version") == 0 else { return }
        for table in tables { try database.execute(sql: table) }
        try database.execute(sql: "PRAGMA user_version = \(RunDatabase.schemaVersion)")
    }

    private static let tables = [
        "CREATE TABLE meta (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL) STRICT",
        """
        CREATE TABLE changes (
            id INTEGER PRIMARY KEY, time REAL NOT NULL, what TEXT NOT NULL,
            was TEXT NOT NULL, now TEXT NOT NULL
        ) STRICT
        """,
        blockTable("blocks (sequence INTEGER PRIMARY KEY,"),
        // Where blocks go that lie behind a damaged one: not used, not thrown away.
        blockTable("cut_blocks (id INTEGER PRIMARY KEY, reason TEXT NOT NULL, sequence INTEGER,"),
        """
        CREATE TABLE episodes (
            "index" INTEGER PRIMARY KEY, started REAL NOT NULL, ended REAL NOT NULL,
            first_step INTEGER NOT NULL, steps INTEGER NOT NULL, "return" REAL,
            success_final INTEGER NOT NULL, success_held INTEGER NOT NULL,
            end_kind TEXT NOT NULL, end_reason TEXT NOT NULL, policy_version INTEGER NOT NULL,
            robot_hash TEXT NOT NULL, calibration_hash TEXT NOT NULL,
            limited_steps INTEGER NOT NULL, reset_seconds REAL NOT NULL, seed INTEGER NOT NULL
        ) STRICT
        """,
        "CREATE TABLE metrics (step INTEGER NOT NULL, name TEXT NOT NULL, value REAL) STRICT",
        "CREATE INDEX metrics_by_name ON metrics (name, step)",
        """
        CREATE TABLE events (
            id INTEGER PRIMARY KEY, time REAL NOT NULL, level TEXT NOT NULL, text TEXT NOT NULL
        ) STRICT
        """,
        """
        CREATE TABLE checkpoints (
            id INTEGER PRIMARY KEY AUTOINCREMENT, step INTEGER NOT NULL, updates INTEGER NOT NULL,
            time REAL NOT NULL, file TEXT NOT NULL, size INTEGER NOT NULL, crc32 INTEGER NOT NULL,
            complete INTEGER NOT NULL
        ) STRICT
        """,
    ]

    /// The columns that `blocks` and `cut_blocks` share.
    static let blockColumns =
        "sequence, first_step, last_step, transition_count, episode, last_episode, payload, crc32"

    private static func blockTable(_ beginning: String) -> String {
        """
        CREATE TABLE \(beginning)
            first_step INTEGER NOT NULL, last_step INTEGER NOT NULL,
            transition_count INTEGER NOT NULL, episode INTEGER NOT NULL,
            last_episode INTEGER NOT NULL, payload BLOB NOT NULL, crc32 INTEGER NOT NULL
        ) STRICT
        """
    }
}
