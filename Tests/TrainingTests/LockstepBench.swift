import Control
import Foundation
import Journal
import Learning
import Robot
import Safety
import Simulation
import Testing

@testable import Training

/// Nobody answers.
private final class NoOperator: OperatorLink {
    func show(_ prompt: OperatorPrompt?) {}
    func takeAnswer() -> OperatorAnswer? { nil }
    func note(_ text: String) {}
}

/// Takes a trial's transitions and forgets them.
private final class NothingKept: TransitionSink {
    func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool { true }
}

/// A simulated servo that learns in lock step, in this process, and can be stopped at any tick.
struct LockstepBench {
    /// How a session ends before its bound.
    enum Interruption: CaseIterable {
        /// In order: the run is closed as after Ctrl-C.
        case ordered
        /// Nothing is written any more, as after kill -9.
        case killed
    }

    let root: String
    static let tickNanoseconds: Int64 = 10_000_000
    static let stepCount = 5

    /// In memory where there is such a place: a run is opened hundreds of times.
    init() throws {
        let shared = FileManager.default.isWritableFile(atPath: "/dev/shm")
        let parent = shared ? "/dev/shm" : NSTemporaryDirectory()
        root = parent + "/sacbot-lockstep-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
    }

    func remove() { try? FileManager.default.removeItem(atPath: root) }

    private static let model =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("robots/one-servo.xml").path

    private static let robot = RobotDescription(
        name: "r",
        joints: [
            Joint(
                name: "joint",
                role: .actuated,
                busIndex: 0,
                servoID: 1,
                servo: .xl330m288,
                limits: JointLimits(
                    position: -1...1,
                    goalVelocity: 3,
                    tripVelocity: 20,
                    current: 2,
                    followingError: 2,
                    pauseTemperature: 60,
                    stopTemperature: 75
                ),
                resetPosition: 0,
                gains: .registers(PositionGains(proportional: 400, integral: 20, derivative: 0))
            )
        ],
        calibration: [JointCalibration(zeroPulse: 2048, direction: 1)],
        buses: [],
        tickNanoseconds: tickNanoseconds,
        modelPath: model,
        stop: .park,
        emergencyStop: .release,
        arming: .automatic
    )

    private static let task = TaskSettings(
        name: "t",
        ticksPerStep: 4,
        stepCount: stepCount,
        goal: .pose([-0.8...0.8]),
        observation: [.jointPositions, .targetError],
        historyFrames: 2,
        rewards: [RewardTerm(kind: .targetError, weight: -1)],
        successTolerance: 0.1,
        heldSteps: 2,
        replayAction: .proposed
    )

    private static let reset = ResetSettings(
        tolerance: degrees(5),
        jointSeconds: 2,
        objectSeconds: 1,
        settleSeconds: 0.02,
        limpFirst: [0],
        disentangle: [],
        retries: 3,
        promptSeconds: 1
    )

    private var request: RunRequest {
        var request = LearnerThreadTests.request(root: root, warmUp: 30, batch: 16)
        request.layout = TransitionLayout(observationCount: 4, actionCount: 1)
        // The replay is written over more than once.
        request.settings.replayCapacity = 150
        request.settings.policySmoothing = 0.1
        request.isLockstep = true
        request.triesPolicies = true
        return request
    }

    /// Opens the run, trains up to so many episodes or until it is interrupted, and leaves it.
    ///
    /// - Parameters:
    ///   - after: ticks of this session until the interruption.
    ///   - source: a run whose networks and transitions a new run begins with.
    /// - Returns: what was said when the run was opened.
    @discardableResult
    func train(
        toEpisode episodes: Int,
        interruption: Interruption? = nil,
        after ticks: Int = .max,
        from source: RunFolder? = nil
    ) throws -> [String] {
        var request = request
        request.from = source
        request.withReplay = source != nil
        request.fresh = source != nil
        let stopSwitch = StopSwitch()
        let body = InterruptedBody(
            try SimulatedBody(robot: Self.robot),
            stopSwitch: interruption == nil ? nil : stopSwitch,
            after: ticks
        )
        let loop = ControlLoop(
            body: body,
            robot: Self.robot,
            safety: SafetySettings(),
            stopSwitch: stopSwitch
        )
        let opened = try OpenedRun(request, now: 1000) { world throws(WorldProblem) in
            try loop.restore(world)
        }
        let learner = LockstepLearner(
            core: opened.core,
            layout: request.layout,
            goesOnExactly: opened.world != nil,
            clock: { 1000 },
            failed: { Issue.record("journal: \($0)") }
        )
        let session = TrainingSession(
            runner: runner(loop, learner),
            learner: learner,
            trial: PolicyTrial(
                runner: runner(loop, NothingKept()),
                everySteps: 35,
                episodes: 2,
                seed: opened.seed,
                transitions: opened.core.transitions
            ),
            seed: opened.seed,
            nextEpisode: opened.nextEpisode,
            transitions: opened.core.transitions,
            bounds: SessionBounds(steps: episodes * Self.stepCount),
            waitsForLearner: true,
            clock: { 1000 },
            phase: { _ in },
            report: { _ in }
        )
        if let world = opened.world { try session.restore(world) }
        let outcome = session.run()
        if case .fault(let fault) = outcome.stop { Issue.record("\(fault)") }
        if interruption != .killed { learner.close() }
        try opened.journal.close()
        return opened.notes
    }

    private func runner(
        _ loop: ControlLoop<InterruptedBody>,
        _ sink: any TransitionSink
    ) -> EpisodeRunner<InterruptedBody> {
        let runner = EpisodeRunner(
            loop: loop,
            task: Self.task,
            reset: Self.reset,
            operatorLink: NoOperator(),
            sink: sink
        )
        runner.randomisation = Self.randomisation
        return runner
    }

    /// Every episode, of training and of trials, has a world of its own.
    private static let randomisation = {
        var ranges = Randomisation()
        ranges.mass = 0.5...2
        ranges.inertia = 0.5...2
        ranges.motorStrength = 0.7...1.2
        ranges.jointFriction = 0...0.02
        ranges.supply = 4.5...5.5
        ranges.latency = 0...0.03
        ranges.sensorNoise = 0...0.02
        ranges.startPose = -0.2...0.2
        return ranges
    }()

    /// All that a run keeps, but for wall-clock times and numbers of files.
    struct Kept: Equatable {
        var checkpoint: [UInt8]
        var policy: [UInt8]
        var transitions: [TransitionRecord] = []
        var episodes: [EpisodeRecord]
        var metrics: [MetricRecord] = []
    }

    var folder: RunFolder { get throws { try RunFolder.find(root: root, name: "latest") } }

    func kept() throws -> Kept {
        let journal = try JournalReader(reading: folder)
        let verification = try journal.verify()
        #expect(verification.isWhole, "\(verification.problems)")
        var kept = Kept(
            checkpoint: try journal.newestValidCheckpoint().bytes,
            policy: try journal.readFile(RunFolder.policyName),
            episodes: try journal.episodes()
        )
        try journal.readTransitions { kept.transitions.append($0) }
        for name in try journal.metricNames() { kept.metrics += try journal.metrics(name) }
        return kept
    }
}

/// A simulated body at one of whose ticks somebody asks for a stop.
final class InterruptedBody: DrivenBody, RestorableBody, VariableBody {
    private let body: SimulatedBody
    private let stopSwitch: StopSwitch?
    private var ticksLeft: Int

    init(_ body: SimulatedBody, stopSwitch: StopSwitch?, after ticks: Int) {
        self.body = body
        self.stopSwitch = stopSwitch
        ticksLeft = ticks
    }

    var jointCount: Int { body.jointCount }
    func now() -> MonotonicTime { body.now() }
    func waitForTick() -> TickTiming {
        ticksLeft -= 1
        if ticksLeft == 0 { stopSwitch?.ask(.ordered) }
        return body.waitForTick()
    }
    func read(into state: inout BodyState) { body.read(into: &state) }
    func write(_ goal: consuming SafeGoal) { body.write(goal) }
    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        try body.enableTorque(permit, state: &state)
    }
    func disableTorque(_ joints: JointSet) -> JointSet { body.disableTorque(joints) }
    func carry(_ world: inout WorldTransfer) { body.carry(&world) }
    func vary(_ variation: WorldVariation) { body.vary(variation) }
    func restart(_ joint: Int, silentFor seconds: Seconds) {
        body.restart(joint, silentFor: seconds)
    }
    func putBack() { body.putBack() }
}
