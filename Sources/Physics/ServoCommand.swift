public import Robot

/// The control modes of a servo that the plant can move in; numbers as in Operating Mode (11),
/// but for those from 100 on, which no Dynamixel has.
public enum ServoMode: Int, Sendable, CaseIterable {
    /// Torque by current.
    case current = 0
    /// Velocity loop.
    case velocity = 1
    /// Position loop within one turn.
    case position = 3
    /// Position loop over many turns.
    case extendedPosition = 4
    /// Position loop whose output is a current.
    case currentBasedPosition = 5
    /// Duty cycle of the motor.
    case pwm = 16
    /// Spring, damper and torque of a torque-controlled motor (moteus, ODrive).
    case impedance = 100
}

/// What a servo's own controller is told, in the units of its registers.
public struct ServoCommand: Sendable, Hashable {
    /// Whether the motor is driven; if not, it coasts.
    public var torqueEnabled = false
    /// The loop in force.
    public var mode = ServoMode.position
    /// Goal Position register, encoder pulses.
    public var goalPulses = 0
    /// Goal Velocity register.
    public var goalVelocity = 0
    /// Goal Current register: set point in current mode, cap in current-based position mode.
    public var goalCurrent = 0
    /// Goal PWM register: set point in PWM mode, cap elsewhere.
    public var goalPWM = 885
    /// PWM Limit register.
    public var pwmLimit = 885
    /// Position P, I, D Gain registers.
    public var positionGains = (proportional: 800, integral: 0, derivative: 0)
    /// Velocity P, I Gain registers.
    public var velocityGains = (proportional: 100, integral: 1920)
    /// Profile Velocity register; 0 is a step.
    public var profileVelocity = 0
    /// Profile Acceleration register; 0 is unbounded.
    public var profileAcceleration = 0
    /// What holds in impedance mode; the registers above then have no effect, but for
    /// `torqueEnabled`.
    public var impedance = ImpedanceGoal()

    /// A servo as it is after power-up: torque off, position mode, factory gains.
    public init() {}

    /// Saves or restores every register.
    public mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&torqueEnabled)
        var code = mode.rawValue
        numbers.carry(&code)
        if let known = ServoMode(rawValue: code) { mode = known } else { numbers.spoil() }
        numbers.carry(&goalPulses)
        numbers.carry(&goalVelocity)
        numbers.carry(&goalCurrent)
        numbers.carry(&goalPWM)
        numbers.carry(&pwmLimit)
        numbers.carry(&positionGains.proportional)
        numbers.carry(&positionGains.integral)
        numbers.carry(&positionGains.derivative)
        numbers.carry(&velocityGains.proportional)
        numbers.carry(&velocityGains.integral)
        numbers.carry(&profileVelocity)
        numbers.carry(&profileAcceleration)
        impedance.carry(&numbers)
    }

    /// The goal in force in whole pulses.
    var wholeGoalPulses: Int {
        guard mode == .impedance else { return goalPulses }
        guard abs(impedance.pulses) < 1e15 else { return 0 }
        return Int(impedance.pulses.rounded())
    }

    /// Equal in every register.
    public static func == (a: ServoCommand, b: ServoCommand) -> Bool {
        a.torqueEnabled == b.torqueEnabled && a.mode == b.mode && a.goalPulses == b.goalPulses
            && a.goalVelocity == b.goalVelocity && a.goalCurrent == b.goalCurrent
            && a.goalPWM == b.goalPWM && a.pwmLimit == b.pwmLimit
            && a.positionGains == b.positionGains && a.velocityGains == b.velocityGains
            && a.profileVelocity == b.profileVelocity
            && a.profileAcceleration == b.profileAcceleration && a.impedance == b.impedance
    }

    /// Hashes what tells commands apart most often.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(torqueEnabled)
        hasher.combine(goalPulses)
    }
}

/// What a servo measures, in the units of its registers.
public struct ServoMeasurement: Sendable, Hashable {
    /// Present Position, encoder pulses over the whole int32 (the encoder's quantisation).
    public var pulses = 0
    /// Present Velocity.
    public var velocity = 0
    /// Present Current.
    public var current = 0
    /// Present PWM.
    public var pwm = 0
    /// Temperature inside the servo in degrees Celsius.
    public var temperature = 25.0
    /// Supply voltage at the servo.
    public var inputVoltage = 12.0

    /// A servo at rest at pulse zero.
    public init() {}
}
