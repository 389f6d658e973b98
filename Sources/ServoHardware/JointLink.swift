import Robot
import ServoProtocol

/// One joint as its servo sees it: registers and units.
struct JointLink {
    /// Index in the robot's joints.
    let index: Int
    let joint: Joint
    let pulses: JointPulses
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
        self.init(
            index: index,
            joint: joint,
            calibration: robot.calibration[index],
            registers: registers
        )
        guard pulses.isInReach else {
            throw .limitsOutsideTurn(joint: joint.name, pulses: pulses.limits)
        }
    }

    /// A link of a joint whose limits nobody has looked at yet.
    init(index: Int, joint: Joint, calibration: JointCalibration, registers: ServoRegisters) {
        self.index = index
        self.joint = joint
        pulses = JointPulses(joint: joint, calibration: calibration)
        self.registers = registers
    }

    /// First address and size of what is read every tick: Present Current (126), Velocity (128)
    /// and Position (132), which lie side by side on every model.
    static let presentAddress = 126
    static let presentCount = 10

    var id: UInt8 { joint.servoID }
    private var turn: Int { joint.servo.pulsesPerTurn }
    private var sign: Double { pulses.sign }

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
    func angle(_ pulses: Int) -> Radians { self.pulses.angle(pulses) }

    /// The Goal Position for an angle, inside what the servo accepts.
    func goalPulses(_ angle: Radians) -> Int { pulses.goal(angle) }

    /// Min and Max Position Limit: the second fence, behind the supervisor's.
    var fence: ClosedRange<Int> { pulses.fence }

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
