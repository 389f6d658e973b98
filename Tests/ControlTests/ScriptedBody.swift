import Pictures
import Robot
import Safety

@testable import Control

/// An ideal robot: joints with torque are at their goal one tick later.
///
/// Its clock is the tick count.
final class ScriptedBody: DrivenBody {
    let robot: RobotDescription
    var positions: [Double]
    var torque = JointSet()
    var tick: Int64 = 0
    /// Joints that do not move whatever they are told.
    var stuck = JointSet()
    /// Joints that stop answering from this tick on.
    var silentFrom: Int64?
    /// Joints that refuse torque.
    var refuses = JointSet()
    var temperature = 30.0
    var whenTicked: (() -> Void)?
    /// Joints that brake when asked to; their speed halves with every call.
    var canBrake = JointSet()
    var velocities: [Double]
    private(set) var temperatureAtFirstTorque: Double?
    /// Everything that reached the motors, in order: goals, "on" and "off".
    private(set) var events: [Event] = []

    enum Event: Equatable {
        case on(JointSet)
        case off(JointSet)
        case goal(tick: UInt64, [Double?])
        case brake(JointSet)
    }

    init(robot: RobotDescription, positions: [Double]) {
        self.robot = robot
        self.positions = positions
        velocities = positions.map { _ in 0 }
    }

    var jointCount: Int { robot.joints.count }
    func now() -> MonotonicTime { MonotonicTime(nanoseconds: tick * robot.tickNanoseconds) }

    func waitForTick() -> TickTiming {
        tick += 1
        whenTicked?()
        return TickTiming(start: now(), skippedTicks: 0)
    }

    func read(into state: inout BodyState) {
        if let silentFrom, tick >= silentFrom { return }
        for joint in 0..<jointCount {
            state.samples[joint] = JointSample(
                position: positions[joint],
                velocity: velocities[joint],
                current: 0,
                time: now()
            )
            state.health[joint] = JointHealth(
                temperature: temperature,
                inputVoltage: 12,
                hardwareError: 0,
                time: now()
            )
        }
    }

    func write(_ goal: consuming SafeGoal) {
        let goals = goal.positions
        events.append(.goal(tick: goal.tick, (0..<jointCount).map { goals[$0] }))
        for joint in 0..<jointCount where torque.contains(joint) && !stuck.contains(joint) {
            if let position = goals[joint] { positions[joint] = position }
        }
    }

    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        let joints = permit.joints
        for joint in joints.indices where refuses.contains(joint) {
            throw ArmingError(joint: joint, reason: "joint \(joint) refuses")
        }
        events.append(.on(joints))
        temperatureAtFirstTorque = temperatureAtFirstTorque ?? temperature
        torque.bits |= joints.bits
        state.torqueEnabled = torque
        read(into: &state)
    }

    func damp(_ joints: JointSet) -> JointSet {
        let able = JointSet(bits: joints.bits & canBrake.bits)
        if !able.isEmpty { events.append(.brake(able)) }
        for joint in able.indices { velocities[joint] /= 2 }
        return JointSet(bits: joints.bits & ~canBrake.bits)
    }

    func disableTorque(_ joints: JointSet) -> JointSet {
        events.append(.off(joints))
        torque.bits &= ~joints.bits
        return JointSet()
    }
}

/// An operator that answers what it was told to.
final class ScriptedOperator: OperatorLink {
    var prompts: [OperatorPrompt] = []
    var notes: [String] = []
    var answers: [OperatorAnswer] = []
    var whenAsked: (() -> Void)?

    func show(_ prompt: OperatorPrompt?) {
        guard let prompt else { return }
        prompts.append(prompt)
        whenAsked?()
    }
    func takeAnswer() -> OperatorAnswer? { answers.isEmpty ? nil : answers.removeFirst() }
    func note(_ text: String) { notes.append(text) }
}

/// Keeps what it is offered.
final class KeptTransitions: TransitionSink {
    struct Row: Equatable {
        var header: TransitionHeader
        var observation, applied, proposed, next: [Float]
        var picture: [UInt8] = []
        var nextPicture: [UInt8] = []
    }
    var rows: [Row] = []
    var room = Int.max

    func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool {
        guard rows.count < room else { return false }
        rows.append(
            Row(
                header: header,
                observation: Self.array(observation),
                applied: Self.array(applied),
                proposed: Self.array(proposed),
                next: Self.array(next),
                picture: picture.indices.map { picture[$0] },
                nextPicture: nextPicture.indices.map { nextPicture[$0] }
            )
        )
        return true
    }

    private static func array(_ span: Span<Float>) -> [Float] { span.indices.map { span[$0] } }
}

/// A loop over a scripted body with what tests need to look at.
struct Bench {
    let body: ScriptedBody
    let loop: ControlLoop<ScriptedBody>
    let stopSwitch = StopSwitch()
    let link = ScriptedOperator()
    let sink = KeptTransitions()

    init(positions: [Double] = [0.2, -0.2, 0], robot: RobotDescription = Fixture.robot) {
        body = ScriptedBody(robot: robot, positions: positions)
        loop = ControlLoop(
            body: body,
            robot: robot,
            safety: SafetySettings(),
            stopSwitch: stopSwitch
        )
    }

    static let reset = ResetSettings(
        tolerance: degrees(5),
        jointSeconds: 2,
        objectSeconds: 3,
        settleSeconds: 0.1,
        limpFirst: [1],
        disentangle: [DisentangleStage(joints: [0], position: 0.3, seconds: 0.1)],
        retries: 1,
        promptSeconds: nil
    )

    func runner(
        _ task: TaskSettings = Fixture.turn(steps: 6),
        camera: (any FrameSource)? = nil
    ) -> EpisodeRunner<ScriptedBody> {
        EpisodeRunner(
            loop: loop,
            task: task,
            reset: Self.reset,
            operatorLink: link,
            sink: sink,
            camera: camera
        )
    }
}
