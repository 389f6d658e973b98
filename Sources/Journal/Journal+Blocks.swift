// Foundation only because GRDB's blobs are its `Data`.
import FoundationEssentials
import GRDB

extension Journal {
    static func insert(
        _ entry: BlockEntry,
        _ words: [UInt32],
        _ progress: RunProgress,
        _ database: Database
    ) throws {
        let payload = Data(words: words)
        try database.execute(
            sql: "INSERT INTO blocks (\(RunSchema.blockColumns)) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                progress.lastSequence, entry.firstStep, entry.lastStep, entry.count,
                entry.episode, entry.lastEpisode, payload, Int(payload.crc32),
            ]
        )
    }

    /// Checks every block and moves the first wrong one and all behind it to `cut_blocks`.
    static func cutDamagedTail(_ database: Database, _ now: Double) throws -> RecoveryReport {
        var stream = BlockStream()
        try stream.walk(database, after: 0, body: nil)
        guard let cut = stream.cut else { return stream.report }
        let columns = RunSchema.blockColumns
        let reason = stream.report.reason ?? ""
        try database.execute(
            sql: """
                INSERT INTO cut_blocks (reason, \(columns))
                SELECT ?, \(columns) FROM blocks WHERE sequence >= ?
                """,
            arguments: [reason, cut]
        )
        try database.execute(sql: "DELETE FROM blocks WHERE sequence >= ?", arguments: [cut])
        try EventRecord(time: now, level: .warning, text: "\(stream.report)").insert(in: database)
        return stream.report
    }

    /// Removes the transitions behind a step; a block that holds it is written again, shorter.
    static func shortenBlocks(_ database: Database, afterStep step: Int) throws {
        let sql = "SELECT sequence, payload FROM blocks WHERE first_step <= ? AND last_step > ?"
        if let row = try Row.fetchOne(database, sql: sql, arguments: [step, step]) {
            let block = try row.withUnsafeData(atIndex: 1) { data in
                try unsafe data?.lend { try unsafe rows(of: $0, upTo: step) }
            }
            if let block = block ?? nil { try replace(row[0], by: block, database) }
        }
        try database.execute(sql: "DELETE FROM blocks WHERE first_step > ?", arguments: [step])
    }

    private static func replace(
        _ sequence: Int,
        by block: TransitionBlockWriter,
        _ database: Database
    ) throws {
        let payload = Data(words: block.encoded(sequence: sequence))
        try database.execute(
            sql: """
                UPDATE blocks SET last_step = ?, transition_count = ?, last_episode = ?,
                    payload = ?, crc32 = ? WHERE sequence = ?
                """,
            arguments: [
                block.lastStep, block.count, block.lastEpisode, payload,
                Int(payload.crc32), sequence,
            ]
        )
    }

    private static func rows(
        of bytes: UnsafeRawBufferPointer,
        upTo step: Int
    ) throws -> TransitionBlockWriter? {
        guard var reader = unsafe TransitionBlockReader.open(bytes).0 else { return nil }
        var block = TransitionBlockWriter(
            observationCount: unsafe reader.observationCount,
            actionCount: unsafe reader.actionCount,
            pictureBytes: unsafe reader.pictureBytes
        )
        var record = TransitionRecord()
        for index in 0..<(unsafe reader.count) {
            unsafe reader.decode(row: index, into: &record)
            guard record.step <= step else { break }
            try block.append(record)
        }
        return block
    }
}

extension EpisodeRecord {
    /// In the order of the table's columns.
    func insert(in database: Database) throws {
        let marks = Array(repeating: "?", count: 16).joined(separator: ", ")
        try database.execute(
            sql: "INSERT INTO episodes VALUES (\(marks))",
            arguments: [
                index, started, ended, firstStep, steps, totalReward, succeededFinally,
                succeededHeld, end.rawValue, endReason, policyVersion, robotHash,
                calibrationHash, limitedSteps, resetSeconds, Int64(bitPattern: seed),
            ]
        )
    }
}

extension MetricRecord {
    func insert(in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO metrics VALUES (?, ?, ?)",
            arguments: [step, name, value]
        )
    }
}

extension EventRecord {
    func insert(in database: Database) throws {
        try database.execute(
            sql: "INSERT INTO events (time, level, text) VALUES (?, ?, ?)",
            arguments: [time, level.rawValue, text]
        )
    }
}
