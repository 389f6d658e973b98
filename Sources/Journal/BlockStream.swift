import GRDB

/// Walks the blocks in order, checks each, and stops for good at the first that is wrong.
struct BlockStream {
    /// What the walk has found so far.
    private(set) var report = RecoveryReport()
    /// The sequence number of the first block that is wrong.
    private(set) var cut: Int?
    private var expected: Int?
    private var lastStep = -1
    private var lastEpisode = 0

    /// Hands every transition of every sound block behind `sequence` to `body`, up to block `last`.
    ///
    /// With no `body` the blocks are checked just the same.
    mutating func walk(
        _ database: Database,
        after sequence: Int,
        through last: Int = .max,
        body: ((TransitionRecord) -> Void)?
    ) throws {
        let sql = """
            SELECT sequence, crc32, transition_count, first_step, last_step, episode,
                last_episode, payload
            FROM blocks WHERE sequence > ? AND sequence <= ? ORDER BY sequence
            """
        if sequence > 0 { expected = sequence + 1 }
        do {
            var record = TransitionRecord()
            let rows = try Row.fetchCursor(database, sql: sql, arguments: [sequence, last])
            while let row = try rows.next() {
                if let reason = try check(row) ?? deliver(row, &record, body) {
                    close(database, at: row[0], reason: reason)
                    return
                }
                report.keptBlocks += 1
                report.keptTransitions += row[2] as Int
            }
        } catch let error as DatabaseError where error.resultCode == .SQLITE_CORRUPT {
            close(database, at: expected ?? 1, reason: "the database is damaged behind it")
        }
    }

    /// What is wrong with a block's number or bytes; nil if nothing is.
    private mutating func check(_ row: Row) throws -> String? {
        let sequence: Int = row[0]
        // A run starts at 1; what was cut or discarded was so at the end.
        let wanted = expected ?? 1
        guard sequence == wanted else {
            return "block \(wanted) is missing, the next is \(sequence)"
        }
        expected = sequence + 1
        let checksum = try row.withUnsafeData(atIndex: 7) { $0?.crc32 }
        guard let checksum, Int(checksum) == row[1] as Int else {
            return "block \(sequence) has the wrong checksum"
        }
        return nil
    }

    /// Decodes a block; a reason if it contradicts itself or its entry, with no row handed out.
    private mutating func deliver(
        _ row: Row,
        _ record: inout TransitionRecord,
        _ body: ((TransitionRecord) -> Void)?
    ) throws -> String? {
        let before = (step: lastStep, episode: lastEpisode)
        let sequence: Int = row[0]
        let entry = BlockEntry(row)
        (lastStep, lastEpisode) = (entry.lastStep, entry.lastEpisode)
        return try row.withUnsafeData(atIndex: 7) { data -> String? in
            guard let data else { return "block \(sequence) has no bytes" }
            return unsafe data.lend { bytes -> String? in
                let (opened, reason) = unsafe TransitionBlockReader.open(bytes)
                guard var reader = unsafe opened else { return "block \(sequence): \(reason)" }
                guard unsafe reader.sequence == sequence, unsafe reader.entry == entry else {
                    return "block \(sequence) is not the block its entry describes"
                }
                let flaw = unsafe reader.flaw(afterStep: before.step, afterEpisode: before.episode)
                if let flaw { return "block \(sequence): \(flaw)" }
                guard let body else { return nil }
                for index in 0..<entry.count {
                    unsafe reader.decode(row: index, into: &record)
                    body(record)
                }
                return nil
            }
        }
    }

    /// Counts what lies behind the cut; zero where even that cannot be read.
    private mutating func close(_ database: Database, at sequence: Int, reason: String) {
        cut = sequence
        report.reason = reason
        let sql = "SELECT count(*), sum(transition_count) FROM blocks WHERE sequence >= ?"
        let row = try? Row.fetchOne(database, sql: sql, arguments: [sequence])
        report.droppedBlocks = row?[0] ?? 0
        report.droppedTransitions = row?[1] ?? 0
    }
}

/// What the database says about a block, and what the block says about itself.
struct BlockEntry: Equatable {
    var count: Int
    var firstStep: Int
    var lastStep: Int
    var episode: Int
    var lastEpisode: Int
}

extension BlockEntry {
    fileprivate init(_ row: Row) {
        self.init(
            count: row[2],
            firstStep: row[3],
            lastStep: row[4],
            episode: row[5],
            lastEpisode: row[6]
        )
    }
}
