import GRDB

extension Journal {
    /// Keeps a checkpoint: written, flushed, read back, compared, listed; then old ones go.
    ///
    /// `now` is in seconds since 1970. If this throws, the checkpoints from before still stand and
    /// nothing of the new one is left.
    @discardableResult
    public func writeCheckpoint(
        _ bytes: [UInt8],
        step: Int,
        updates: Int,
        now: Double
    ) throws(JournalError) -> CheckpointRecord {
        let newestID = try database.read {
            try Int.fetchOne($0, sql: "SELECT seq FROM sqlite_sequence WHERE name = 'checkpoints'")
        }
        let id = (newestID ?? 0) + 1
        let record = CheckpointRecord(
            id: id,
            step: step,
            updates: updates,
            time: now,
            fileName: Self.checkpointName(id),
            size: bytes.count,
            crc32: CRC32.checksum(bytes),
            isComplete: true
        )
        let path = folder.checkpointsPath + "/" + record.fileName
        try DurableFile.write(bytes, to: path)
        let pruned: [String]
        do throws(JournalError) {
            guard try DurableFile.read(path, pastCache: true) == bytes else {
                throw .damaged(path: path, detail: "it does not read back as it was written")
            }
            // The new one is proven; in the same transaction the oldest leave the list.
            pruned = try database.write { [checkpointsKept] database in
                try record.insert(in: database)
                let sql = """
                    DELETE FROM checkpoints WHERE id NOT IN
                        (SELECT id FROM checkpoints ORDER BY id DESC LIMIT ?)
                    RETURNING file
                    """
                return try String.fetchAll(database, sql: sql, arguments: [checkpointsKept])
            }
        } catch {
            try DurableFile.remove(path)
            throw error
        }
        for file in pruned {
            // What stays behind here is found by `removeUnlistedCheckpoints` at the next start.
            _ = try? DurableFile.remove(folder.checkpointsPath + "/" + file)
        }
        return record
    }

    /// Removes what a crash left of pruning: unlisted files older than the newest listed one.
    ///
    /// A newer unlisted file is left alone; the next checkpoint takes its name.
    func removeUnlistedCheckpoints() throws(JournalError) {
        let listed = Set(try checkpoints().map(\.fileName))
        guard let newest = listed.max() else { return }
        for name in try DurableFile.names(in: folder.checkpointsPath)
        where name < newest && name.hasSuffix(Self.checkpointSuffix) && !listed.contains(name) {
            try DurableFile.remove(folder.checkpointsPath + "/" + name)
        }
    }

    /// Removes what a crash left of files that were being written.
    static func removePartialFiles(_ folder: RunFolder) throws(JournalError) {
        for path in [folder.path, folder.checkpointsPath] {
            for name in try DurableFile.names(in: path)
            where name.hasSuffix(DurableFile.partialSuffix) {
                try DurableFile.remove(path + "/" + name)
            }
        }
    }

    static let checkpointSuffix = ".safetensors"

    private static func checkpointName(_ id: Int) -> String {
        let digits = String(id)
        return String(repeating: "0", count: max(0, 8 - digits.count)) + digits + checkpointSuffix
    }
}

extension JournalReader {
    /// The listed checkpoints, newest first.
    public func checkpoints() throws(JournalError) -> [CheckpointRecord] {
        try database.read { database in
            let sql = "SELECT * FROM checkpoints ORDER BY id DESC"
            return try Row.fetchAll(database, sql: sql).map(CheckpointRecord.init)
        }
    }

    /// The newest checkpoint whose bytes are what was written, and why newer ones are not.
    public func newestValidCheckpoint() throws(JournalError) -> CheckpointSearch {
        var search = CheckpointSearch()
        // A live run may prune a listed file before it is read; a newer one is listed then.
        for _ in 0..<3 {
            search = CheckpointSearch()
            let listed = try checkpoints()
            for record in listed where record.isComplete {
                let (bytes, flaw) = content(of: record)
                guard let flaw else {
                    search.record = record
                    search.bytes = bytes
                    return search
                }
                search.rejected.append("\(record.fileName): \(flaw)")
            }
            if try checkpoints() == listed { break }
        }
        return search
    }

    /// The bytes of a checkpoint, and what is wrong with them.
    func content(of record: CheckpointRecord) -> (bytes: [UInt8], flaw: String?) {
        do throws(JournalError) {
            let bytes = try DurableFile.read(folder.checkpointsPath + "/" + record.fileName)
            guard bytes.count == record.size else {
                return ([], "\(bytes.count) bytes instead of \(record.size)")
            }
            guard CRC32.checksum(bytes) == record.crc32 else { return ([], "wrong checksum") }
            return (bytes, nil)
        } catch {
            return ([], "\(error)")
        }
    }
}

extension CheckpointRecord {
    fileprivate init(_ row: Row) {
        self.init(
            id: row["id"],
            step: row["step"],
            updates: row["updates"],
            time: row["time"],
            fileName: row["file"],
            size: row["size"],
            crc32: UInt32(truncatingIfNeeded: row["crc32"] as Int),
            isComplete: row["complete"]
        )
    }

    fileprivate func insert(in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO checkpoints VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [id, step, updates, time, fileName, size, Int(crc32), isComplete]
        )
    }
}
