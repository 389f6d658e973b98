import Robot
import ServoProtocol

/// One joint as its servo sees it: registers and units.
struct JointLink {
    /// Index in the robot's joints.
    let index: Int
    let joint: Joint
    let calibration: JointCalibration
    let registers: ServoRegisters
    /// Firmware version of the servo, from its ping.
    var firmware = 0
    /// Return Delay Time register, 2 us a unit; the largest until it is known.
    var returnDelay = 254

    /// The link of a joint of a robot.
    ///
    /// - Throws: `unknownModel` without a control table, `limitsOutsideTurn`.
    init(robot: RobotDescription, joint index: Int) throws(ServoProblem) {
        let joint = robot.joints[index]
        let table = ControlTable.model(number: joint.servo.modelNumber)
        guard let registers = table.flatMap({ ServoRegisters($0) }) else {
            throw .unknownModel(joint: joint.name, model: joint.servo.name)
        }
        self.index = index
        self.joint = joint
        calibration = robot.calibration[index]
        self.registers = registers
        guard fitsInOneTurn else {
            throw .limitsOutsideTurn(joint: joint.name, pulses: limitPulses)
        }
    }

    /// First address and size of what is read every tick: Present Current (126), Velocity (128)
    /// and Position (132), which lie side by side on every model.
    static let presentAddress = 126
    static let presentCount = 10

    var id: UInt8 { joint.servoID }
    private var turn: Int { joint.servo.pulsesPerTurn }
    private var sign: Double { calibration.direction < 0 ? -1 : 1 }

    /// What the answer to a read of `presentAddress` says.
    func sample(_ slots: ReplySlots, _ place: Int, time: MonotonicTime) -> JointSample {
        let current = slots.value(place, at: 0, size: 2, isSigned: true)
        let velocity = slots.value(place, at: 2, size: 4, isSigned: true)
        let pulses = slots.value(place, at: 6, size: 4, isSigned: true)
        return JointSample(
            position: angle(pulses),
            velocity: sign * Double(velocity) * joint.servo.velocityUnit,
            current: sign * Double(current) * joint.servo.currentUnit,
            time: time
        )
    }

    /// The joint's angle at a pulse count.
    func angle(_ pulses: Int) -> Radians {
        calibration.angle(pulses: pulses, pulsesPerTurn: turn)
    }

    /// The Goal Position for an angle, inside what the servo accepts.
    ///
    /// A goal beyond the servo's own limits would be refused without anybody being told.
    func goalPulses(_ angle: Radians) -> Int {
        let pulses = calibration.pulses(angle: angle, pulsesPerTurn: turn)
        return min(max(pulses, fence.lowerBound), fence.upperBound)
    }

    /// The joint's position limits in pulses, as the robot file has them.
    var limitPulses: ClosedRange<Int> {
        pulses(joint.limits.position.lowerBound, joint.limits.position.upperBound)
    }

    /// Min and Max Position Limit: the second fence, behind the supervisor's.
    ///
    /// Wider than the limits by the following error: a joint that stands just outside its limits
    /// must still be able to take its present position as goal and come back. Never beyond the
    /// one turn of position mode.
    var fence: ClosedRange<Int> {
        let limits = joint.limits
        let wide = pulses(
            limits.position.lowerBound - limits.followingError,
            limits.position.upperBound + limits.followingError
        )
        let low = min(max(wide.lowerBound, 0), turn - 1)
        return low...max(low, min(wide.upperBound, turn - 1))
    }

    private func pulses(_ a: Radians, _ b: Radians) -> ClosedRange<Int> {
        let one = calibration.pulses(angle: a, pulsesPerTurn: turn)
        let other = calibration.pulses(angle: b, pulsesPerTurn: turn)
        return min(one, other)...max(one, other)
    }

    /// Whether the limits lie within the one turn of position mode.
    ///
    /// An object may turn freely.
    var fitsInOneTurn: Bool {
        joint.role == .object || (limitPulses.lowerBound >= 0 && limitPulses.upperBound < turn)
    }

    /// Where a pulse count will stand once torque is on: turned by hand while torque was off it
    /// may be many turns away, and position mode folds it into one (plus the homing offset).
    func folded(_ pulses: Int, homingOffset: Int) -> Int {
        let raw = (pulses - homingOffset) % turn
        return (raw < 0 ? raw + turn : raw) + homingOffset
    }

    /// Current Limit register for the joint's limit, rounded up, inside the register's range.
    var currentLimit: (register: Register, value: Int)? {
        guard let register = registers.currentLimit else { return nil }
        var value = Int((joint.limits.current / joint.servo.currentUnit).rounded(.up))
        if case .number(let most) = register.maximum { value = min(value, most) }
        return (register, max(value, 0))
    }

    /// `servo 12 (joint `thumb`)`, for messages.
    var title: String { "servo \(id) (joint `\(joint.name)`)" }
}
