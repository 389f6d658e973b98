import Physics
public import ServoProtocol

/// One Dynamixel 1.0 or Feetech servo: its control table and what writing to it does.
///
/// Time comes in as `now`, nanoseconds of the servo's own clock. The motor is elsewhere: `refresh`
/// takes what it measures, `command` says what it shall do. Where the makers' documents are silent
/// the comment says what was picked.
public struct Protocol1Servo: Sendable {
    /// Which servo of the plant it is.
    public let plantIndex: Int
    let options: EmulatorOptions
    let registers: Protocol1Registers
    var image: RegisterImage
    /// The EEPROM as it will be after power comes back; Feetech's Lock keeps writes out of it.
    var saved: [UInt8]
    /// What the plant said last.
    var measurement = ServoMeasurement()
    /// Encoder pulses less Present Position, as they were before torque came on.
    var base = 0
    /// How far a goal was from the servo when it came, pulses; for Goal Time.
    var plannedDistance = 0
    /// The write that waits for Action.
    var pending: (address: Int, data: [UInt8])?
    /// Conditions of the servo: the error byte without what concerns one request.
    var conditions: Protocol1Error = []
    /// When the servo's Realtime Tick was zero.
    var bootTime: Int64 = 0
    /// The servo is deaf until then.
    var deafUntil = Int64.min
    /// Faults on demand.
    var faults = ServoFaults()

    /// A servo that was just powered for the first time; `nil` if the table is not of these
    /// protocols.
    init?(_ setup: EmulatedServoSetup, options: EmulatorOptions) {
        guard let registers = Protocol1Registers(setup.table) else { return nil }
        plantIndex = setup.plantIndex
        self.options = options
        self.registers = registers
        image = RegisterImage(table: setup.table, firmware: options.firmwareVersion)
        image[registers.id] = Int(setup.id)
        image[registers.returnDelayTime] = Int(setup.returnDelay)
        if let code = setup.table.baudCode(near: setup.baudRate) {
            image[registers.baudRate] = code.code
        }
        saved = image.bytes
    }

    /// ID.
    public var id: UInt8 { UInt8(truncatingIfNeeded: image[registers.id]) }

    /// The model's registers.
    public var table: ControlTable { image.table }

    /// The rate of Baud Rate in bits per second.
    public var baudRate: Int {
        let code = image[registers.baudRate]
        if let known = table.baudCodes.first(where: { $0.code == code }) { return known.rate }
        // Dynamixel 1.0 divides 2 MHz by whatever number it is given.
        return table.wire == .dynamixel1 ? 2_000_000 / (code + 1) : table.initialBaudRate
    }

    /// Torque Enable; Feetech's damping (2) is no torque.
    public var isTorqueOn: Bool { image[registers.torqueEnable] == 1 }

    /// A register's value, `nil` if the model has no such register.
    public func value(of name: Register.Name) -> Int? {
        table.register(name).map { image[$0] }
    }

    /// A register's value, 0 if the model has it not.
    func value(_ register: Register?) -> Int { register.map { image[$0] } ?? 0 }

    /// Whether the model is one of the MX series, which turn without end.
    var isMX: Bool { registers.multiTurnOffset != nil }

    /// What the goal registers mean.
    enum Motion: Sendable, Hashable {
        /// A position within one turn, or within the sensor's range.
        case position
        /// A position over many turns.
        case multiTurn
        /// A velocity.
        case velocity
        /// A share of full voltage.
        case pwm
        /// A number of steps from where the last goal was.
        case steps
    }

    /// What the goal registers mean now.
    var motion: Motion {
        let low = image[registers.lowLimit]
        let high = image[registers.highLimit]
        switch table.wire {
        case .dynamixel1, .dynamixel2:
            if low == 0, high == 0 { return isMX ? .velocity : .pwm }
            return isMX && low == 4095 && high == 4095 ? .multiTurn : .position
        case .feetechBigEndian:
            return low == 0 && high == 0 ? .pwm : .position
        case .feetechLittleEndian:
            switch value(registers.operatingMode) {
            case 1: return .velocity
            case 2: return .pwm
            case 3: return .steps
            default: return low == 0 && high == 0 ? .multiTurn : .position
            }
        }
    }

    // MARK: Position

    /// Present Position for the encoder's pulses.
    ///
    /// AX and SCS have a potentiometer that ends; the others an encoder that begins again.
    var presentPosition: Int {
        let raw = measurement.pulses
        switch table.wire {
        case .feetechLittleEndian:
            let shown = raw - value(registers.homingOffset)
            return motion == .multiTurn || motion == .steps
                ? min(max(shown, -32_767), 32_767) : Self.folded(shown)
        case .dynamixel1 where isMX:
            guard motion == .multiTurn else { return Self.folded(raw) }
            let divider = max(1, value(registers.resolutionDivider))
            return min(
                max(raw / divider + value(registers.multiTurnOffset), -28_672),
                28_672
            )
        case .dynamixel1, .dynamixel2, .feetechBigEndian:
            return min(max(raw, 0), 1023)
        }
    }

    private static func folded(_ pulses: Int) -> Int { ((pulses % 4096) + 4096) % 4096 }

    /// Encoder pulses for a position.
    func pulses(of position: Int) -> Int {
        if isMX, motion == .multiTurn {
            let divider = max(1, value(registers.resolutionDivider))
            return (position - value(registers.multiTurnOffset)) * divider
        }
        return position + base
    }

    /// Notes how positions and pulses belong together from here on.
    mutating func rebase() {
        let hasEnds = !isMX && table.wire != .feetechLittleEndian
        base = hasEnds ? 0 : measurement.pulses - presentPosition
        image[registers.presentPosition] = presentPosition
    }

    // MARK: The motor

    /// What the motor's controller shall do, as the registers say it now.
    var command: ServoCommand {
        var command = ServoCommand()
        let most = registers.torqueLimit.map { image[$0] } ?? image[registers.maxTorque]
        let isDamping = image[registers.torqueEnable] == 2
        command.torqueEnabled = (isTorqueOn && most > 0) || isDamping
        command.pwmLimit = table.fullPWM
        command.goalPWM = most
        command.positionGains = (proportional: positionGain, integral: 0, derivative: 0)
        let speed = image[registers.goalSpeed]
        command.profileAcceleration = profileAcceleration
        // A motor that is driven with 0 V brakes itself.
        guard !isDamping else {
            command.mode = .pwm
            command.goalPWM = 0
            return command
        }
        switch motion {
        case .position, .multiTurn, .steps:
            // The plant must not fold: that is done here.
            command.mode = .extendedPosition
            command.goalPulses = pulses(of: goal)
            command.profileVelocity = profileVelocity
        case .velocity:
            command.mode = .velocity
            command.goalVelocity = speed
        case .pwm:
            command.mode = .pwm
            let wanted = isWheelByTime ? wheelPWM : speed
            command.goalPWM = max(-most, min(most, wanted))
        }
        return command
    }

    /// Goal Position as far as it is honoured: Feetech servos stop at their limits without a word.
    private var goal: Int {
        let goal = image[registers.goalPosition]
        guard table.wire.isFeetech, motion == .position else { return goal }
        let low = image[registers.lowLimit]
        return max(low, min(max(low, image[registers.highLimit]), goal))
    }

    /// P Gain; the AX series' compliance slope says at what error all torque is called for.
    ///
    /// 8 is what divides P Gain in protocol 1.0. The I and D gains of these servos are in units that
    /// no document relates to those of the plant, and are left out.
    private var positionGain: Int {
        if let gain = registers.positionGain { return image[gain] }
        return 8 * table.fullPWM / max(1, value(registers.complianceSlope))
    }

    /// The wheel's PWM comes in Goal Time, with bit 10 as its sign.
    private var isWheelByTime: Bool { table.wire.isFeetech }
    private var wheelPWM: Int { SignMagnitude.bit10.value(value(registers.goalTime)) }

    /// The top speed on the way to a goal, in velocity units; 0 is as fast as it can.
    private var profileVelocity: Int {
        let speed = abs(image[registers.goalSpeed])
        let milliseconds = value(registers.goalTime)
        guard speed == 0, milliseconds > 0, table.wire.isFeetech else { return speed }
        return max(1, plannedDistance * 1000 / milliseconds)
    }

    /// Acceleration in units of 214.577 rev/min², as the plant has them.
    ///
    /// MX: 8.583 °/s² a unit; STS: 100 steps/s².
    private var profileAcceleration: Int {
        let register = value(registers.acceleration)
        guard register > 0 else { return 0 }
        let unit = table.wire.isFeetech ? 100 * 3600.0 / 4096 : 8.583 * 10
        return max(1, Int((Double(register) * unit / 214.577).rounded()))
    }
}
