/// What a moteus does (register 000).
public enum MoteusMode: Int, Sendable, Hashable, CaseIterable, CustomStringConvertible {
    /// Motor off; writing this clears faults.
    case stopped = 0
    /// Motor off because of a fault.
    case fault = 1
    /// On the way to a mode with torque.
    case enabling = 2
    /// On the way to a mode with torque.
    case calibrating = 3
    /// On the way to a mode with torque.
    case calibrationComplete = 4
    /// Duty cycles as told.
    case pwm = 5
    /// Phase voltages as told.
    case voltage = 6
    /// Voltage at an electrical angle.
    case voltageFOC = 7
    /// Voltage in the rotor's frame.
    case voltageDQ = 8
    /// Current in the rotor's frame.
    case current = 9
    /// Position law.
    case position = 10
    /// No command came in time; ends with a stop alone.
    case timeout = 11
    /// Brakes to velocity zero.
    case zeroVelocity = 12
    /// Position law outside of two bounds.
    case stayWithin = 13
    /// Measures itself.
    case measureInductance = 14
    /// All phases shorted.
    case brake = 15

    /// In words.
    public var description: String {
        switch self {
        case .stopped: "stopped"
        case .fault: "fault"
        case .enabling, .calibrating, .calibrationComplete: "preparing"
        case .pwm: "PWM"
        case .voltage: "voltage"
        case .voltageFOC: "voltage at an angle"
        case .voltageDQ: "voltage in the rotor's frame"
        case .current: "current"
        case .position: "position"
        case .timeout: "timed out"
        case .zeroVelocity: "velocity zero"
        case .stayWithin: "staying within bounds"
        case .measureInductance: "measuring inductance"
        case .brake: "brake"
        }
    }

    /// Whether the position law or another one drives the motor towards something.
    public var hasTorque: Bool {
        switch self {
        case .stopped, .fault, .enabling, .calibrating, .calibrationComplete, .brake: false
        default: true
        }
    }
}

/// Why a moteus stopped, or what bounds it (register 00F).
public struct MoteusFault: RawRepresentable, Sendable, Hashable, CustomStringConvertible {
    /// The number in the register.
    public var rawValue: Int

    /// The fault with a number.
    public init(rawValue: Int) { self.rawValue = rawValue }

    /// No fault.
    public static let none = MoteusFault(rawValue: 0)
    /// The motor driver reports an error.
    public static let motorDriver = MoteusFault(rawValue: 33)
    /// The supply is above its limit.
    public static let overVoltage = MoteusFault(rawValue: 34)
    /// Board or motor is too hot.
    public static let overTemperature = MoteusFault(rawValue: 38)
    /// A start outside of the position limits.
    public static let outsideLimit = MoteusFault(rawValue: 39)
    /// The supply is below its limit.
    public static let underVoltage = MoteusFault(rawValue: 40)

    /// Whether it only says what bounds the motor (96 to 103): the motor goes on.
    public var isLimit: Bool { (96...103).contains(rawValue) }

    /// In words, and what to do.
    public var description: String {
        switch rawValue {
        case 0: "none"
        case 32: "calibration fault: calibrate the motor with moteus_tool"
        case 33: "motor driver fault: look for a short circuit, then stop it to clear"
        case 34: "over voltage: a supply that cannot take braking energy, or too high a voltage"
        case 35: "encoder fault: check the magnet and its distance"
        case 36: "motor not configured: calibrate it with moteus_tool"
        case 37: "PWM cycle overrun: lower servo.pwm_rate_hz"
        case 38: "over temperature: let it cool, then stop it to clear"
        case 39: "outside its position limits: turn it back by hand, then stop it to clear"
        case 40: "under voltage: check the supply and its plugs"
        case 41: "configuration changed while running: stop it to clear"
        case 42: "no valid electrical angle: check the commutation encoder"
        case 43: "no valid position: check the output encoder"
        case 44: "motor driver cannot be enabled"
        case 45: "stop position used together with limits: leave the stop position out"
        case 46: "timing violation in the controller"
        case 47: "back-EMF feed-forward without acceleration limit"
        case 48: "position limits that exclude one another: correct servopos.*"
        case 49: "position error beyond its limit"
        case 50: "velocity error beyond its limit"
        case 96: "bounded by its velocity limit"
        case 97: "bounded by its power limit"
        case 98: "bounded by its voltage limit"
        case 99: "bounded by its current limit"
        case 100: "bounded by its temperature"
        case 101: "bounded by its motor's temperature"
        case 102: "bounded by the commanded maximum torque"
        case 103: "bounded by its position limits"
        default: "fault \(rawValue), which this program does not know"
        }
    }
}
