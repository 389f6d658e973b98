import Robot
import ServoProtocol

/// One joint as its moteus sees it: revolutions instead of radians, and torque instead of current.
struct MoteusLink {
    /// Index in the robot's joints.
    let index: Int
    let joint: Joint
    let calibration: JointCalibration
    /// The goal in force, revolutions; `nil` while the motor is off.
    var goal: Double?
    /// Whether it brakes instead of going to the goal.
    var brakes = false

    init(robot: RobotDescription, joint index: Int) {
        self.index = index
        joint = robot.joints[index]
        calibration = robot.calibration[index]
    }

    var id: UInt8 { joint.servoID }
    private var sign: Double { calibration.direction < 0 ? -1 : 1 }
    private var zero: Double {
        Double(calibration.zeroPulse) / Double(joint.servo.pulsesPerTurn)
    }

    /// The joint's angle at a position.
    func angle(_ revolutions: Double) -> Radians { sign * (revolutions - zero) * 2 * .pi }

    /// The position at a joint's angle.
    func revolutions(_ angle: Radians) -> Double { zero + sign * angle / (2 * .pi) }

    /// The position for a goal, inside what the controller accepts.
    func goalRevolutions(_ angle: Radians) -> Double {
        min(max(revolutions(angle), fence.lowerBound), fence.upperBound)
    }

    /// The controller's own position limits: the second fence, behind the supervisor's.
    ///
    /// Wider than the joint's by the following error: a joint that stands just outside its limits
    /// must still be able to take its present position as goal and come back.
    var fence: ClosedRange<Double> {
        let limits = joint.limits
        let one = revolutions(limits.position.lowerBound - limits.followingError)
        let other = revolutions(limits.position.upperBound + limits.followingError)
        return min(one, other)...max(one, other)
    }

    /// The torque that the joint's current limit comes to.
    var maximumTorque: NewtonMetres { joint.limits.current * joint.servo.torqueConstant }

    /// kp in N·m a revolution and kd in N·m a revolution a second, as the controller has them;
    /// `nil` for gains that are registers of another kind of servo.
    var gains: (kp: Double, kd: Double)? {
        guard case .impedance(let stiffness, let damping) = joint.gains else { return nil }
        return (stiffness * 2 * .pi, damping * 2 * .pi)
    }

    /// A goal with the joint's torque limit and the bus's watchdog; for one that brakes, no
    /// velocity and no stiffness wherever it is.
    func command(_ position: Double, watchdog: Seconds?) -> MoteusPosition {
        var command = MoteusPosition(position: brakes ? .nan : position, velocity: 0)
        if brakes { command.kpScale = 0 }
        command.maximumTorque = maximumTorque
        command.watchdogTimeout = watchdog ?? .nan
        return command
    }

    /// What a reply says of the joint.
    func sample(_ state: MoteusState, time: MonotonicTime) -> JointSample {
        JointSample(
            position: angle(state.position),
            velocity: sign * state.velocity * 2 * .pi,
            current: sign * state.current,
            time: time
        )
    }

    /// `motor 12 (joint `knee`)`, for messages.
    var title: String { "moteus \(id) (joint `\(joint.name)`)" }
}
