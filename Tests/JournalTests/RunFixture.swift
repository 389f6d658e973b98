import Foundation
@testable import Journal
import Testing

/// A folder of its own for a test, removed with it.
final class RunFixture {
    let root: String
    let key = RunKey(robot: "claw", task: "turn", backend: "simulation", profile: "default")

    /// In memory where there is such a place: for tests of bytes, not of disks, that open a run
    /// hundreds of times and would wait for a flush each time.
    static func inMemory() throws -> RunFixture {
        let shared = "/dev/shm"
        guard FileManager.default.isWritableFile(atPath: shared) else { return try RunFixture() }
        return try RunFixture(root: shared + "/sacbot-journal-\(UUID().uuidString)")
    }

    init(root: String? = nil) throws {
        let name = "sacbot-journal-\(UUID().uuidString)"
        self.root = root ?? FileManager.default.temporaryDirectory.appending(path: name).path
        try FileManager.default.createDirectory(
            atPath: self.root,
            withIntermediateDirectories: true
        )
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    var identity: RunIdentity {
        RunIdentity(
            key: key,
            seed: 7,
            observationHash: "o1",
            actionHash: "a1",
            calibrationHash: "c1",
            robotHash: "r1",
            programVersion: "0.1"
        )
    }

    /// 4 July 2025, 09:08:07 UTC (`date -u -d @1751620087`).
    static let now = 1_751_620_087.25

    func folder(fresh: Bool = false, now: Double = RunFixture.now) throws -> RunFolder {
        try RunFolder.resumeOrCreate(root: root, key: key, fresh: fresh, now: now)
    }

    /// The same for a process that must not remove the folder.
    static func journal(root: String) throws -> Journal {
        let fixture = try RunFixture(root: root)
        // Kept for ever: the child is killed anyway.
        _ = Unmanaged.passRetained(fixture)
        return try fixture.open()
    }

    func open(now: Double = RunFixture.now) throws -> Journal {
        try Journal(folder: folder(now: now), identity: identity, now: now)
    }
}

/// A small generator with a seed to print (Vigna's SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Transitions of episodes as a robot makes them: each begins where the one before ended.
struct TransitionSource {
    var generator: SeededGenerator
    let observationCount: Int
    let actionCount: Int
    let episodeLength: Int
    var step = 0
    var episode = 0
    private var stepInEpisode = 0
    private var observation: [Float] = []

    init(seed: UInt64, observations: Int = 3, actions: Int = 2, episodeLength: Int = 7) {
        generator = SeededGenerator(seed: seed)
        observationCount = observations
        actionCount = actions
        self.episodeLength = episodeLength
    }

    mutating func numbers(_ count: Int) -> [Float] {
        (0..<count).map { _ in Float.random(in: -1...1, using: &generator) }
    }

    mutating func next() -> TransitionRecord {
        if stepInEpisode == 0 { observation = numbers(observationCount) }
        var record = TransitionRecord()
        record.observation = observation
        record.proposedAction = numbers(actionCount)
        record.isLimited = Bool.random(using: &generator)
        record.action = record.isLimited ? numbers(actionCount) : record.proposedAction
        record.reward = Float.random(in: -5...5, using: &generator)
        record.nextObservation = numbers(observationCount)
        record.step = step
        record.episode = episode
        record.timeNanoseconds = Int64(step) * 100_000_000
        stepInEpisode += 1
        if stepInEpisode == episodeLength {
            record.isTerminated = Bool.random(using: &generator)
            record.isTruncated = !record.isTerminated
            stepInEpisode = 0
            episode += 1
        }
        observation = record.nextObservation
        step += 1
        return record
    }

    mutating func next(_ count: Int) -> [TransitionRecord] { (0..<count).map { _ in next() } }

    /// Goes on after a step of another source's run, in an episode of its own.
    mutating func goOn(afterStep last: Int, episode: Int) {
        step = last + 1
        self.episode = episode
        stepInEpisode = 0
    }
}

extension Journal {
    /// Records transitions as one block.
    func append(_ records: [TransitionRecord], episodes: [EpisodeRecord] = []) throws {
        guard let first = records.first else { return }
        var block = TransitionBlockWriter(
            observationCount: first.observation.count,
            actionCount: first.action.count
        )
        for record in records { try block.append(record) }
        try append(&block, episodes: episodes)
    }
}

extension JournalReader {
    func allTransitions(
        afterSequence: Int = 0
    ) throws -> (records: [TransitionRecord], report: RecoveryReport) {
        var records: [TransitionRecord] = []
        let report = try readTransitions(afterSequence: afterSequence) { records.append($0) }
        return (records, report)
    }
}

extension EpisodeRecord {
    static func sample(_ index: Int, firstStep: Int, steps: Int) -> EpisodeRecord {
        EpisodeRecord(
            index: index,
            started: 100.5 + Double(index),
            ended: 104.5 + Double(index),
            firstStep: firstStep,
            steps: steps,
            totalReward: -1.5 * Double(index),
            succeededFinally: index % 2 == 0,
            succeededHeld: index % 4 == 0,
            end: index % 5 == 4 ? .terminated : .truncated,
            endReason: "time limit",
            policyVersion: index * 3,
            robotHash: "r1",
            calibrationHash: "c1",
            limitedSteps: 2,
            resetSeconds: 1.25,
            seed: UInt64.max - UInt64(index)
        )
    }
}

/// Runs a Python program with the standard library: an SQLite client that is not ours.
func python(_ program: String, _ arguments: String...) throws -> String {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["python3", "-c", program] + arguments
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let data = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "python3 failed")
    return String(decoding: data, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
}
