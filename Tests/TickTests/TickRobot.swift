import Control
import Foundation
import Robot

/// Robots of one kind of servo, and a task that moves them all the time.
enum TickRobot {
    static let tick: Int64 = 10_000_000

    private static let model =
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appendingPathComponent("robots/one-servo.xml").path

    static func robot(joints: Int) -> RobotDescription {
        robot((0..<joints).map { "joint\($0)" }, servo: .xm430w210, model: nil)
    }

    /// The robot of robots/one-servo.xml.
    static let oneServo = robot(["joint"], servo: .xl330m288, model: model)

    private static func robot(
        _ names: [String],
        servo: ServoSpecification,
        model: String?
    ) -> RobotDescription {
        RobotDescription(
            name: "ticks",
            joints: names.enumerated().map { joint($1, id: UInt8($0 + 1), servo) },
            calibration: names.map { _ in JointCalibration(zeroPulse: 2048, direction: 1) },
            buses: [
                ServoBusDescription(name: "b", port: "", baudRate: 1_000_000, servoWatchdog: nil)
            ],
            tickNanoseconds: tick,
            modelPath: model,
            stop: .release,
            emergencyStop: .release,
            arming: .automatic
        )
    }

    private static func joint(
        _ name: String,
        id: UInt8,
        _ servo: ServoSpecification
    ) -> Joint {
        Joint(
            name: name,
            role: .actuated,
            busIndex: 0,
            servoID: id,
            servo: servo,
            limits: JointLimits(
                position: -1...1,
                goalVelocity: 2,
                tripVelocity: 20,
                current: 5,
                followingError: 1,
                pauseTemperature: 60,
                stopTemperature: 80
            ),
            resetPosition: 0,
            gains: .registers(PositionGains(proportional: 400, integral: 0, derivative: 0))
        )
    }

    static func task(joints: Int, steps: Int) -> TaskSettings {
        var task = TaskSettings(
            name: "t",
            ticksPerStep: 10,
            stepCount: steps,
            goal: .pose([ClosedRange<Radians>](repeating: -0.8...0.8, count: joints)),
            observation: [.jointPositions, .jointVelocities, .lastAction, .targetError],
            historyFrames: 2,
            rewards: [
                RewardTerm(kind: .targetError, weight: -1),
                RewardTerm(kind: .resetPoseDistance, weight: -1),
                RewardTerm(kind: .fastJoints, weight: -1, threshold: 0.5),
                RewardTerm(kind: .actionChange, weight: -0.1),
            ],
            successTolerance: 0.1,
            heldSteps: 2,
            replayAction: .proposed
        )
        task.actionCutoffHertz = 3
        return task
    }

    static let reset = ResetSettings(
        tolerance: degrees(20),
        jointSeconds: 3,
        objectSeconds: 1,
        settleSeconds: 0.1,
        limpFirst: [],
        disentangle: [],
        retries: 1,
        promptSeconds: 1
    )
}
