import CAllocationCount
import Learning
import Pictures
import Realtime
import Robot
import Safety
import ServoEmulator
import ServoHardware
import Simulation
import Testing

@testable import Control
@testable import Training

/// Passes everything on and counts what the control thread asks of the heap from tick to tick.
private final class CountedBody<Base: DrivenBody>: DrivenBody {
    let base: Base
    private(set) var ticks = 0
    private(set) var allocations: Int64 = 0
    private var last: Int64 = 0
    var isCounting = false {
        didSet { last = allocation_count() }
    }

    init(_ base: Base) { self.base = base }

    var jointCount: Int { base.jointCount }
    func now() -> MonotonicTime { base.now() }

    /// From one wait to the next, so that waiting counts too.
    func waitForTick() -> TickTiming {
        if isCounting {
            let now = allocation_count()
            allocations += now - last
            last = now
            ticks += 1
        }
        return base.waitForTick()
    }

    func read(into state: inout BodyState) { base.read(into: &state) }
    func write(_ goal: consuming SafeGoal) { base.write(goal) }
    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        try base.enableTorque(permit, state: &state)
    }
    func disableTorque(_ joints: JointSet) -> JointSet { base.disableTorque(joints) }
}

/// Real servos as a control loop sees them, without a bus: joints are at their goal a tick later.
private final class ScriptedBody: DrivenBody {
    private var positions: JointArray<Double>
    private var torque = JointSet()
    private var tick: Int64 = 0

    init(joints: Int) { positions = JointArray(count: joints, repeating: 0) }

    var jointCount: Int { positions.count }
    func now() -> MonotonicTime { MonotonicTime(nanoseconds: tick * TickRobot.tick) }
    func waitForTick() -> TickTiming {
        tick += 1
        return TickTiming(start: now(), skippedTicks: 0)
    }

    func read(into state: inout BodyState) {
        for joint in positions.indices {
            state.samples[joint] = JointSample(
                position: positions[joint],
                velocity: 0,
                current: 0,
                time: now()
            )
        }
        // One servo's health a tick, as on a bus.
        let joint = Int(tick) % positions.count
        state.health[joint] = JointHealth(
            temperature: 30,
            inputVoltage: 12,
            hardwareError: 0,
            time: now()
        )
    }

    func write(_ goal: consuming SafeGoal) {
        let goals = goal.positions
        for joint in positions.indices where torque.contains(joint) {
            if let position = goals[joint] { positions[joint] = position }
        }
    }

    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        torque.formUnion(permit.joints)
        state.torqueEnabled = torque
        read(into: &state)
    }

    func disableTorque(_ joints: JointSet) -> JointSet {
        torque.subtract(joints)
        return JointSet()
    }
}

/// The way of transitions to the learner, with somebody who takes them at once.
private final class Ring: TransitionSink {
    private let ring: TransitionRing
    private(set) var count = 0

    init(_ layout: TransitionLayout) { ring = TransitionRing(layout: layout, capacity: 16) }

    func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool {
        count += 1
        return ring.offer(
            header,
            observation: observation,
            picture: picture,
            applied: applied,
            proposed: proposed,
            next: next,
            nextPicture: nextPicture
        ) && ring.ring.take { _ in }
    }
}

/// Pictures that count.
private final class CountingCamera: FrameSource {
    let camera = CameraDescription(name: "eye", pipeline: nil, modelCamera: "eye")
    private var count: UInt8 = 0

    func episodeBegins(seed: UInt64) {}

    func newest(at now: MonotonicTime, into frame: inout MutableSpan<UInt8>) -> FrameReading {
        count &+= 1
        for index in frame.indices { frame[index] = count }
        return .frame(now)
    }
}

private final class NoOperator: OperatorLink {
    func show(_ prompt: OperatorPrompt?) {}
    func takeAnswer() -> OperatorAnswer? { nil }
    func note(_ text: String) {}
}

@Suite("What a tick asks of the heap", .timeLimit(.minutes(5)))
struct TickAllocationTests {
    /// Runs one episode of an exploring policy and returns what was counted from its second step on.
    private func episode<Body: DrivenBody>(
        _ body: Body,
        robot: RobotDescription,
        steps: Int,
        camera: (any FrameSource)? = nil
    ) throws -> (ticks: Int, allocations: Int64, loop: ControlLoop<CountedBody<Body>>) {
        let counted = CountedBody(body)
        let loop = ControlLoop(
            body: counted,
            robot: robot,
            safety: SafetySettings(),
            stopSwitch: StopSwitch()
        )
        let task = TickRobot.task(joints: robot.joints.count, steps: steps)
        let probe = EpisodeRunner(
            loop: loop,
            task: task,
            reset: TickRobot.reset,
            operatorLink: NoOperator(),
            sink: Ring(TransitionLayout(observationCount: 1, actionCount: 1))
        )
        let layout = TransitionLayout(
            observationCount: probe.observationCount,
            actionCount: probe.actionCount,
            image: camera.map { _ in ImageLayout(height: 32, width: 32, channels: 3, history: 3) }
        )
        let sink = Ring(layout)
        let runner = EpisodeRunner(
            loop: loop,
            task: task,
            reset: TickRobot.reset,
            operatorLink: NoOperator(),
            sink: sink,
            camera: camera
        )
        var settings = LearnerSettings()
        settings.hiddenWidths = [32, 32]
        if camera != nil { settings.encoder = .small }
        let learner = Learner(
            settings: settings,
            observationCount: layout.observationCount,
            actionCount: layout.actionCount,
            image: layout.image,
            seed: 3
        )
        var done = 0
        runner.afterStep = {
            done += 1
            if done == 1 { counted.isCounting = true }
            if done == steps { counted.isCounting = false }
        }
        var random = RandomSource(seed: 4)
        let prepared = try runner.prepare(random: &random)
        let (record, stop) = runner.run(
            prepared,
            index: 0,
            actions: .policy(learner.snapshot(), explores: true),
            random: &random
        )
        #expect(stop == nil && record.steps == steps)
        #expect(sink.count == steps)
        return (counted.ticks, counted.allocations, loop)
    }

    @Test("100,000 ticks of a robot shaped like hardware: nothing")
    func scripted() throws {
        let robot = TickRobot.robot(joints: 9)
        let seen = try episode(ScriptedBody(joints: 9), robot: robot, steps: 10_001)
        #expect(seen.ticks == 100_000)
        #expect(seen.allocations == 0)
        // The tick's own measurements went on all the while.
        let work = seen.loop.statistics.work.figures
        #expect(work.count > 100_000 && work.median > 0)
        let judge = seen.loop.statistics.judge.figures
        #expect(judge.count == work.count)
    }

    @Test("10,000 ticks of a policy that looks through a camera: nothing")
    func camera() throws {
        let robot = TickRobot.robot(joints: 9)
        let seen = try episode(
            ScriptedBody(joints: 9),
            robot: robot,
            steps: 1001,
            camera: CountingCamera()
        )
        #expect(seen.ticks == 10_000)
        #expect(seen.allocations == 0)
    }

    @Test("100,000 ticks in simulation: nothing")
    func simulated() throws {
        let robot = TickRobot.oneServo
        let seen = try episode(try SimulatedBody(robot: robot), robot: robot, steps: 10_001)
        #expect(seen.ticks == 100_000)
        #expect(seen.allocations == 0)
    }

    @Test("3,000 ticks of servos behind a pty: nothing")
    func servos() throws {
        let robot = TickRobot.robot(joints: 3)
        var options = EmulatorOptions()
        options.timing = .instant
        options.clock = .stepped(tickNanoseconds: robot.tickNanoseconds)
        let setups = try EmulatedServoSetup.setups(for: robot).flatMap { $0 }
        let emulated = try EmulatedRobot(
            robot: robot,
            plant: FreeServoPlant(setups: setups),
            options: options
        )
        emulated.start()
        defer { emulated.stop() }
        let paths = zip(robot.buses.map(\.name), emulated.paths)
        let body = try ServoBody.connect(
            robot: robot,
            portOverride: Dictionary(uniqueKeysWithValues: paths),
            pacing: .stepped
        )
        defer { body.close() }
        let seen = try episode(body, robot: robot, steps: 301)
        #expect(seen.ticks == 3000)
        #expect(seen.allocations == 0)
    }
}
