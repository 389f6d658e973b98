import Foundation
import Testing

@testable import Journal

@Suite("Journal on damaged files")
struct DamageTests {
    /// Records three blocks of 40 and closes; returns them.
    private func recordedRun(_ fixture: RunFixture) throws -> [TransitionRecord] {
        var source = TransitionSource(seed: 12)
        let records = source.next(120)
        let journal = try fixture.open()
        for first in [0, 40, 80] { try journal.append(Array(records[first..<first + 40])) }
        try journal.close()
        return records
    }

    /// Turns a bit in the file where this observation lies.
    private func damage(_ path: String, at record: TransitionRecord) throws {
        var file = try Data(contentsOf: URL(filePath: path))
        let pattern = record.observation.withUnsafeBytes { Data($0) }
        let place = try #require(file.range(of: pattern), "the observation is not in the file")
        file[place.lowerBound + 5] ^= 4
        try file.write(to: URL(filePath: path))
    }

    @Test("a turned bit in a block cuts there, keeps what is before, and sets the rest aside")
    func turnedBit() throws {
        let fixture = try RunFixture()
        let records = try recordedRun(fixture)
        let folder = try fixture.folder()
        try damage(folder.journalPath, at: records[61])

        let reader = try JournalReader(reading: folder)
        let read = try reader.allTransitions()
        #expect(read.records == Array(records[..<40]))
        var expected = RecoveryReport()
        expected.keptBlocks = 1
        expected.keptTransitions = 40
        expected.droppedBlocks = 2
        expected.droppedTransitions = 80
        expected.reason = "block 2 has the wrong checksum"
        #expect(read.report == expected)
        #expect(try reader.verify().problems == ["transitions: block 2 has the wrong checksum"])

        let journal = try fixture.open()
        #expect(journal.recovery == expected)
        #expect(journal.newest.lastStep == 39)
        #expect(try journal.events().last?.text == "\(expected)")
        try journal.append(Array(records[40...]))
        #expect(try journal.allTransitions().records == records)
        let verification = try journal.verify()
        #expect(verification.isWhole)
        #expect(verification.cutBlocks == 2)
        #expect(try journal.summary().cutBlocks == 2)
    }

    @Test("episodes whose transitions were cut keep their record and their step numbers")
    func cutEpisodes() throws {
        let fixture = try RunFixture()
        var source = TransitionSource(seed: 13, episodeLength: 20)
        let journal = try fixture.open()
        let records = source.next(60)
        for index in 0..<3 {
            let steps = index * 20..<index * 20 + 20
            let episode = EpisodeRecord.sample(index, firstStep: steps.lowerBound, steps: 20)
            try journal.append(Array(records[steps]), episodes: [episode])
        }
        try journal.close()
        try damage(try fixture.folder().journalPath, at: records[25])
        let again = try fixture.open()
        #expect(again.newest.transitions == 20)
        #expect(again.newest.lastStep == 59)
        #expect(again.newest.nextEpisode == 3)
        #expect(try again.episodes().count == 3)
        #expect(try again.verify().isWhole)
    }

    @Test("an episode that lacks a transition is reported")
    func inconsistentEpisode() throws {
        let fixture = try RunFixture()
        var source = TransitionSource(seed: 14, episodeLength: 20)
        let journal = try fixture.open()
        try journal.append(source.next(20), episodes: [.sample(0, firstStep: 0, steps: 21)])
        try journal.record(episodes: [.sample(1, firstStep: 20, steps: 3)])
        #expect(
            try journal.verify().problems == [
                "episode 0: 20 of its 21 steps are there",
                "episode 1: none of its 3 steps is there",
            ]
        )
    }

    @Test("a missing block cuts there", .enabled(if: hasPython, "needs python3"))
    func missingBlock() throws {
        let fixture = try RunFixture()
        let records = try recordedRun(fixture)
        let folder = try fixture.folder()
        _ = try python(
            """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            c.execute("DELETE FROM blocks WHERE sequence = 2"); c.commit(); c.close()
            """,
            folder.journalPath
        )
        let journal = try fixture.open()
        #expect(journal.recovery.reason == "block 2 is missing, the next is 3")
        #expect(journal.recovery.droppedTransitions == 40)
        #expect(try journal.allTransitions().records == Array(records[..<40]))
        try journal.append(Array(records[40...]))
        #expect(try journal.allTransitions().records == records)
    }

    @Test(
        "a block that lies in another's place is noticed",
        .enabled(if: hasPython, "needs python3")
    )
    func swappedBlock() throws {
        let fixture = try RunFixture()
        _ = try recordedRun(fixture)
        _ = try python(
            """
            import sqlite3, sys
            c = sqlite3.connect(sys.argv[1])
            c.execute("UPDATE blocks SET (payload, crc32) = (SELECT payload, crc32 FROM blocks "
                      "WHERE sequence = 2) WHERE sequence = 3"); c.commit(); c.close()
            """,
            try fixture.folder().journalPath
        )
        let report = try fixture.open().recovery
        #expect(report.keptBlocks == 2)
        #expect(report.reason == "block 3 is not the block its entry describes")
    }

    @Test("python's sqlite3, zlib and struct read what we wrote", .enabled(if: hasPython))
    func thirdParty() throws {
        let fixture = try RunFixture()
        let records = try recordedRun(fixture)
        let printed = try python(
            """
            import sqlite3, struct, sys, zlib
            c = sqlite3.connect(sys.argv[1])
            assert c.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
            for sequence, crc, payload in c.execute(
                    "SELECT sequence, crc32, payload FROM blocks ORDER BY sequence"):
                assert zlib.crc32(payload) == crc
                magic, version, o, a, n, extras, number = struct.unpack_from("<4sIIIIIQ", payload)
                assert (magic, version, number) == (b"SBT1", 1, sequence)
                stride = 28 + 4 * (o + 2 * a)
                extra = 32 + n * stride
                for row in range(n):
                    at = 32 + row * stride
                    step, time, episode, flags, reward = struct.unpack_from("<QqIIf", payload, at)
                    f = struct.unpack_from("<%df" % (o + 2 * a), payload, at + 28)
                    if flags & 8:
                        following = struct.unpack_from("<%df" % o, payload, extra); extra += 4 * o
                    else:
                        following = struct.unpack_from("<%df" % o, payload, at + stride + 28)
                    values = (reward,) + f + following
                    bits = [struct.unpack("<I", struct.pack("<f", v))[0] for v in values]
                    print(step, time, episode, flags & 7, *bits)
                assert extra == len(payload)
            """,
            try fixture.folder().journalPath
        )
        let expected = records.map { record in
            let flags =
                (record.isTerminated ? 1 : 0) + (record.isTruncated ? 2 : 0)
                + (record.isLimited ? 4 : 0)
            let floats =
                [record.reward] + record.observation + record.action + record.proposedAction
                + record.nextObservation
            let head = "\(record.step) \(record.timeNanoseconds) \(record.episode) \(flags) "
            return head + floats.map { "\($0.bitPattern)" }.joined(separator: " ")
        }
        #expect(printed == expected.joined(separator: "\n"))
    }

    @Test("a run of a newer program is refused by writer and reader, and left as it was")
    func newerSchema() throws {
        let fixture = try RunFixture()
        _ = try recordedRun(fixture)
        let folder = try fixture.folder()
        var file = try Data(contentsOf: URL(filePath: folder.journalPath))
        // The user version: bytes 60 to 63, big-endian (sqlite.org/fileformat2.html).
        #expect(Array(file[60..<64]) == [0, 0, 0, 1])
        file[63] = 9
        try file.write(to: URL(filePath: folder.journalPath))
        let expected = JournalError.newerSchema(path: folder.journalPath, found: 9, known: 1)
        #expect(throws: expected) { try fixture.open() }
        #expect(throws: expected) { try JournalReader(reading: folder) }
        #expect(try Data(contentsOf: URL(filePath: folder.journalPath)) == file)
        #expect(expected.description.contains("update sacbot"))
    }

    @Test("a file that is no database is called damaged, with its path")
    func noDatabase() throws {
        let fixture = try RunFixture()
        let folder = try fixture.folder()
        try Data(repeating: 0x55, count: 9000).write(to: URL(filePath: folder.journalPath))
        for open in [{ _ = try fixture.open() }, { _ = try JournalReader(reading: folder) }] {
            let error = #expect(throws: JournalError.self) { try open() }
            guard case .damaged(folder.journalPath, _) = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
        }
    }

    @Test("a run is read where nothing may be written beside it")
    func immutable() throws {
        let fixture = try RunFixture()
        let records = try recordedRun(fixture)
        let folder = try fixture.folder()
        // A folder in the index's place: SQLite cannot open it, as in a folder it may not write.
        try FileManager.default.createDirectory(
            atPath: folder.journalPath + "-shm",
            withIntermediateDirectories: true
        )
        #expect(try JournalReader(reading: folder).allTransitions().records == records)
    }
}

let hasPython = (try? python("print(1)")) == "1"
