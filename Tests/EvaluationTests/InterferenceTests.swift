import Control
import Evaluation
import Foundation
import Learning
import Pictures
import Robot
import Safety
import Testing

@Suite("Interference")
struct InterferenceTests {
    @Test("a kind's plans depend on seed, kind and episode, not on what else is run")
    func seeded() {
        let draw = InterferedClaw.draw()
        let alone = draw.schedule([.valveKnocked], episodes: 5)
        let among = draw.schedule([.valveHeld, .valveKnocked, .load], episodes: 8)
        let same = among.plans.filter { $0.kind == .valveKnocked }.prefix(5)
        #expect(Array(same) == alone.plans)
        let other = InterferedClaw.draw(seed: 2).schedule([.valveKnocked], episodes: 5)
        #expect(other.plans != alone.plans)
    }

    @Test("the claw has the claw's kinds and none of the legs'")
    func fitting() {
        let names = InterferedClaw.draw().fitting.map(\.rawValue)
        #expect(
            names == [
                "valve-held", "valve-knocked", "finger-pushed", "joint-weakened",
                "servo-rebooted", "sensor-dropout", "added-latency", "friction", "load",
            ]
        )
    }

    @Test("everything but what lasts leaves a third of the episode to recover in")
    func times() {
        let draw = InterferedClaw.draw()
        let seconds = 2.0
        for plan in draw.schedule(draw.fitting, episodes: 40).plans {
            for event in plan.events {
                #expect(event.start >= 0 && event.start < 0.7 * seconds)
                guard let end = event.end else {
                    #expect(plan.kind.isWholeEpisode && event.start == 0)
                    continue
                }
                #expect(end > event.start && end <= 0.75 * seconds, "\(plan)")
            }
        }
    }

    @Test("silence lasts one to five ticks at a time and at least two ticks lie between")
    func bursts() {
        let plans = InterferedClaw.draw().schedule([.sensorDropout], episodes: 40).plans
        var lengths = Set<Int>()
        for plan in plans {
            var end = 0
            for event in plan.events {
                let first = Int((event.start / 0.01).rounded())
                let next = Int(((event.end ?? 0) / 0.01).rounded())
                #expect(first - end >= 2 || end == 0)
                lengths.insert(next - first)
                end = next
            }
        }
        #expect(lengths == [1, 2, 3, 4, 5])
    }

    @Test("a schedule survives its file, alone and inside an evaluation")
    func file() throws {
        let draw = InterferedClaw.draw()
        let schedule = draw.schedule(draw.fitting, episodes: 3)
        let read = try InterferenceSchedule(file: schedule.json())
        #expect(read == schedule)
        #expect(read.problem(for: InterferedClaw.robot) == nil)
        var document = Data(#"{"format":"sacbot.evaluation","version":1,"schedule":"#.utf8)
        document.append(try schedule.json())
        document.append(Data("}".utf8))
        #expect(try InterferenceSchedule(file: document) == schedule)
    }

    @Test("a document survives its file; keys are snake case, names inside are left alone")
    func document() throws {
        let document = try Self.document()
        let data = try document.json()
        let read = try EvaluationDocument(json: data)
        #expect(read == document)
        let text = String(decoding: data, as: UTF8.self)
        #expect(text.contains("\"worst_deviation\"") && text.contains("\"success_without\""))
        #expect(text.contains("\"motor_strength.finger1_top\":0.5"))
        #expect(text.contains("\"sacbot.robot_hash\":\"abc\""))
    }

    /// Two episodes without, two with: one held, one recovered after 0.4 s, one aborted.
    private static func document() throws -> EvaluationDocument {
        func row(_ kind: String, _ episode: Int, _ succeeded: Bool, _ score: Double) -> EpisodeRow {
            EpisodeRow(
                policy: 0,
                kind: kind,
                episode: episode,
                journalEpisode: 0,
                events: [],
                steps: 20,
                startError: 1,
                finalError: 0.01,
                totalReward: -3,
                succeeded: succeeded,
                end: succeeded ? "truncated" : "aborted",
                fault: succeeded ? nil : 10,
                score: score,
                recoverySeconds: succeeded ? 0.4 : nil,
                worstDeviation: 0.5 + Double(episode),
                peakCurrent: 1,
                interventions: 4 * episode,
                speed: nil,
                world: ["motor_strength.finger1_top": 0.5]
            )
        }
        let setting = EvaluationSetting(
            robot: "claw",
            task: "near",
            backend: "simulation",
            robotHash: "1",
            calibrationHash: "none",
            programVersion: "0",
            started: "",
            seed: 3,
            episodesPerKind: 2,
            stepSeconds: 0.1,
            stepCount: 20,
            successBelow: 0.1,
            errorUnit: "rad",
            goal: "object_angle",
            deviation: "error",
            heldSteps: 3,
            joints: ["finger1_top"],
            isRandomised: false,
            bootstrapSamples: 200
        )
        return EvaluationDocument(
            setting: setting,
            policies: [
                EvaluatedPolicy(name: "p", path: "p", notes: ["sacbot.robot_hash": "abc"])
            ],
            rows: [
                row("none", 0, true, 0.9), row("none", 1, true, 0.7),
                row("valve-held", 0, true, 0.5), row("valve-held", 1, false, 0),
            ],
            rollouts: [],
            schedule: InterferedClaw.draw().schedule([.valveHeld], episodes: 2),
            problem: nil
        )
    }

    @Test("a kind's row counts, pairs and divides as the protocol says")
    func table() throws {
        let document = try Self.document()
        #expect(document.results.map(\.kind) == ["none", "valve-held"])
        let plain = document.results[0]
        #expect(plain.success.value == 1 && plain.retention?.value == 1)
        let held = document.results[1]
        #expect(held.success.value == 0.5 && held.successWithout.value == 1)
        #expect(held.retention?.value == 0.5 && held.score.value == 0.25)
        #expect(held.recovered == 1 && held.recoverySeconds?.value == 0.4)
        #expect(held.worstDeviation?.value == 1 && held.interventions.value == 2)
        #expect(held.aborted == 1 && held.fallen == 0)
        #expect(document.overall[0].scoreInterquartileMean.value == 0.25)
    }

    @Test("files that cannot be done are refused in words")
    func refused() throws {
        let draw = InterferedClaw.draw()
        var schedule = draw.schedule([.jointWeakened, .valveHeld], episodes: 1)
        schedule.plans[0].events[0].joint = "thumb"
        #expect(schedule.problem(for: InterferedClaw.robot)?.contains("no joint `thumb`") == true)
        schedule.plans[0].events[0].joint = "finger1_top"
        schedule.plans[0].events[0].amount = -2
        #expect(schedule.problem(for: InterferedClaw.robot)?.contains("-2.0") == true)
        schedule.plans[0].events[0].amount = 0.5
        schedule.plans[1].events[0].end = 0
        #expect(schedule.problem(for: InterferedClaw.robot)?.contains("before it begins") == true)
        let newer = Data(#"{"format":"sacbot.interference-schedule","version":9}"#.utf8)
        #expect(throws: InterferenceSchedule.FormatProblem.self) {
            try InterferenceSchedule(file: newer)
        }
        let foreign = Data(#"{"format":"rosbag","version":1}"#.utf8)
        #expect(throws: InterferenceSchedule.FormatProblem.self) {
            try InterferenceSchedule(file: foreign)
        }
    }

    @Test("every transition says whether something was done, and the starts are those without")
    func labelled() throws {
        let draw = InterferedClaw.draw()
        let schedule = draw.schedule([.valveHeld, .fingerPushed, .load], episodes: 2)
        let (episodes, stop) = try InterferedClaw.run(schedule, without: 2)
        #expect(stop == nil && episodes.count == 8)
        for episode in episodes {
            #expect(episode.transitions.steps.count == InterferedClaw.task.stepCount)
            let labels = episode.transitions.steps.map(\.isInterfered)
            #expect(labels == expected(episode.row.events), "\(episode.row.kind)")
            let plain = episodes[episode.row.episode]
            let difference = (episode.row.startError ?? 9) - (plain.row.startError ?? -9)
            // A reset brings the valve there as it does, within its five degrees.
            #expect(difference.magnitude < degrees(10))
            guard let rollout = episode.rollout else { continue }
            #expect(Array(rollout.active.dropFirst()) == labels)
            #expect(rollout.objectAngle.count == 21 && rollout.jointPositions[8].count == 21)
        }
        let rollouts = episodes.compactMap(\.rollout).map(\.kind)
        #expect(rollouts == ["none", "valve-held", "finger-pushed", "load"])
    }

    @Test("a recorded episode keeps sixteen of the pictures that were acted on, in order")
    func seen() throws {
        let draw = InterferedClaw.draw()
        let camera = CountingCamera()
        let (episodes, _) = try InterferedClaw.run(
            draw.schedule([.load], episodes: 1),
            without: 1,
            camera: camera
        )
        let seen = try #require(episodes.first?.rollout?.seen)
        // Twenty steps: samples 0, 1, 2, 4, ... 20, one a tenth of a second.
        let samples = (0..<16).map { $0 * 20 / 15 }
        #expect(seen.time.map { Int(($0 * 10).rounded()) } == samples)
        #expect(seen.width == 8 && seen.height == 4)
        for (sample, png) in zip(samples, seen.png) {
            let size = PictureSize(width: 8, height: 4)
            let shown = [UInt8](repeating: UInt8(sample + 1), count: size.byteCount)
            #expect(png == Data(try PNGFile.bytes(shown, size: size)), "sample \(sample)")
        }
    }

    @Test("a fault fails its episode; the series goes on if the robot is brought back")
    func faultEndsAnEpisode() throws {
        for goesOn in [true, false] {
            let camera = CountingCamera()
            camera.failing = [1]
            let loop = try InterferedClaw.loop()
            let session = EvaluationSession(
                runner: InterferedClaw.runner(loop, sink: NoTransitions(), camera: camera),
                seed: 1,
                recover: { goesOn ? loop.goOnAfterFault() : .fault($0) },
                report: { _ in }
            )
            let actions = ActionSource.policy(InterferedClaw.policy(), explores: false)
            let (outcomes, stop) = session.run(actions, episodes: 3)
            #expect(outcomes.count == (goesOn ? 3 : 2))
            let fault = EpisodeEnding.aborted(Fault(.cameraLost))
            #expect(
                outcomes.map { $0.ending == fault }
                    == Array([false, true, false].prefix(outcomes.count))
            )
            #expect(stop == (goesOn ? nil : .fault(Fault(.cameraLost))))
        }
    }

    /// A step of ten ticks is interfered with if an event covers one of them.
    private func expected(_ events: [InterferenceEvent]) -> [Bool] {
        (0..<20).map { step in
            events.contains { event in
                let first = Int((event.start / 0.01).rounded())
                let end = event.end.map { Int(($0 / 0.01).rounded()) } ?? .max
                return first < 10 * (step + 1) && end > 10 * step
            }
        }
    }

    @Test("the same schedule on a new robot gives the same rows")
    func replayed() throws {
        let kinds: [InterferenceKind] = [.valveKnocked, .sensorDropout, .addedLatency]
        let schedule = InterferedClaw.draw().schedule(kinds, episodes: 1)
        let first = try InterferedClaw.run(schedule, without: 1).episodes.map(\.row)
        let file = try InterferenceSchedule(file: schedule.json())
        let second = try InterferedClaw.run(file, without: 1).episodes.map(\.row)
        #expect(first == second)
    }

    @Test("a held valve does not move, a knocked one goes where it was drawn to")
    func valve() throws {
        let schedule = InterferedClaw.draw().schedule([.valveHeld, .valveKnocked], episodes: 1)
        let episodes = try InterferedClaw.run(schedule, without: 1).episodes
        let held = try #require(episodes[1].rollout)
        let angles = zip(held.objectAngle, held.active).filter { $0.1 }.compactMap(\.0)
        let spread = (angles.max() ?? 9) - (angles.min() ?? 0)
        #expect(angles.count >= 4 && spread < 0.05, "\(spread)")
        let knocked = try #require(episodes[2].rollout)
        let end = try #require(knocked.active.lastIndex(of: true))
        let angle = try #require(knocked.objectAngle[end])
        let wanted = schedule.plans[1].events[0].amount
        // Fingers may stand in its way; this seed's do not.
        #expect(wrappedAngle(angle - wanted).magnitude < 0.15, "\(angle), \(wanted)")
    }

    @Test("a reboot aborts, counts as failed, and the series goes on; with leave it is ridden out")
    func reboot() throws {
        let schedule = InterferedClaw.draw().schedule([.servoRebooted], episodes: 2)
        let (strict, stop) = try InterferedClaw.run(schedule, without: 1)
        #expect(stop == nil && strict.count == 3)
        for row in strict.map(\.row).dropFirst() {
            #expect(row.end == "aborted" && !row.succeeded && row.steps < 20)
            #expect(row.fault == Int(FaultCode.staleReading.rawValue))
            // What went well before the reboot is no merit of the time since.
            #expect(row.recoverySeconds == nil && row.score == 0)
        }
        let (lenient, end) = try InterferedClaw.run(schedule, without: 1, rearms: true)
        #expect(end == nil)
        for row in lenient.map(\.row).dropFirst() {
            #expect(row.end == "truncated" && row.steps == 20 && row.fault == nil)
        }
    }
}

/// Its first frame is all ones, its second all twos.
private final class CountingCamera: FrameSource {
    let camera = CameraDescription(
        name: "eye",
        pipeline: nil,
        modelCamera: "eye",
        size: PictureSize(width: 8, height: 4)
    )
    private var count: UInt8 = 0
    /// The episodes, from 0, in which it is lost at its fifth picture.
    var failing: Set<Int> = []
    private var episode = -1

    func episodeBegins(seed: UInt64) {
        count = 0
        episode += 1
    }

    func newest(at now: MonotonicTime, into frame: inout MutableSpan<UInt8>) -> FrameReading {
        count += 1
        if count == 5, failing.contains(episode) { return .fault(.cameraLost) }
        for index in frame.indices { frame[index] = count }
        return .frame(now)
    }
}
