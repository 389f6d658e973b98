import GRDB

/// What a check of a whole run found.
public struct RunVerification: Sendable, Hashable {
    /// The transitions: how many are sound, where they end.
    public var transitions: RecoveryReport
    /// How many episodes have a record.
    public var episodes: Int
    /// How many checkpoints were read and found sound.
    public var checkpoints: Int
    /// Blocks set aside by an earlier opening; known, so no problem.
    public var cutBlocks: Int
    /// Everything that is not as it was written, one line each; empty if the run is whole.
    public var problems: [String]

    /// Whether the run is whole.
    public var isWhole: Bool { problems.isEmpty }
}

extension JournalReader {
    /// Proves a run whole, or says what is not: database pages, blocks, episodes, checkpoints.
    ///
    /// Changes nothing, and may run beside a writer. Throws only if the run cannot be opened for
    /// reading at all.
    public func verify() throws(JournalError) -> RunVerification {
        let first = try checkpoints()
        var result = try database.read { database in
            var problems: [String] = []
            for line in try String.fetchAll(database, sql: "PRAGMA integrity_check(20)")
            where line != "ok" {
                problems.append("database: \(line)")
            }
            var census = EpisodeCensus()
            var stream = BlockStream()
            try stream.walk(database, after: 0) { census.count($0) }
            if let reason = stream.report.reason { problems.append("transitions: \(reason)") }
            let sql = "SELECT \"index\", first_step, steps FROM episodes ORDER BY 1"
            let episodes = try Row.fetchAll(database, sql: sql)
            let cut = try Row.fetchAll(
                database,
                sql: "SELECT first_step, last_step FROM cut_blocks"
            )
            // What an earlier opening set aside and reported is not reported again.
            problems += episodes.filter { episode in
                let (first, steps): (Int, Int) = (episode[1], episode[2])
                return !cut.contains { first <= $0[1] as Int && first + steps > $0[0] as Int }
            }.compactMap { census.problem(with: $0) }
            return RunVerification(
                transitions: stream.report,
                episodes: episodes.count,
                checkpoints: 0,
                cutBlocks: cut.count,
                problems: problems
            )
        }
        try verifyCheckpoints(first, &result)
        return result
    }

    /// A file that is gone together with its entry was pruned by a writer meanwhile.
    private func verifyCheckpoints(
        _ listed: [CheckpointRecord],
        _ result: inout RunVerification
    ) throws(JournalError) {
        var flaws: [CheckpointRecord: String] = [:]
        for record in listed {
            if let flaw = content(of: record).flaw {
                flaws[record] = flaw
            } else {
                result.checkpoints += 1
            }
        }
        guard !flaws.isEmpty else { return }
        for record in try checkpoints() {
            guard let flaw = flaws[record] else { continue }
            result.problems.append("checkpoint \(record.fileName): \(flaw)")
        }
    }
}

/// Counts the transitions of each episode, to hold them against the episodes' records.
private struct EpisodeCensus {
    private var found: [Int: (firstStep: Int, count: Int)] = [:]

    mutating func count(_ record: TransitionRecord) {
        found[record.episode, default: (record.step, 0)].count += 1
    }

    /// What is wrong with an episode's record; nil if it fits its transitions.
    func problem(with row: Row) -> String? {
        let (index, firstStep, steps): (Int, Int, Int) = (row[0], row[1], row[2])
        guard let episode = found[index] else {
            return steps == 0 ? nil : "episode \(index): none of its \(steps) steps is there"
        }
        guard episode.count == steps else {
            return "episode \(index): \(episode.count) of its \(steps) steps are there"
        }
        guard episode.firstStep == firstStep else {
            return "episode \(index): begins at step \(episode.firstStep), not \(firstStep)"
        }
        return nil
    }
}
