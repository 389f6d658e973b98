import Control
import Evaluation
import Learning
import Pictures
import Robot
import Safety
import Simulation

/// The simulated claw with everything an evaluation with interference needs.
struct InterferedClaw {
    /// Nobody answers.
    private final class NoOperator: OperatorLink {
        func show(_ prompt: OperatorPrompt?) {}
        func takeAnswer() -> OperatorAnswer? { nil }
        func note(_ text: String) {}
    }

    static let robot: RobotDescription = {
        let names =
            (1...3).flatMap { finger in
                ["top", "middle", "bottom"].map { "finger\(finger)_\($0)" }
            } + ["valve"]
        let folder = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        return RobotDescription(
            name: "claw",
            joints: names.enumerated().map { joint($1, $0) },
            calibration: names.map { _ in JointCalibration(zeroPulse: 2048, direction: 1) },
            buses: [],
            tickNanoseconds: 10_000_000,
            modelPath: folder + "/robots/claw.xml",
            stop: .park,
            emergencyStop: .release,
            arming: .automatic
        )
    }()

    private static func joint(_ name: String, _ index: Int) -> Joint {
        let isValve = index == 9
        let reach = isValve ? Double.pi : [degrees(27.5), degrees(60), degrees(90)][index % 3]
        return Joint(
            name: name,
            role: isValve ? .object : .actuated,
            busIndex: 0,
            servoID: UInt8(index + 1),
            servo: .xm430w210,
            limits: JointLimits(
                position: -reach...reach,
                goalVelocity: degrees(200),
                tripVelocity: degrees(500),
                current: 1.5,
                followingError: degrees(25),
                pauseTemperature: 55,
                stopTemperature: 70
            ),
            resetPosition: isValve ? 0 : [0, degrees(-60), degrees(60)][index % 3],
            gains: .registers(
                PositionGains(proportional: isValve ? 70 : 200, integral: 0, derivative: 0)
            )
        )
    }

    static let task = TaskSettings(
        name: "near",
        ticksPerStep: 10,
        stepCount: 20,
        goal: .objectAngle(
            ObjectAngleGoal(
                start: -1...1,
                startIsRelative: true,
                target: 0...0,
                targetVelocity: 0...0
            )
        ),
        observation: [.jointPositions, .objectDirection, .lastAction, .targetError],
        historyFrames: 1,
        rewards: [RewardTerm(kind: .targetError, weight: -1)],
        successTolerance: 0.1,
        heldSteps: 3,
        replayAction: .proposed
    )

    private static let reset = ResetSettings(
        tolerance: degrees(5),
        jointSeconds: 3,
        objectSeconds: 10,
        settleSeconds: 0.5,
        limpFirst: [0, 2, 3, 5, 6, 8],
        disentangle: [],
        retries: 3,
        promptSeconds: 1
    )

    static func draw(seed: UInt64 = 1) -> InterferenceDraw {
        InterferenceDraw(robot: robot, task: task, seed: seed, staleTicks: 5)
    }

    /// A policy that was never trained: its mean is somewhere near the middle.
    static func policy() -> PolicySnapshot {
        var settings = LearnerSettings()
        settings.hiddenWidths = [8]
        let learner = Learner(
            settings: settings,
            observationCount: 21,
            actionCount: 9,
            seed: 5
        )
        return learner.snapshot()
    }

    static func loop(rearms: Bool = false) throws -> ControlLoop<SimulatedBody> {
        var safety = SafetySettings()
        if rearms { safety.rearmSeconds = 0.6 }
        return ControlLoop(
            body: try SimulatedBody(robot: robot),
            robot: robot,
            safety: safety,
            stopSwitch: StopSwitch()
        )
    }

    static func runner(
        _ loop: ControlLoop<SimulatedBody>,
        sink: any TransitionSink,
        camera: (any FrameSource)? = nil
    ) -> EpisodeRunner<SimulatedBody> {
        EpisodeRunner(
            loop: loop,
            task: task,
            reset: reset,
            operatorLink: NoOperator(),
            sink: sink,
            camera: camera
        )
    }

    /// Runs the plans after as many episodes without, on a new robot.
    static func run(
        _ schedule: InterferenceSchedule,
        without: Int,
        rearms: Bool = false,
        camera: (any FrameSource)? = nil
    ) throws -> (episodes: [InterferedEpisode], stop: ControlStop?) {
        let loop = try loop(rearms: rearms)
        let sink = LabelledTransitions.Collector(
            observationCount: 21,
            actionCount: 9,
            stepCount: task.stepCount
        )
        let runner = runner(loop, sink: sink, camera: camera)
        var episodes: [InterferedEpisode] = []
        let session = InterferedSession(
            runner: runner,
            sink: sink,
            seed: 1,
            mark: InterferenceMark(),
            rolloutsPerKind: 1,
            recover: { _ in loop.goOnAfterFault() },
            report: { episodes.append($0) }
        )
        let stop = session.run(
            policy(),
            number: 0,
            episodesWithout: without,
            plans: schedule.plans
        )
        return (episodes, stop)
    }
}
