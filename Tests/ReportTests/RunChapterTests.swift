import Evaluation
import Foundation
import Glibc
import Journal
import Testing

@testable import Report

/// A run of known figures in a folder of its own, removed with it.
private final class SampleRun {
    let root: String
    let folder: RunFolder
    static let steps = 10
    static let episodes = 90

    /// Made-up returns without two the same; every third episode holds, every 40th is aborted.
    static func totalReward(_ index: Int) -> Double {
        sin(Double(index) * 1.7) * 100 + Double(index)
    }

    static func isAborted(_ index: Int) -> Bool { index % 40 == 39 }

    init() throws {
        root =
            FileManager.default.temporaryDirectory
            .appendingPathComponent("sacbot-report-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        let key = RunKey(robot: "claw", task: "near", backend: "simulation", profile: "sac")
        folder = try RunFolder.resumeOrCreate(root: root, key: key, now: 1_751_620_087)
        var identity = RunIdentity(
            key: key,
            seed: 7,
            observationHash: "o1",
            actionHash: "a1",
            calibrationHash: "c1",
            robotHash: "r1",
            programVersion: "0.1"
        )
        identity.host = "bench, 2 cores"
        let journal = try Journal(folder: folder, identity: identity, now: 1_751_620_087)
        var block = TransitionBlockWriter(observationCount: 4, actionCount: 1)
        for index in 0..<Self.episodes {
            for record in Self.transitions(index) { try block.append(record) }
            try journal.append(
                &block,
                episodes: [Self.episode(index)],
                metrics: [
                    MetricRecord(step: index * Self.steps, name: "learner/entropy", value: -0.5),
                    MetricRecord(step: index * Self.steps, name: "episode/return", value: 1),
                ],
                events: index == 5
                    ? [EventRecord(time: 1, level: .warning, text: "servo 12 is warm")] : []
            )
        }
        try journal.writeFile(RunFolder.robotFileName, Array("robot: claw # <&>\n".utf8))
        try journal.close()
    }

    deinit { try? FileManager.default.removeItem(atPath: root) }

    private static func episode(_ index: Int) -> EpisodeRecord {
        EpisodeRecord(
            index: index,
            started: 1_751_620_087 + Double(index) * 6,
            ended: 1_751_620_092 + Double(index) * 6,
            firstStep: index * steps,
            steps: steps,
            totalReward: totalReward(index),
            succeededFinally: index % 2 == 0,
            succeededHeld: index % 3 == 0,
            end: isAborted(index) ? .aborted : .truncated,
            endReason: isAborted(index) ? "overspeed" : "time limit",
            policyVersion: index,
            robotHash: "r1",
            calibrationHash: "c1",
            limitedSteps: index % 4,
            resetSeconds: 2,
            seed: UInt64(index)
        )
    }

    private static func transitions(_ episode: Int) -> [TransitionRecord] {
        (0..<steps).map { place in
            func seen(_ place: Int) -> [Float] {
                let angle = Float(place) * 0.1
                return [0.01 * Float(place), Glibc.cos(angle), Glibc.sin(angle), 0.5 - angle]
            }
            var record = TransitionRecord()
            record.observation = seen(place)
            record.nextObservation = seen(place + 1)
            record.action = [0.5]
            record.proposedAction = [0.75]
            record.reward = Float(place)
            record.isLimited = place == 3
            record.isTruncated = place + 1 == steps
            record.episode = episode
            record.step = episode * steps + place
            record.timeNanoseconds = Int64(record.step)
            return record
        }
    }

    /// A policy file's notes for these observations.
    static let notes = [
        "sacbot.observation_names":
            "joint_positions.elbow\nobject_direction.cos\nobject_direction.sin\ntarget_error",
        "sacbot.observation_units": "rad\n1\n1\nrad", "sacbot.policy_rate_hz": "10.0",
        "sacbot.action_kind": "absolute", "sacbot.action_joints": "elbow",
        "sacbot.action_offset": "0.2", "sacbot.action_scale": "2.0",
    ]
}

@Suite("A run in a report")
struct RunChapterTests {
    private func chapter(_ run: SampleRun) throws -> RunChapter {
        try RunChapter(JournalReader(reading: run.folder), name: "sac") { "at \(Int($0))" }
    }

    @Test("counts, provenance and reasons are the journal's")
    func counts() throws {
        let run = try SampleRun()
        let chapter = try chapter(run)
        #expect(chapter.episodes == 90 && chapter.transitions == 900 && chapter.steps == 900)
        #expect(chapter.aborted == 2 && chapter.learningCount == 88)
        #expect(chapter.abortReasons == [RunChapter.Fact("overspeed", "2")])
        #expect(chapter.fact("host") == "bench, 2 cores" && chapter.fact("seed") == "7")
        #expect(chapter.fact("begun") == "at 1751620087")
        #expect(chapter.resetSeconds == 180 && chapter.seconds == 89 * 6 + 5)
        #expect(chapter.events.map(\.text) == ["servo 12 is warm"])
        #expect(chapter.metrics.map(\.name) == ["learner/entropy"])
    }

    @Test("the interval of a mean is the one of the tables")
    func interval() {
        // Mean and t(0.975, 5) = 2.5706 times the standard error of these six.
        let mean = LearningWindow.mean([2, 4, 4, 5, 7, 9])
        #expect((mean.value - 5.166_667).magnitude < 1e-5)
        #expect((mean.low - 2.560_6).magnitude < 0.02 && (mean.high - 7.772_7).magnitude < 0.02)
        let few = LearningWindow.mean([1, 2])
        #expect(few.low == few.value && few.high == few.value)
    }

    @Test(
        "page and journal say the same, judged by another program",
        .enabled(if: PageJudge.isThere, "needs python3")
    )
    func judged() throws {
        let run = try SampleRun()
        var document = ReportDocument(title: "t", made: "m", programVersion: "0.1", host: "h")
        document.runs = [try chapter(run)]
        let page = try ReportPage(document).html()
        let verdict = try PageJudge.verdict(on: page, run: run.folder.path)
        #expect(verdict.hasSuffix("compared, 0 problems\n"), "\(verdict)")
    }

    @Test("the best, the middle and the worst of the newest episodes are shown as recorded")
    func traces() throws {
        let run = try SampleRun()
        let traces = try #require(TrainingTraces(notes: SampleRun.notes))
        let found = try traces.traces(JournalReader(reading: run.folder), policy: "sac")
        let whole = (0..<SampleRun.episodes).filter { !SampleRun.isAborted($0) }.suffix(30)
        let ranked = whole.sorted { SampleRun.totalReward($0) > SampleRun.totalReward($1) }
        #expect(found.map(\.episode) == [ranked[0], ranked[15], ranked[29]])
        let trace = found[0]
        #expect(trace.time.count == 11 && (trace.time[10] - 1).magnitude < 1e-9)
        #expect(trace.limitedAt == [trace.time[4]])
        #expect(trace.joints == ["elbow"])
        let position = try #require(trace.column("position", joint: "elbow")?.values)
        #expect(position[0] == 0 && ((position[10] ?? 9) - 0.1).magnitude < 1e-6)
        let goal = try #require(trace.column("goal", joint: "elbow")?.values)
        #expect(goal[0] == nil && goal[1] == 0.2 + 2 * 0.5)
        let angle = try #require(trace.column("object angle")?.values)
        #expect(((angle[7] ?? 9) - 0.7).magnitude < 1e-6)
        #expect(trace.column("error")?.values.count == 11)
        #expect(TrainingTraces(notes: [:]) == nil)
    }

    @Test("runs side by side: held by steps, and when each had learned")
    func comparison() throws {
        let run = try SampleRun()
        let comparison = RunComparison([try chapter(run)], window: 20, learned: 0.3)
        let entry = try #require(comparison.document.runs.first)
        // Every third episode holds: 7 of the first 20 whole ones, which end with step 199.
        #expect(entry.learnedAt == 199)
        #expect(entry.steps == 900 && entry.episodes == 90)
        let lines = comparison.table.split(separator: "\n")
        #expect(lines[2].hasPrefix("180 ") && lines[2].contains("33.3 %"), "\(comparison.table)")
    }
}
