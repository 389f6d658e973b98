/// Whether the policy moves a joint, or the joint is part of the task's object.
public enum JointRole: String, Sendable, CaseIterable {
    /// A joint of the robot: the policy commands it.
    case actuated
    /// A joint of the thing that is handled, a valve for instance: free while an episode runs (its
    /// servo is then only the encoder) and driven by the reset.
    case object
}

/// Position-loop gains as the servo's registers hold them.
public struct PositionGains: Sendable, Hashable {
    /// Position P Gain register.
    public var proportional: Int
    /// Position I Gain register.
    public var integral: Int
    /// Position D Gain register.
    public var derivative: Int

    /// Register values.
    public init(proportional: Int, integral: Int, derivative: Int) {
        self.proportional = proportional
        self.integral = integral
        self.derivative = derivative
    }
}

/// How stiffly a joint's controller holds its goal, in the controller's own terms.
public enum JointGains: Sendable, Hashable {
    /// Registers of a servo that has a position loop of its own.
    case registers(PositionGains)
    /// A torque-controlled motor: torque = stiffness x (goal - position) - damping x velocity.
    ///
    /// Stiffness in N·m/rad, damping in N·m·s/rad, at the joint.
    case impedance(stiffness: Double, damping: Double)
}

/// What a joint may do.
///
/// All limits are judged by `Safety`; some are also written into the servo.
public struct JointLimits: Sendable, Hashable {
    /// Where goals may lie.
    public var position: ClosedRange<Radians>
    /// How fast goals may move.
    public var goalVelocity: RadiansPerSecond
    /// The measured speed above which the robot stops.
    public var tripVelocity: RadiansPerSecond
    /// The measured current above which, if it lasts, the robot stops.
    public var current: Amperes
    /// How far a goal may be from the measured position.
    public var followingError: Radians
    /// The temperature above which the robot pauses between episodes to cool.
    public var pauseTemperature: Celsius
    /// The temperature above which the robot stops.
    public var stopTemperature: Celsius
    /// The temperature from which goals become slower, down to a quarter of their speed at
    /// `stopTemperature`; equal to that, they do not.
    public var slowTemperature: Celsius
    /// How near an end of `position` goals towards it become slower; 0 is without.
    public var softZone: Radians
    /// How far outside `position` a driven joint may stand before the robot stops.
    public var hardZone: Radians
    /// How fast goals may gain speed; slowing down is never limited.
    public var goalAcceleration: RadiansPerSecondSquared
    /// How fast goals may move on average, to and fro counted alike.
    public var meanGoalVelocity: RadiansPerSecond
    /// The current the joint stands for ever; above it, heat is added up (I²t).
    public var continuousCurrent: Amperes
    /// The electrical power, current times supply voltage, above which, if it lasts, the robot
    /// stops.
    public var power: Watts
    /// The supply voltages at which the servo works as its data sheet says.
    public var voltage: ClosedRange<Volts>

    /// Limits of one joint; those that have a default are without effect by default.
    ///
    /// `hardZone` is the following error by default, `slowTemperature` the stop temperature.
    public init(
        position: ClosedRange<Radians>,
        goalVelocity: RadiansPerSecond,
        tripVelocity: RadiansPerSecond,
        current: Amperes,
        followingError: Radians,
        pauseTemperature: Celsius,
        stopTemperature: Celsius,
        slowTemperature: Celsius? = nil,
        softZone: Radians = 0,
        hardZone: Radians? = nil,
        goalAcceleration: RadiansPerSecondSquared = .infinity,
        meanGoalVelocity: RadiansPerSecond = .infinity,
        continuousCurrent: Amperes = .infinity,
        power: Watts = .infinity,
        voltage: ClosedRange<Volts> = 0 ... .infinity
    ) {
        self.position = position
        self.goalVelocity = goalVelocity
        self.tripVelocity = tripVelocity
        self.current = current
        self.followingError = followingError
        self.pauseTemperature = pauseTemperature
        self.stopTemperature = stopTemperature
        self.slowTemperature = slowTemperature ?? stopTemperature
        self.softZone = softZone
        self.hardZone = hardZone ?? followingError
        self.goalAcceleration = goalAcceleration
        self.meanGoalVelocity = meanGoalVelocity
        self.continuousCurrent = continuousCurrent
        self.power = power
        self.voltage = voltage
    }
}

extension JointLimits {
    /// Takes over another's temperatures where they are lower.
    public mutating func lowerTemperatures(to other: JointLimits) {
        slowTemperature = min(slowTemperature, other.slowTemperature)
        pauseTemperature = min(pauseTemperature, other.pauseTemperature)
        stopTemperature = min(stopTemperature, other.stopTemperature)
    }
}

/// One joint of the robot or of its object.
public struct Joint: Sendable, Hashable {
    /// The joint's name in the robot file and in the physics model.
    public var name: String
    /// Who moves it.
    public var role: JointRole
    /// Index of its bus in `RobotDescription.buses`.
    public var busIndex: Int
    /// Its servo's ID on that bus.
    public var servoID: UInt8
    /// What kind of servo it is.
    public var servo: ServoSpecification
    /// What it may do.
    public var limits: JointLimits
    /// Where the reset takes it (for an object: the angle that counts as zero error by default).
    public var resetPosition: Radians
    /// Gains written to the servo before torque is enabled.
    public var gains: JointGains

    /// A joint as the robot file describes it.
    public init(
        name: String,
        role: JointRole,
        busIndex: Int,
        servoID: UInt8,
        servo: ServoSpecification,
        limits: JointLimits,
        resetPosition: Radians,
        gains: JointGains
    ) {
        self.name = name
        self.role = role
        self.busIndex = busIndex
        self.servoID = servoID
        self.servo = servo
        self.limits = limits
        self.resetPosition = resetPosition
        self.gains = gains
    }
}

/// Where a servo's zero lies and which way it turns; measured, not designed.
public struct JointCalibration: Sendable, Hashable {
    /// The pulse count at joint angle zero.
    public var zeroPulse: Int
    /// +1 if pulses rise with the joint angle, -1 if they fall.
    public var direction: Int

    /// Calibration of one joint.
    public init(zeroPulse: Int, direction: Int) {
        self.zeroPulse = zeroPulse
        self.direction = direction
    }

    /// The joint angle at a pulse count.
    @inlinable public func angle(pulses: Int, pulsesPerTurn: Int) -> Radians {
        Double(direction * (pulses - zeroPulse)) * 2 * .pi / Double(pulsesPerTurn)
    }

    /// The pulse count nearest to a joint angle.
    @inlinable public func pulses(angle: Radians, pulsesPerTurn: Int) -> Int {
        zeroPulse + direction * Int((angle * Double(pulsesPerTurn) / (2 * .pi)).rounded())
    }
}
