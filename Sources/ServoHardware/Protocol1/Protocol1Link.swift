import Robot
import ServoProtocol

/// One joint as its Dynamixel 1.0 or Feetech servo sees it: registers and units.
struct Protocol1Link {
    /// Index in the robot's joints.
    let index: Int
    let joint: Joint
    let pulses: JointPulses
    let table: ControlTable
    let registers: Protocol1Registers
    /// Return Delay Time register, 2 us a unit; the largest until it is known.
    var returnDelay = 254

    /// The link of a joint of a robot.
    ///
    /// - Throws: `unknownModel` without a control table, `limitsOutsideTurn`.
    init(robot: RobotDescription, joint index: Int) throws(ServoProblem) {
        let joint = robot.joints[index]
        let wire: ServoWire =
            robot.buses[joint.busIndex].wire == .feetech ? .feetechLittleEndian : .dynamixel1
        guard let table = ControlTable.model(number: joint.servo.modelNumber, on: wire),
            let registers = Protocol1Registers(table)
        else { throw .unknownModel(joint: joint.name, model: joint.servo.name) }
        self.index = index
        self.joint = joint
        self.table = table
        self.registers = registers
        pulses = JointPulses(joint: joint, calibration: robot.calibration[index])
        guard pulses.isInReach else {
            throw .limitsOutsideTurn(joint: joint.name, pulses: pulses.limits)
        }
    }

    var id: UInt8 { joint.servoID }

    /// First address of what is read every tick: position, speed, load, voltage and temperature,
    /// which lie side by side on every model.
    var presentAddress: Int { Int(registers.presentPosition.address) }

    /// Bytes read every tick; an STS has its current a little further on.
    var presentCount: Int {
        let last = registers.presentCurrent ?? registers.presentTemperature
        return last.addresses.upperBound - presentAddress
    }

    /// What is read of each servo in its turn: Torque Enable to Torque Limit.
    var torqueSpan: Range<Int> {
        let last = registers.torqueLimit ?? registers.torqueEnable
        return Int(registers.torqueEnable.address)..<last.addresses.upperBound
    }

    /// What the answer to a read of the present registers says.
    ///
    /// An STS measures the size of its current and not its direction, which is the load's.
    func sample(_ slots: ReplySlots, _ place: Int, time: MonotonicTime) -> JointSample {
        func value(_ register: Register) -> Int {
            slots.value(place, of: register, from: presentAddress)
        }
        let load = value(registers.presentLoad)
        var current = load
        if let register = registers.presentCurrent {
            current = load < 0 ? -value(register) : value(register)
        }
        return JointSample(
            position: pulses.angle(value(registers.presentPosition)),
            velocity: pulses.sign * Double(value(registers.presentSpeed))
                * joint.servo.velocityUnit,
            current: pulses.sign * Double(current) * joint.servo.currentUnit,
            time: time
        )
    }

    /// The share of all torque that the joint's current limit comes to, in Torque Limit's units.
    ///
    /// The second fence behind the supervisor's, and never more than the servo's own Max Torque.
    func torqueLimit(max: Int) -> Int {
        let share = joint.limits.current / joint.servo.stallCurrent
        let parts = (share * Double(table.fullPWM)).rounded(.up)
        return min(max, Int(Swift.max(0, min(parts, Double(table.fullPWM)))))
    }

    /// `servo 12 (joint `thumb`)`, for messages.
    var title: String { "servo \(id) (joint `\(joint.name)`)" }
}
