import Glibc
public import ServoProtocol

/// The settings of one motor's control loops, in the board's own units.
public struct ODriveDriveConfiguration: Sendable, Hashable {
    /// Which loops run.
    public var controlMode = ODriveControlMode.position
    /// How inputs become set points.
    public var inputMode = ODriveInputMode.passthrough.rawValue
    /// (turns/s)/turn.
    public var positionGain = 20.0
    /// N·m/(turn/s).
    public var velocityGain = 1.0 / 6
    /// N·m/(turn/s)/s.
    public var velocityIntegratorGain = 1.0 / 3
    /// Turns/s.
    public var velocityLimit = 2.0
    /// What `velocityLimit` times this is, is overspeed.
    public var velocityLimitTolerance = 1.2
    /// Whether overspeed is an error.
    public var checksOverspeed = true
    /// Turns/s².
    public var velocityRampRate = 1.0
    /// N·m/s.
    public var torqueRampRate = 0.01
    /// 1/s.
    public var inputFilterBandwidth = 2.0
    /// Turns/s of a trapezoidal move.
    public var trajectoryVelocity = 2.0
    /// Turns/s² of a trapezoidal move.
    public var trajectoryAcceleration = 0.5
    /// N·m; infinite from the factory.
    public var torqueLimit = Double.infinity
    /// Amperes.
    public var currentLimit = 10.0
    /// N·m/A.
    public var torqueConstant = 0.04

    /// The factory's settings, firmware 0.5.6.
    public init() {}

    /// The torque the motor may make.
    var availableTorque: Double { min(max(currentLimit * torqueConstant, 0), max(torqueLimit, 0)) }
}

/// What a motor is told.
struct ODriveInputs: Sendable, Hashable {
    var position = 0.0
    var velocity = 0.0
    var torque = 0.0
}

/// A spring, a damper and a torque at the motor: what the loops come to for a moment.
///
/// Turns, turns/s and N·m.
struct ODriveMotorLaw: Sendable, Hashable {
    var goal = 0.0
    /// What the damper pulls towards.
    var velocity = 0.0
    var stiffness = 0.0
    var damping = 0.0
    var torque = 0.0
    var maximum = 0.0

    func torque(position: Double, velocity: Double) -> Double {
        stiffness * (goal - position) + damping * (self.velocity - velocity) + torque
    }
}

/// One motor's control loops: position around velocity around torque.
///
/// `velocity wanted = vel_ff + pos_gain * (pos_set - pos)`, within the velocity limit, and
/// `torque = torque_ff + vel_gain * (velocity wanted - velocity) + integral`, within the torque
/// limit. The real board closes these loops 8000 times a second, which this one cannot. As long as
/// the velocity limit does not bind, they are a spring of `pos_gain * vel_gain` and a damper of
/// `vel_gain`; while it binds, the damper alone pulls towards the limit. So a turn of the loops
/// decides which of the two holds and how far the integral has run, and leaves spring and damper
/// to the physics, which are stable with them at any step. A torque held for a whole millisecond
/// would not be: the factory's `vel_gain` stops a light rotor several times over in that time.
struct ODriveDrive: Sendable {
    /// Errors that switch the motor off from within.
    enum Trip: Sendable, Hashable { case overspeed, invalidInputMode, notANumber }

    /// How often the board closes its loops, 1/s.
    private static let boardRate = 8000.0

    private(set) var configuration = ODriveDriveConfiguration()
    private(set) var inputs = ODriveInputs()
    private(set) var isArmed = false
    /// Set points in force: `pos_setpoint`, `vel_setpoint`, `torque_setpoint`.
    private(set) var setPoints = ODriveInputs()
    /// What the velocity loop's integral has come to, N·m.
    private(set) var integral = 0.0
    /// What switched the motor off from within.
    private(set) var trip: Trip?

    /// Takes what the board was told; a motor that is switched on starts where it is.
    mutating func take(
        _ configuration: ODriveDriveConfiguration,
        _ inputs: ODriveInputs,
        armed: Bool,
        position: Double
    ) {
        self.configuration = configuration
        self.inputs = inputs
        if armed, !isArmed {
            trip = nil
            integral = 0
            setPoints = ODriveInputs()
            setPoints.position = position
        }
        isArmed = armed && trip == nil
    }

    /// One turn of the loops; `nil` if the motor is off.
    mutating func step(position: Double, velocity: Double, seconds: Double) -> ODriveMotorLaw? {
        guard isArmed else { return nil }
        guard follow(seconds: seconds) else {
            stop(.invalidInputMode)
            return nil
        }
        let limit = configuration.velocityLimit
        if configuration.checksOverspeed,
            abs(velocity) > configuration.velocityLimitTolerance * limit
        {
            stop(.overspeed)
            return nil
        }
        let available = configuration.availableTorque
        setPoints.velocity = clamp(setPoints.velocity, limit)
        setPoints.torque = clamp(setPoints.torque, available)
        let runsVelocity =
            configuration.controlMode.rawValue >= ODriveControlMode.velocity.rawValue
        let law =
            runsVelocity
            ? velocityLaw(position, velocity, available: available, seconds: seconds)
            : torqueLaw(velocity: velocity, available: available)
        guard law.torque(position: position, velocity: velocity).isFinite else {
            stop(.notANumber)
            return nil
        }
        return law
    }

    private mutating func stop(_ trip: Trip) {
        self.trip = trip
        isArmed = false
    }

    private func clamp(_ value: Double, _ bound: Double) -> Double {
        min(max(value, -bound), bound)
    }

    // MARK: Laws

    private mutating func velocityLaw(
        _ position: Double,
        _ velocity: Double,
        available: Double,
        seconds: Double
    ) -> ODriveMotorLaw {
        let gain = configuration.velocityGain
        var law = ODriveMotorLaw(goal: position, damping: gain, maximum: available)
        var wanted = setPoints.velocity
        if configuration.controlMode == .position {
            wanted += configuration.positionGain * (setPoints.position - position)
        }
        let limited = clamp(wanted, configuration.velocityLimit)
        if configuration.controlMode == .position, limited == wanted {
            law.goal = setPoints.position
            law.stiffness = gain * configuration.positionGain
            law.velocity = setPoints.velocity
        } else {
            law.velocity = limited
        }
        law.torque = setPoints.torque + integral
        let demand = law.torque(position: position, velocity: velocity)
        if abs(demand) > available {
            integral *= pow(0.99, Self.boardRate * seconds)
        } else {
            integral += configuration.velocityIntegratorGain * seconds * (limited - velocity)
        }
        return law
    }

    /// Torque control, which near the velocity limit becomes a damper towards it.
    private mutating func torqueLaw(velocity: Double, available: Double) -> ODriveMotorLaw {
        integral = 0
        let gain = configuration.velocityGain
        let limit = configuration.velocityLimit
        let torque = setPoints.torque
        var law = ODriveMotorLaw(torque: torque, maximum: available)
        if torque > (limit - velocity) * gain {
            law = ODriveMotorLaw(velocity: limit, damping: gain, maximum: available)
        } else if torque < (-limit - velocity) * gain {
            law = ODriveMotorLaw(velocity: -limit, damping: gain, maximum: available)
        }
        return law
    }

    // MARK: Inputs

    /// Brings the set points after the inputs; `false` for a mode that is not known here.
    private mutating func follow(seconds: Double) -> Bool {
        switch ODriveInputMode(rawValue: configuration.inputMode) {
        case .inactive: break
        case .passthrough: setPoints = inputs
        case .velocityRamp:
            let step = abs(configuration.velocityRampRate) * seconds
            setPoints.velocity += clamp(inputs.velocity - setPoints.velocity, step)
            setPoints.torque = 0
        case .torqueRamp:
            let step = abs(configuration.torqueRampRate) * seconds
            setPoints.torque += clamp(inputs.torque - setPoints.torque, step)
        case .positionFilter:
            // Critically damped, of second order.
            let rate = 2 * configuration.inputFilterBandwidth
            let acceleration =
                0.25 * rate * rate * (inputs.position - setPoints.position)
                + rate * (inputs.velocity - setPoints.velocity)
            setPoints.velocity += acceleration * seconds
            setPoints.position += setPoints.velocity * seconds
            setPoints.torque = 0
        case .trapezoidalTrajectory: followTrapezoid(seconds: seconds)
        case .mixChannels, .mirror, .tuning, nil: return false
        }
        return true
    }

    private mutating func followTrapezoid(seconds: Double) {
        let way = inputs.position - setPoints.position
        let acceleration = configuration.trajectoryAcceleration
        let change = acceleration * seconds
        // As fast as still allows to stop at the end of the way.
        let brakable = max((2 * acceleration * abs(way)).squareRoot() - change, 0)
        let top = min(configuration.trajectoryVelocity, brakable)
        let wanted = way < 0 ? -top : top
        setPoints.velocity += clamp(wanted - setPoints.velocity, change)
        setPoints.torque = 0
        if abs(way) <= change * seconds, abs(setPoints.velocity) <= change {
            setPoints.position = inputs.position
            setPoints.velocity = 0
        } else {
            setPoints.position += setPoints.velocity * seconds
        }
    }
}
