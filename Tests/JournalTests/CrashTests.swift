import Foundation
import Testing

@testable import Journal

/// What a power cut leaves: the database and the first bytes of its log.
@Suite("Journal after a crash", .timeLimit(.minutes(30)))
struct CrashTests {
    /// `JOURNAL_TORN_STRIDE=1 swift test` cuts at every byte.
    static let stride = number("JOURNAL_TORN_STRIDE") ?? 131
    /// `JOURNAL_TORN_TAIL=1 swift test` cuts at every byte of what the last commit wrote.
    static let tailStride = number("JOURNAL_TORN_TAIL") ?? stride
    /// `JOURNAL_KILLS=300 swift test` is the campaign.
    static let kills = number("JOURNAL_KILLS") ?? 15

    private static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap { Int($0) }
    }

    /// Opens a copy of a run with some of its log and returns what it then holds.
    private func reopen(
        _ fixture: RunFixture,
        database: Data,
        log: Data
    ) throws -> (records: [TransitionRecord], verification: RunVerification, report: RecoveryReport)
    {
        let copy = RunFolder(path: fixture.root + "/copy", isNew: false)
        try? FileManager.default.removeItem(atPath: copy.path)
        try FileManager.default.createDirectory(
            atPath: copy.path,
            withIntermediateDirectories: true
        )
        try database.write(to: URL(filePath: copy.journalPath))
        try log.write(to: URL(filePath: copy.journalPath + "-wal"))
        let journal = try Journal(folder: copy, identity: fixture.identity, now: 0)
        let records = try journal.allTransitions().records
        return (records, try journal.verify(), journal.recovery)
    }

    @Test("cutting the log anywhere keeps exactly the commits that lie before the cut")
    func tornLog() throws {
        let fixture = try RunFixture.inMemory()
        var source = TransitionSource(seed: 8)
        let journal = try fixture.open()
        let folder = try fixture.folder()
        let log = URL(filePath: folder.journalPath + "-wal")
        var records: [TransitionRecord] = []
        // The log's length after each commit, and how many transitions are then safe.
        var commits: [(end: Int, count: Int)] = [(0, 0)]
        for length in [1, 9, 3, 30, 2, 120, 5] {
            let new = source.next(length)
            try journal.append(new)
            records += new
            commits.append((try Data(contentsOf: log).count, records.count))
        }
        let database = try Data(contentsOf: URL(filePath: folder.journalPath))
        let whole = try Data(contentsOf: log)
        let tail = commits[commits.count - 2].end
        let lengths =
            Array(Swift.stride(from: 0, to: tail, by: Self.stride))
            + Array(Swift.stride(from: tail, through: whole.count, by: Self.tailStride))
        print("\(lengths.count) cuts in a log of \(whole.count) bytes, its tail from \(tail)")
        for length in lengths {
            let expected = commits.last { $0.end <= length }?.count ?? 0
            let cut = try reopen(fixture, database: database, log: whole.prefix(length))
            #expect(cut.records == Array(records[..<expected]), "cut at \(length)")
            #expect(cut.verification.isWhole, "cut at \(length): \(cut.verification.problems)")
        }
    }

    @Test("garbage from any byte of the log on keeps exactly the commits before it")
    func garbageInLog() throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? 9
        print("seed \(seed)")
        var generator = SeededGenerator(seed: seed)
        let fixture = try RunFixture.inMemory()
        var source = TransitionSource(seed: seed)
        let journal = try fixture.open()
        let folder = try fixture.folder()
        let log = URL(filePath: folder.journalPath + "-wal")
        let first = source.next(20)
        try journal.append(first)
        let safe = try Data(contentsOf: log).count
        try journal.append(source.next(200))
        let database = try Data(contentsOf: URL(filePath: folder.journalPath))
        let whole = try Data(contentsOf: log)
        for offset in Swift.stride(from: safe, to: whole.count, by: 2 * Self.stride) {
            var torn = whole
            switch Int.random(in: 0..<3, using: &generator) {
            case 0: torn.replaceSubrange(offset..., with: Data(count: whole.count - offset))
            case 1: torn[offset] ^= UInt8.random(in: 1...255, using: &generator)
            default:
                for index in offset..<min(offset + 512, torn.count) {
                    torn[index] = UInt8.random(in: 0...255, using: &generator)
                }
            }
            guard torn != whole else { continue }
            let cut = try reopen(fixture, database: database, log: torn)
            #expect(cut.records == first, "garbage at \(offset), seed \(seed)")
            #expect(cut.verification.isWhole)
        }
    }

    @Test("a copy at any commit holds all of them, also after the log was folded in and reused")
    func foldedLog() throws {
        let fixture = try RunFixture.inMemory()
        var source = TransitionSource(seed: 10, observations: 200, actions: 20)
        let journal = try fixture.open()
        let folder = try fixture.folder()
        let log = URL(filePath: folder.journalPath + "-wal")
        var records: [TransitionRecord] = []
        var salt = Data()
        var (restarts, safe) = (0, 0)
        for round in 1...60 {
            let before = records.count
            let new = source.next(300)
            try journal.append(new)
            records += new
            let whole = try Data(contentsOf: log)
            // Bytes 16 to 23 of the log's header change whenever it is reused from the start
            // (sqlite.org/fileformat2.html#walformat).
            if whole[16..<24] != salt {
                salt = Data(whole[16..<24])
                restarts += 1
                safe = before
            }
            guard round % 7 == 0 else { continue }
            let database = try Data(contentsOf: URL(filePath: folder.journalPath))
            let copy = try reopen(fixture, database: database, log: whole)
            #expect(copy.records == records)
            let torn = try reopen(fixture, database: database, log: whole.prefix(whole.count / 3))
            #expect(torn.records == Array(records.prefix(torn.records.count)))
            #expect(torn.records.count >= min(safe, records.count))
            #expect(torn.verification.isWhole)
        }
        #expect(restarts > 1, "the log must have been reused for this to mean anything")
    }

    @Test("killed at random instants, a run keeps everything that was acknowledged")
    func killed() async throws {
        let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? 11
        print("seed \(seed)")
        let fixture = try RunFixture()
        var generator = SeededGenerator(seed: seed)
        for round in 0..<Self.kills {
            let root = fixture.root
            let microseconds = Int.random(in: 200...150_000, using: &generator)
            await #expect(processExitsWith: .signal(SIGALRM)) {
                [root = root as String, microseconds = microseconds as Int] in
                try KilledRecorder(root: root).record(killedAfter: microseconds)
            }
            let acknowledged = try KilledRecorder(root: root).acknowledged()
            // The run may have been killed before it existed.
            guard let run = try? RunFolder.find(root: root, name: "latest") else {
                #expect(acknowledged == nil)
                continue
            }
            let journal = try Journal(folder: run, identity: fixture.identity, now: 0)
            #expect(journal.recovery.isWhole, "round \(round): \(journal.recovery)")
            let verification = try journal.verify()
            #expect(verification.isWhole, "round \(round): \(verification.problems)")
            let records = try journal.allTransitions().records
            #expect(records == KilledRecorder.transitions(0..<records.count))
            #expect(records.count >= (acknowledged?.steps ?? 0), "round \(round), seed \(seed)")
            let search = try journal.newestValidCheckpoint()
            #expect(search.rejected.isEmpty)
            #expect((search.record?.step ?? -1) >= (acknowledged?.checkpoint ?? -1))
            if let record = search.record {
                #expect(search.bytes == KilledRecorder.checkpoint(step: record.step))
            }
            let files = try DurableFile.names(in: run.path)
            #expect(files.allSatisfy { !$0.hasSuffix(".partial") })
        }
    }
}

/// What the killed child does: goes on with the run until the alarm ends it, at any instruction.
struct KilledRecorder {
    let root: String

    /// Transitions that depend on nothing but their step.
    static func transitions(_ steps: Range<Int>) -> [TransitionRecord] {
        steps.map { step in
            var record = TransitionRecord()
            record.observation = [Float(step), 1]
            record.action = [Float(step % 7) / 7]
            record.proposedAction = record.action
            record.reward = Float(step % 13)
            record.nextObservation = [Float(step + 1), 1]
            record.step = step
            record.episode = step / 50
            record.timeNanoseconds = Int64(step)
            return record
        }
    }

    static func checkpoint(step: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(step))
        return (0..<30_000).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// Records without end; after every call that returned, writes down what must now be safe.
    func record(killedAfter microseconds: Int) throws {
        signal(SIGALRM, SIG_DFL)
        var timer = itimerval()
        timer.it_value.tv_usec = microseconds
        setitimer(__itimer_which_t(ITIMER_REAL.rawValue), &timer, nil)
        let journal = try RunFixture.journal(root: root)
        var checkpoint = try journal.newestValidCheckpoint().record?.step ?? -1
        for round in 0... {
            let first = journal.newest.lastStep + 1
            try journal.append(Self.transitions(first..<first + 1 + round % 90))
            try acknowledge(journal.newest.lastStep + 1, checkpoint)
            if round % 4 == 3 {
                checkpoint = journal.newest.lastStep
                let bytes = Self.checkpoint(step: checkpoint)
                try journal.writeCheckpoint(bytes, step: checkpoint, updates: 0, now: 0)
                try acknowledge(journal.newest.lastStep + 1, checkpoint)
                try journal.writeFile(RunFolder.policyName, bytes)
            }
        }
    }

    /// A line a call, in one write each; a killed process leaves what it wrote.
    private func acknowledge(_ steps: Int, _ checkpoint: Int) throws {
        let descriptor = open(root + "/acknowledged", O_WRONLY | O_APPEND | O_CREAT, 0o644)
        defer { close(descriptor) }
        let line = Array("\(steps) \(checkpoint)\n".utf8)
        try #require(write(descriptor, line, line.count) == line.count)
    }

    /// The newest line.
    func acknowledged() throws -> (steps: Int, checkpoint: Int)? {
        guard let text = try? String(contentsOfFile: root + "/acknowledged", encoding: .utf8),
            let line = text.split(separator: "\n").last
        else { return nil }
        let numbers = line.split(separator: " ").compactMap { Int($0) }
        try #require(numbers.count == 2)
        return (numbers[0], numbers[1])
    }
}
