import Foundation
import Testing

@testable import Journal

@Suite("Journal")
struct JournalTests {
    @Test("transitions come back bit for bit, in order, over several blocks and openings")
    func roundTrip() throws {
        let fixture = try RunFixture()
        var source = TransitionSource(seed: 3)
        let records = source.next(100)
        var journal = try fixture.open()
        #expect(journal.newest == RunProgress())
        try journal.append(Array(records[..<10]))
        try journal.append(Array(records[10..<11]))
        try journal.append(Array(records[11..<60]))
        try journal.close()
        journal = try fixture.open()
        #expect(journal.recovery.isWhole)
        #expect(journal.newest.lastSequence == 3)
        #expect(journal.newest.lastStep == 59)
        #expect(journal.newest.transitions == 60)
        #expect(journal.newest.nextEpisode == 9)
        try journal.append(Array(records[60...]))
        let all = try journal.allTransitions()
        #expect(all.records == records)
        #expect(all.report.keptBlocks == 4)
        #expect(all.report.keptTransitions == 100)
        #expect(try journal.allTransitions(afterSequence: 2).records == Array(records[11...]))
        #expect(try journal.allTransitions(afterSequence: 4).records.isEmpty)
        #expect(try journal.sequence(beforeNewest: 1) == 3)
        #expect(try journal.sequence(beforeNewest: 40) == 3)
        #expect(try journal.sequence(beforeNewest: 41) == 2)
        #expect(try journal.sequence(beforeNewest: 1000) == 0)
        #expect(try journal.verify().isWhole)
    }

    @Test("episodes, metrics, events and the learning curve come back as recorded")
    func records() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        let episodes = (0..<9).map { EpisodeRecord.sample($0, firstStep: $0 * 40, steps: 40) }
        let metrics = [
            MetricRecord(step: 1, name: "q", value: 0.5),
            MetricRecord(step: 1, name: "a", value: 2),
            MetricRecord(step: 2, name: "q", value: .infinity),
        ]
        let event = EventRecord(time: 12.5, level: .warning, text: "servo 12 is warm: 61 °C")
        try journal.record(episodes: episodes, metrics: metrics, events: [event])
        #expect(try journal.episodes() == episodes)
        #expect(try journal.episodes(from: 7) == Array(episodes[7...]))
        #expect(try journal.metricNames() == ["a", "q"])
        #expect(try journal.metrics("q") == [metrics[0], metrics[2]])
        try journal.record(metrics: [MetricRecord(step: 3, name: "nan", value: .nan)])
        #expect(try journal.metrics("nan").first?.value.isNaN == true)
        #expect(try journal.events() == [event])
        let curve = try journal.learningCurve(window: 4)
        #expect(curve.count == 9)
        // Episodes 5 to 8: returns -7.5, -9, -10.5, -12; 6 and 8 final; 8 held.
        #expect(
            curve.last
                == LearningCurvePoint(
                    episode: 8,
                    step: 359,
                    meanReturn: -9.75,
                    successFinal: 0.5,
                    successHeld: 0.25
                )
        )
        let summary = try journal.summary(window: 4)
        #expect(summary.episodes == 9)
        #expect(summary.recentEpisodes == 4)
        #expect(summary.recentReturn == -9.75)
        #expect(summary.identity == fixture.identity)
        #expect(summary.created == RunFixture.now)
        #expect(summary.writer == Int(getpid()))
        #expect(!summary.hasPolicy)
        try journal.close()
        #expect(try JournalReader(reading: fixture.folder()).summary().writer == nil)
    }

    @Test("a transaction that fails records nothing and keeps the block")
    func atomicity() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        var source = TransitionSource(seed: 4)
        var block = TransitionBlockWriter(observationCount: 3, actionCount: 2)
        for record in source.next(5) { try block.append(record) }
        let twice = EpisodeRecord.sample(0, firstStep: 0, steps: 5)
        #expect(throws: JournalError.self) {
            try journal.append(&block, episodes: [twice, twice])
        }
        #expect(block.count == 5)
        #expect(journal.newest == RunProgress())
        #expect(try journal.allTransitions().records.isEmpty)
        #expect(try journal.episodes().isEmpty)
        try journal.append(&block, episodes: [twice])
        #expect(block.isEmpty)
        #expect(try journal.allTransitions().records.count == 5)
        #expect(try journal.verify().isWhole)
    }

    @Test("a block that repeats steps or goes back an episode is refused")
    func order() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        var source = TransitionSource(seed: 5)
        let records = source.next(20)
        try journal.append(Array(records[..<10]))
        #expect(throws: JournalError.outOfOrder(field: "step", value: 9, previous: 9)) {
            try journal.append(Array(records[9...]))
        }
        var early = records[10]
        early.episode = 0
        #expect(throws: JournalError.outOfOrder(field: "episode", value: 0, previous: 1)) {
            try journal.append([early])
        }
        try journal.append(Array(records[10...]))
        #expect(try journal.allTransitions().records == records)
    }

    @Test("a second journal on a run is refused and told who holds it, until the first closes")
    func busy() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        let folder = try fixture.folder()
        let expected = JournalError.busy(path: folder.path, pid: Int(getpid()))
        #expect(throws: expected) { try fixture.open() }
        #expect(expected.description.contains("process \(getpid())"))
        try journal.close()
        try fixture.open().close()
    }

    @Test("a resumed run keeps its seed and logs another robot file and program with their time")
    func changes() throws {
        let fixture = try RunFixture()
        try fixture.open().close()
        var identity = fixture.identity
        identity.robotHash = "r2"
        identity.programVersion = "0.2"
        identity.seed = 99
        let journal = try Journal(folder: fixture.folder(), identity: identity, now: 55)
        #expect(
            try journal.changes() == [
                ChangeRecord(time: 55, what: "robot file", was: "r1", now: "r2"),
                ChangeRecord(time: 55, what: "program version", was: "0.1", now: "0.2"),
            ]
        )
        var expected = identity
        expected.seed = 7
        #expect(try journal.identity() == expected)
        try journal.close()
        let again = try Journal(folder: fixture.folder(), identity: identity, now: 56)
        #expect(try again.changes().count == 2)
    }

    @Test("another observation, action, calibration or key is refused")
    func refusedChanges() throws {
        let fixture = try RunFixture()
        try fixture.open().close()
        let folder = try fixture.folder()
        func refusal(_ change: (inout RunIdentity) -> Void) -> JournalError? {
            var identity = fixture.identity
            change(&identity)
            return #expect(throws: JournalError.self) {
                try Journal(folder: folder, identity: identity, now: 0)
            }
        }
        let path = folder.path
        #expect(
            refusal { $0.observationHash = "o2" }
                == .changed(path: path, what: "observation", was: "o1", now: "o2")
        )
        #expect(
            refusal { $0.actionHash = "x" }
                == .changed(path: path, what: "action", was: "a1", now: "x")
        )
        #expect(
            refusal { $0.calibrationHash = "x" }
                == .changed(path: path, what: "calibration", was: "c1", now: "x")
        )
        #expect(
            refusal { $0.key.task = "pose" }
                == .otherKey(
                    path: path,
                    expected: "claw/pose-simulation-default",
                    found: "claw/turn-simulation-default"
                )
        )
        try fixture.open().close()
    }

    @Test("a reader sees a live run, each commit as soon as it is made")
    func liveReading() throws {
        let fixture = try RunFixture()
        let folder = try fixture.folder()
        #expect(throws: JournalError.notARun(path: folder.path)) {
            try JournalReader(reading: folder)
        }
        let journal = try fixture.open()
        let reader = try JournalReader(reading: folder)
        var source = TransitionSource(seed: 6)
        for round in 1...5 {
            try journal.append(source.next(10))
            #expect(try reader.allTransitions().records.count == 10 * round)
            #expect(try reader.verify().isWhole)
        }
        #expect(try reader.summary().writer == Int(getpid()))
    }

    @Test("files of a run are replaced whole; names that are the journal's are refused")
    func files() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        try journal.writeFile(RunFolder.policyName, [1, 2, 3])
        try journal.writeFile(RunFolder.policyName, [4])
        #expect(try journal.readFile(RunFolder.policyName) == [4])
        for name in [
            "journal.sqlite", "journal.sqlite-wal", "lock", "../x", "a/b", "x.partial", "",
        ] {
            #expect(throws: JournalError.badName(what: "file", value: name)) {
                try journal.writeFile(name, [0])
            }
        }
        #expect(
            try DurableFile.names(in: journal.folder.path).filter { $0.hasSuffix("partial") } == []
        )
    }
}
