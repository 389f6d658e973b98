import Robot
import ServoProtocol

/// One joint as its axis sees it: paths, turns and settings.
struct ODriveLink {
    /// Index in the robot's joints.
    let index: Int
    let joint: Joint
    let calibration: JointCalibration
    /// Stiffness N·m/rad and damping N·m·s/rad of the robot file.
    private let stiffness: Double
    private let damping: Double
    /// Paths that are read in the tick, made once.
    let currentPath: String
    let statePath: String
    let errorPath: String
    var temperaturePath: String
    let causePaths: [String]

    /// The link of a joint of a robot.
    ///
    /// - Throws: `unsuitable` if its gains are not those of a torque-controlled motor.
    init(robot: RobotDescription, joint index: Int) throws(ServoProblem) {
        let joint = robot.joints[index]
        let axis = Int(joint.servoID)
        guard axis < ODriveASCII.axisCount else {
            throw .unsuitable(
                joint: joint.name,
                id: joint.servoID,
                reason: "is no axis of an ODrive; its `id:` must be 0 or 1"
            )
        }
        guard case .impedance(let stiffness, let damping) = joint.gains, stiffness >= 0,
            damping > 0, stiffness.isFinite, damping.isFinite
        else {
            throw .unsuitable(
                joint: joint.name,
                id: joint.servoID,
                reason: "needs a stiffness and a damping above zero: an ODrive's position loop "
                    + "works through its velocity loop"
            )
        }
        self.index = index
        self.joint = joint
        self.stiffness = stiffness
        self.damping = damping
        calibration = robot.calibration[index]
        currentPath = ODriveProperty.Axis.current.path(axis)
        statePath = ODriveProperty.Axis.currentState.path(axis)
        errorPath = ODriveProperty.Axis.error.path(axis)
        temperaturePath = ODriveProperty.Axis.temperature.path(axis)
        causePaths = ODriveCause.Word.allCases.map { $0.property.path(axis) }
    }

    /// 0 or 1.
    var axis: Int { Int(joint.servoID) }
    /// `axis 1 (joint `knee`)`, for messages.
    var title: String { "axis \(axis) (joint `\(joint.name)`)" }
    private var sign: Double { calibration.direction < 0 ? -1 : 1 }
    private var zero: Double {
        Double(calibration.zeroPulse) / Double(joint.servo.pulsesPerTurn)
    }

    func path(_ property: ODriveProperty.Axis) -> String { property.path(axis) }

    // MARK: Units

    /// The joint's angle at a motor position in turns.
    func angle(turns: Double) -> Radians { sign * (turns - zero) * 2 * .pi }

    /// The joint's velocity at a motor velocity in turns/s.
    func velocity(turnsPerSecond: Double) -> RadiansPerSecond { sign * turnsPerSecond * 2 * .pi }

    /// The motor's current in the joint's direction.
    func current(_ amperes: Double) -> Amperes { sign * amperes }

    /// The set point for an angle, inside the limits widened by the following error.
    ///
    /// Wider than the limits, because a joint that stands just outside of them must be able to take
    /// its own position as goal and come back. The board has no position limits of its own.
    func turns(_ angle: Radians) -> Double {
        let bounded = min(max(angle, fence.lowerBound), fence.upperBound)
        return zero + sign * bounded / (2 * .pi)
    }

    /// Angles a joint may be sent to.
    var fence: ClosedRange<Radians> {
        let limits = joint.limits
        return
            (limits.position.lowerBound - limits.followingError)...(limits.position.upperBound
            + limits.followingError)
    }

    // MARK: Settings

    /// What the axis is set to while its motor is off; every value is read back.
    ///
    /// `vel_gain` is the damping and `pos_gain * vel_gain` the stiffness as long as the velocity
    /// limit does not bind, in turns; the integral is off, because a robot that leans on something
    /// must not push ever harder. Torque in N·m is only as true as the torque constant.
    func settings(watchdog: Seconds?) -> [(property: ODriveProperty.Axis, value: Double)] {
        let limits = joint.limits
        let torqueConstant = joint.servo.torqueConstant
        return [
            // A watchdog that is armed would trip meanwhile.
            (.enableWatchdog, 0),
            (.watchdogTimeout, watchdog ?? 0),
            (.torqueConstant, torqueConstant),
            (.currentLimit, limits.current),
            (.torqueLimit, limits.current * torqueConstant),
            (.velocityLimit, limits.tripVelocity / (2 * .pi)),
            (.velocityGain, damping * 2 * .pi),
            (.positionGain, stiffness / damping),
            (.velocityIntegratorGain, 0),
            (.inputMode, Double(ODriveInputMode.passthrough.rawValue)),
            (.controlMode, Double(ODriveControlMode.position.rawValue)),
            (.inputVelocity, 0),
            (.inputTorque, 0),
        ]
    }
}
