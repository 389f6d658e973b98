// Foundation only because GRDB's blobs are its `Data`.
import FoundationEssentials
import GRDB

/// The SQLite file of a run: opened, checked and shielded so that only `JournalError` gets out.
///
/// Safety: GRDB serialises access itself; the owner is one thread all the same.
final class RunDatabase {
    /// Raised whenever an older program could no longer read what this one writes.
    static let schemaVersion = 1
    /// How long a reader may hold up the writer's checkpointing, or a writer a reader.
    private static let busySeconds = 5.0

    let path: String
    private let queue: DatabaseQueue

    /// Opens for writing, and lays out a new file.
    init(writing path: String) throws(JournalError) {
        self.path = path
        queue = try Self.shield(path) {
            let queue = try DatabaseQueue(
                path: path,
                configuration: Self.writingConfiguration(path)
            )
            try queue.write { try RunSchema.create(in: $0) }
            return queue
        }
    }

    /// Opens for reading, also while another process writes.
    init(reading path: String) throws(JournalError) {
        self.path = path
        guard let status = DurableFile.status(path), status.size > 0 else {
            throw .notARun(path: DurableFile.parent(of: path))
        }
        do throws(JournalError) {
            queue = try Self.openReading(path, database: path)
        } catch {
            // A reader of a WAL database writes the shared index beside it. Where it may not, and
            // no log is left to index, the file alone is the truth.
            let refusals = [ResultCode.SQLITE_CANTOPEN, .SQLITE_READONLY]
            guard case .database(_, let code, _) = error,
                refusals.contains(ResultCode(rawValue: code).primaryResultCode),
                (DurableFile.status(path + "-wal")?.size ?? 0) == 0
            else { throw error }
            queue = try Self.openReading(path, database: "file:\(Self.escaped(path))?immutable=1")
        }
    }

    /// Runs reads on one consistent state.
    func read<T>(_ body: (Database) throws -> T) throws(JournalError) -> T {
        try Self.shield(path) { try queue.read(body) }
    }

    /// Runs one transaction: when it returns it is on disk, when it throws nothing happened.
    func write<T>(_ body: (Database) throws -> T) throws(JournalError) -> T {
        try Self.shield(path) { try queue.write(body) }
    }

    /// Closes the file; folds the log into it if this was the last one who had it open.
    func close() throws(JournalError) {
        try Self.shield(path) { try queue.close() }
    }

    private static func writingConfiguration(_ path: String) -> Configuration {
        var configuration = Configuration()
        configuration.busyMode = .timeout(busySeconds)
        configuration.prepareDatabase { database in
            try refuseNewer(database, path)
            let mode = try String.fetchOne(database, sql: "PRAGMA journal_mode = WAL")
            guard mode == "wal" else {
                throw JournalError.database(
                    path: path,
                    code: 0,
                    message: "this file system cannot hold a write-ahead log; use a local disk"
                )
            }
            // GRDB would choose NORMAL for WAL, which may lose the last commits in a power cut.
            try database.execute(sql: "PRAGMA synchronous = FULL")
            // After a burst the log is cut back to this.
            try database.execute(sql: "PRAGMA journal_size_limit = 16777216")
        }
        return configuration
    }

    private static func openReading(
        _ path: String,
        database: String
    ) throws(JournalError) -> DatabaseQueue {
        var configuration = Configuration()
        configuration.readonly = true
        configuration.busyMode = .timeout(busySeconds)
        configuration.prepareDatabase { database in
            guard try refuseNewer(database, path) > 0 else {
                throw JournalError.notARun(path: DurableFile.parent(of: path))
            }
        }
        return try shield(path) { try DatabaseQueue(path: database, configuration: configuration) }
    }

    @discardableResult
    private static func refuseNewer(_ database: Database, _ path: String) throws -> Int {
        let found = try Int.fetchOne(database, sql: "PRAGMA user_version") ?? 0
        guard found <= schemaVersion else {
            throw JournalError.newerSchema(path: path, found: found, known: schemaVersion)
        }
        return found
    }

    private static func escaped(_ path: String) -> String {
        path.map { ["%": "%25", "?": "%3f", "#": "%23"][$0] ?? String($0) }.joined()
    }

    /// Turns what SQLite and GRDB throw into our own error.
    private static func shield<T>(_ path: String, _ body: () throws -> T) throws(JournalError) -> T
    {
        do {
            return try body()
        } catch let error as JournalError {
            throw error
        } catch let error as DatabaseError {
            throw journalError(error, path)
        } catch {
            throw .database(path: path, code: -1, message: "\(error)")
        }
    }

    private static func journalError(_ error: DatabaseError, _ path: String) -> JournalError {
        let message = error.message ?? "\(error.resultCode)"
        switch error.resultCode {
        case .SQLITE_FULL: return .diskFull(path: path)
        case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .damaged(path: path, detail: message)
        // Growing the log or its index on a full disk comes back as an input/output error.
        case .SQLITE_IOERR where DurableFile.isFull(path): return .diskFull(path: path)
        default:
            let code = error.extendedResultCode.rawValue
            return .database(path: path, code: code, message: message)
        }
    }
}

extension Data {
    /// The words as they lie in memory; they are little-endian already.
    init(words: [UInt32]) {
        self = unsafe words.withUnsafeBytes { unsafe Data($0) }
    }

    /// The CRC-32 of the bytes.
    var crc32: UInt32 { unsafe withUnsafeBytes { unsafe CRC32.checksum($0) } }

    /// Lends the bytes without a copy.
    func lend<T>(_ body: (UnsafeRawBufferPointer) throws -> T) rethrows -> T {
        try unsafe withUnsafeBytes { try unsafe body($0) }
    }
}
