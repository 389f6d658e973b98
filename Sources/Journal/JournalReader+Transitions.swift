import GRDB

extension JournalReader {
    /// Hands every recorded transition behind block `sequence` to `body`, oldest first.
    ///
    /// Stops at the first damaged or missing block and says so; everything before is sound. The
    /// record is reused from call to call (a copy that is kept stays as it is). `body` must not
    /// use this journal.
    @discardableResult
    public func readTransitions(
        afterSequence sequence: Int = 0,
        body: (TransitionRecord) -> Void
    ) throws(JournalError) -> RecoveryReport {
        try withoutActuallyEscaping(body) { body throws(JournalError) in
            try database.read { database in
                var stream = BlockStream()
                try stream.walk(database, after: sequence, body: body)
                return stream.report
            }
        }
    }

    /// The `afterSequence` that reads at least the newest `count` transitions, if there are such.
    public func sequence(beforeNewest count: Int) throws(JournalError) -> Int {
        try database.read { database in
            let sql = "SELECT sequence, transition_count FROM blocks ORDER BY sequence DESC"
            let rows = try Row.fetchCursor(database, sql: sql)
            var (sequence, found) = (0, 0)
            while let row = try rows.next() {
                sequence = row[0]
                if found >= count { return sequence }
                found += row[1] as Int
            }
            return 0
        }
    }

    /// The recorded transitions of one episode, in order; empty if there are none.
    ///
    /// Reads only the blocks that hold some of it, however long the run is.
    public func transitions(ofEpisode episode: Int) throws(JournalError) -> [TransitionRecord] {
        try database.read { database in
            let sql = """
                SELECT min(sequence), max(sequence) FROM blocks
                WHERE episode <= ?1 AND last_episode >= ?1
                """
            guard let row = try Row.fetchOne(database, sql: sql, arguments: [episode]),
                let first = row[0] as Int?, let last = row[1] as Int?
            else { return [] }
            var found: [TransitionRecord] = []
            var stream = BlockStream()
            try stream.walk(database, after: first - 1, through: last) { record in
                if record.episode == episode { found.append(record) }
            }
            return found
        }
    }
}
