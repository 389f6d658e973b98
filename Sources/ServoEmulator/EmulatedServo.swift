import Physics
public import ServoProtocol

/// One servo: its control table and everything the manual says writing to it does.
///
/// Time comes in as `now`, nanoseconds of the servo's own clock. The motor is elsewhere: `refresh`
/// takes what it measures, `command` says what it shall do.
///
/// Angles: the encoder counts `raw` pulses. The register shows
/// `present = direction * raw - foldedPulses + homing offset`, where `direction` is -1 in reverse
/// mode and folding takes out whole turns when the manual says so.
public struct EmulatedServo: Sendable {
    static let pulsesPerTurn = 4096

    /// Which servo of the plant it is.
    public let plantIndex: Int
    /// How it behaves where the manual leaves a choice.
    let options: EmulatorOptions
    var image: RegisterImage
    var profile = MotionProfile()
    /// What the plant said last.
    var measurement = ServoMeasurement()
    /// Whole turns taken out of Present Position, in pulses.
    var foldedPulses = 0
    /// The write that waits for Action.
    var registered: (address: Int, data: [UInt8])?
    /// Register bytes kept by Control Table Backup.
    var backup: [UInt8]?
    /// When a packet last kept the Bus Watchdog quiet.
    var watchdogFedAt: Int64 = 0
    /// When the servo's Realtime Tick was zero.
    var bootTime: Int64 = 0
    /// The servo is deaf until then.
    var deafUntil = Int64.min
    /// When `refresh` was last called.
    var refreshedAt: Int64 = 0
    /// Faults on demand.
    var faults = ServoFaults()

    /// A servo that was just powered for the first time.
    init(_ setup: EmulatedServoSetup, options: EmulatorOptions, now: Int64) {
        plantIndex = setup.plantIndex
        self.options = options
        image = RegisterImage(table: setup.table, firmware: options.firmwareVersion)
        image[.id] = Int(setup.id)
        image[.returnDelayTime] = Int(setup.returnDelay)
        if let code = setup.table.baudCode(near: setup.baudRate) { image[.baudRate] = code.code }
        bootTime = now
        refreshedAt = now
    }

    /// ID (7).
    public var id: UInt8 { UInt8(truncatingIfNeeded: image[.id]) }

    /// The model's registers.
    public var table: ControlTable { image.table }

    /// Whether `id` is this servo's shadow and not its own.
    func isShadow(_ id: UInt8) -> Bool {
        image.has(.secondaryID) && image[.secondaryID] == Int(id)
            && id <= Dynamixel2.highestID && id != self.id
    }

    /// The rate of Baud Rate (8) in bits per second.
    public var baudRate: Int {
        table.baudCodes.first { $0.code == image[.baudRate] }?.rate ?? table.initialBaudRate
    }

    /// Torque Enable (64).
    public var isTorqueOn: Bool { image[.torqueEnable] == 1 }

    /// A register's value as a host would read it, `nil` if the model has no such register.
    public func value(of name: Register.Name) -> Int? {
        guard let register = table.register(name),
            let bytes = image.read(address: Int(register.address), count: register.size)
        else { return nil }
        return register.value(of: bytes)
    }

    /// The loop in force; modes that the model lacks cannot be set.
    var mode: ServoMode { ServoMode(rawValue: image[.operatingMode]) ?? .position }

    /// Whether the position loop is closed.
    var hasPositionGoal: Bool {
        switch mode {
        case .position, .extendedPosition, .currentBasedPosition: true
        case .current, .velocity, .pwm, .impedance: false
        }
    }

    /// Whether goals are locked until 0 is written to Bus Watchdog.
    var isWatchdogTripped: Bool { image[.busWatchdog] < 0 }

    /// +1, or -1 in reverse mode (Drive Mode bit 0).
    var direction: Int { image[.driveMode] & 1 == 0 ? 1 : -1 }

    /// Homing Offset as far as it is honoured: position mode takes a quarter turn at most.
    var homingOffset: Int {
        let offset = image[.homingOffset]
        return mode == .position && abs(offset) > 1024 ? 0 : offset
    }

    /// Present Position as it follows from the encoder.
    var presentPosition: Int { direction * measurement.pulses - foldedPulses + homingOffset }

    /// The error byte of a status that says `code`.
    func statusError(_ code: StatusError.Code = .none) -> StatusError {
        StatusError(code, alert: image[.hardwareErrorStatus] != 0)
    }

    /// Takes out whole turns, so that Present Position without offset lies in 0...4095.
    mutating func foldPosition() {
        let actual = direction * measurement.pulses
        let turn = Self.pulsesPerTurn
        let turns = actual >= 0 ? actual / turn : (actual - turn + 1) / turn
        foldedPulses = turns * turn
        profile.rest(at: presentPosition)
    }

    /// What the motor's controller shall do, as the registers say it now.
    var command: ServoCommand {
        var command = ServoCommand()
        command.torqueEnabled = isTorqueOn
        command.mode = mode
        let goal = image[.goalPosition]
        command.goalPulses = direction * (goal - homingOffset + foldedPulses)
        command.goalVelocity = direction * image[.goalVelocity]
        // In modes 0 and 16 current and PWM are set points with a sign, elsewhere they are caps.
        let current = image[.goalCurrent]
        command.goalCurrent = mode == .current ? direction * current : abs(current)
        let pwm = image[.goalPWM]
        command.goalPWM = mode == .pwm ? direction * pwm : abs(pwm)
        command.pwmLimit = image[.pwmLimit]
        command.positionGains = (
            proportional: image[.positionPGain],
            integral: image[.positionIGain],
            derivative: image[.positionDGain]
        )
        command.velocityGains = (
            proportional: image[.velocityPGain],
            integral: image[.velocityIGain]
        )
        let plan = profilePlan
        command.profileVelocity = plan.velocity
        command.profileAcceleration = plan.acceleration
        return command
    }

    /// Profile Velocity and Acceleration in force; a time-based profile is turned into them.
    ///
    /// Time-based (Drive Mode bit 2): 112 is the whole time and 108 the ramp's, both in ms; the ramp
    /// takes half of the time at most.
    var profilePlan: (velocity: Int, acceleration: Int) {
        let velocity = image[.profileVelocity]
        let acceleration = image[.profileAcceleration]
        guard image[.driveMode] & 4 != 0, velocity > 0, hasPositionGoal else {
            return (velocity, acceleration)
        }
        let total = Double(velocity) / 1000
        let ramp = min(Double(acceleration) / 1000, total / 2)
        let top = plannedDistance / (total - ramp)
        let velocityRegister = max(1, Int((top / MotionProfile.velocityUnit).rounded()))
        guard ramp > 0 else { return (velocityRegister, 0) }
        let rate = top / ramp / MotionProfile.accelerationUnit
        return (velocityRegister, max(1, Int(rate.rounded())))
    }

    /// How far the goal was from the trajectory when it was set; for time-based profiles.
    var plannedDistance = 0.0

    /// Plans the trajectory to the goal from where it is.
    mutating func replan() {
        switch mode {
        case .position, .extendedPosition, .currentBasedPosition:
            plannedDistance = abs(Double(image[.goalPosition]) - profile.position)
            let plan = profilePlan
            profile.plan(
                goal: image[.goalPosition],
                velocity: plan.velocity,
                acceleration: plan.acceleration
            )
        case .current, .velocity, .pwm, .impedance:
            profile.rest(at: presentPosition)
        }
    }
}
