import Control
import Foundation
import Journal
import Learning
import Robot
import Testing

@testable import Training

/// A learner on its thread with a real journal, fed by hand.
@Suite("The learner thread", .serialized, .timeLimit(.minutes(1)))
struct LearnerThreadTests {
    static let layout = TransitionLayout(observationCount: 2, actionCount: 1)

    static func request(root: String, warmUp: Int, batch: Int) -> RunRequest {
        var settings = LearnerSettings()
        settings.hiddenWidths = [16]
        settings.batchSize = batch
        settings.warmUpTransitions = warmUp
        let key = RunKey(robot: "r", task: "t", backend: "simulation", profile: "sac")
        return RunRequest(
            root: root,
            identity: RunIdentity(
                key: key,
                seed: 5,
                observationHash: "o",
                actionHash: "a",
                calibrationHash: "c",
                robotHash: "h",
                programVersion: "v"
            ),
            settings: settings,
            replayAction: .proposed,
            layout: layout,
            provenance: PolicyProvenance(
                robot: "r",
                task: "t",
                backend: "simulation",
                profile: "sac",
                robotHash: "h",
                calibrationHash: "c",
                observationLayout: "o:2",
                actionLayout: "a",
                programVersion: "v"
            ),
            robotFile: [],
            calibrationFile: nil
        )
    }

    static func folder() throws -> String {
        let url = FileManager.default.temporaryDirectory
            .appendingPathComponent("sacbot-learner-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return url.path
    }

    static func offer(_ learner: LearnerThread, step: Int, reward: Float = 1) -> Bool {
        let seen: [Float] = [Float(step % 7) / 7, 0.5]
        let next: [Float] = [Float((step + 1) % 7) / 7, 0.5]
        let action: [Float] = [Float(step % 3) - 1]
        let header = TransitionHeader(
            episode: step / 10,
            step: step % 10,
            reward: reward,
            terminated: false,
            truncated: step % 10 == 9,
            limited: false,
            time: MonotonicTime(nanoseconds: Int64(step) * 100_000_000)
        )
        return learner.offer(
            header,
            observation: seen.span,
            picture: Span(),
            applied: action.span,
            proposed: action.span,
            next: next.span,
            nextPicture: Span()
        )
    }

    static func learner(_ opened: OpenedRun) -> LearnerThread {
        LearnerThread(
            core: opened.core,
            layout: layout,
            episodeSteps: 10,
            stepsPerMinute: 600,
            clock: { 1000 },
            failed: { Issue.record("journal: \($0)") }
        )
    }

    /// Waits for something the learner thread does, without a fixed time.
    static func until(_ condition: () -> Bool) {
        while !condition() { sched_yield() }
    }

    @Test("a warm-up shorter than a batch does not make the simulated clock wait for ever")
    func shortWarmUp() throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let opened = try OpenedRun(Self.request(root: root, warmUp: 20, batch: 64), now: 1000)
        let learner = Self.learner(opened)
        for step in 0..<60 { #expect(Self.offer(learner, step: step)) }
        Self.until { learner.figures.transitions == 60 }
        #expect(!learner.mustWait)
        learner.close()
        #expect(opened.core.updates == 0)
    }

    @Test("a refused transition is not waited for")
    func refused() throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let opened = try OpenedRun(Self.request(root: root, warmUp: 32, batch: 32), now: 1000)
        let learner = Self.learner(opened)
        for step in 0..<100 { #expect(Self.offer(learner, step: step, reward: .nan)) }
        for step in 100..<132 { #expect(Self.offer(learner, step: step)) }
        Self.until { learner.figures.transitions == 32 }
        #expect(!learner.mustWait)
        learner.close()
        #expect(opened.core.transitions == 32)
    }

    @Test("updates follow transitions one to one, and a resumed run goes on with both")
    func resume() throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        let request = Self.request(root: root, warmUp: 40, batch: 32)
        let first = try OpenedRun(request, now: 1000)
        let learner = Self.learner(first)
        for step in 0..<90 { #expect(Self.offer(learner, step: step)) }
        Self.until { learner.figures.updates == 50 }
        learner.close()
        #expect(first.core.updates == 50 && first.core.transitions == 90)
        try first.journal.close()

        let second = try OpenedRun(request, now: 2000)
        #expect(second.core.updates == 50 && second.core.transitions == 90)
        #expect(second.notes.contains { $0.contains("step 90") && $0.contains("update 50") })
        #expect(second.folder.path == first.folder.path)
        #expect(second.core.learner.checkpoint() == first.core.learner.checkpoint())
        try second.journal.close()
    }

    @Test("a run from another's networks counts its own updates from zero")
    func startFrom() throws {
        let root = try Self.folder()
        defer { try? FileManager.default.removeItem(atPath: root) }
        var request = Self.request(root: root, warmUp: 40, batch: 32)
        let first = try OpenedRun(request, now: 1000)
        let learner = Self.learner(first)
        for step in 0..<80 { #expect(Self.offer(learner, step: step)) }
        Self.until { learner.figures.updates == 40 }
        learner.close()
        try first.journal.close()

        request.fresh = true
        request.from = first.folder
        let second = try OpenedRun(request, now: 3000)
        #expect(second.core.updates == 0 && second.core.transitions == 0)
        #expect(second.core.learner.checkpoint() == first.core.learner.checkpoint())
        #expect(second.folder.path != first.folder.path)
        try second.journal.close()
    }
}
