/// One of a moteus controller's registers (moteus docs, protocol, section registers).
public struct MoteusRegister: RawRepresentable, Sendable, Hashable {
    /// Its number.
    public var rawValue: UInt16

    /// The register with a number.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// The register some places on.
    public func advanced(by count: Int) -> MoteusRegister {
        MoteusRegister(rawValue: UInt16(truncatingIfNeeded: Int(rawValue) + count))
    }

    /// What a register measures, which says how much one unit of an integer is.
    public enum Kind: Sendable, Hashable, CaseIterable {
        /// A number of things.
        case integer
        /// Revolutions.
        case position
        /// Revolutions a second.
        case velocity
        /// Revolutions a second squared.
        case acceleration
        /// N·m.
        case torque
        /// Amperes.
        case current
        /// Degrees Celsius.
        case temperature
        /// Volts.
        case voltage
        /// Seconds.
        case time
        /// Parts of one.
        case share
        /// Watts.
        case power
        /// N·m a revolution and the like: no scale, integers are not meant for it.
        case plain
    }

    /// Mode (`MoteusMode`).
    public static let mode = MoteusRegister(rawValue: 0x000)
    /// Position, revolutions.
    public static let position = MoteusRegister(rawValue: 0x001)
    /// Velocity, revolutions a second.
    public static let velocity = MoteusRegister(rawValue: 0x002)
    /// Torque, N·m.
    public static let torque = MoteusRegister(rawValue: 0x003)
    /// Current that makes torque.
    public static let qCurrent = MoteusRegister(rawValue: 0x004)
    /// Current that makes none.
    public static let dCurrent = MoteusRegister(rawValue: 0x005)
    /// Position of the absolute encoder.
    public static let absolutePosition = MoteusRegister(rawValue: 0x006)
    /// Electrical power.
    public static let power = MoteusRegister(rawValue: 0x007)
    /// Motor temperature.
    public static let motorTemperature = MoteusRegister(rawValue: 0x00A)
    /// Whether the commanded position was reached.
    public static let trajectoryComplete = MoteusRegister(rawValue: 0x00B)
    /// What the position counts from: 0 where it was at power-on, 1 the rotor, 2 the output.
    public static let homeState = MoteusRegister(rawValue: 0x00C)
    /// Supply voltage.
    public static let voltage = MoteusRegister(rawValue: 0x00D)
    /// Board temperature.
    public static let temperature = MoteusRegister(rawValue: 0x00E)
    /// Fault (`MoteusFault`).
    public static let fault = MoteusRegister(rawValue: 0x00F)
    /// Commanded position; NaN is here.
    public static let commandPosition = MoteusRegister(rawValue: 0x020)
    /// Commanded velocity.
    public static let commandVelocity = MoteusRegister(rawValue: 0x021)
    /// Torque on top of the position law.
    public static let feedForwardTorque = MoteusRegister(rawValue: 0x022)
    /// Share of the configured kp.
    public static let kpScale = MoteusRegister(rawValue: 0x023)
    /// Share of the configured kd.
    public static let kdScale = MoteusRegister(rawValue: 0x024)
    /// Bound of the torque; NaN is the configured one.
    public static let maximumTorque = MoteusRegister(rawValue: 0x025)
    /// Where a commanded velocity ends.
    public static let stopPosition = MoteusRegister(rawValue: 0x026)
    /// How long a command holds; 0 is the configured time, NaN for ever.
    public static let watchdogTimeout = MoteusRegister(rawValue: 0x027)
    /// Bound of the velocity on the way to the commanded position.
    public static let velocityLimit = MoteusRegister(rawValue: 0x028)
    /// Bound of the acceleration on that way.
    public static let accelerationLimit = MoteusRegister(rawValue: 0x029)
    /// First of P, I, D, feed-forward and total torque.
    public static let positionTorque = MoteusRegister(rawValue: 0x030)
    /// Total torque asked for.
    public static let totalTorque = MoteusRegister(rawValue: 0x034)
    /// Where the position law is now, on a path.
    public static let controlPosition = MoteusRegister(rawValue: 0x038)
    /// Lower bound of `stay within`.
    public static let withinLower = MoteusRegister(rawValue: 0x040)
    /// Upper bound of `stay within`.
    public static let withinUpper = MoteusRegister(rawValue: 0x041)
    /// Maximum torque of `stay within`.
    public static let withinMaximumTorque = MoteusRegister(rawValue: 0x045)
    /// Watchdog timeout of `stay within`.
    public static let withinTimeout = MoteusRegister(rawValue: 0x046)
    /// Milliseconds since power-on.
    public static let milliseconds = MoteusRegister(rawValue: 0x070)
    /// Board model.
    public static let model = MoteusRegister(rawValue: 0x100)
    /// Firmware version, 0xXXYYZZ.
    public static let firmware = MoteusRegister(rawValue: 0x101)
    /// Version of this register map.
    public static let mapVersion = MoteusRegister(rawValue: 0x102)
    /// The ID it answers to.
    public static let multiplexID = MoteusRegister(rawValue: 0x110)
    /// First of three words of serial number.
    public static let serialNumber = MoteusRegister(rawValue: 0x120)
    /// Writing sets the position, to the nearest that the output's encoder allows.
    public static let setNearest = MoteusRegister(rawValue: 0x130)
    /// Writing sets the position.
    public static let setExact = MoteusRegister(rawValue: 0x131)
    /// Writing forgets what the position counts from.
    public static let requireReindex = MoteusRegister(rawValue: 0x132)
    /// Writing makes position and velocity of the command those of the motor.
    public static let recapture = MoteusRegister(rawValue: 0x133)

    /// What it measures.
    public var kind: Kind {
        switch rawValue {
        case 0x001, 0x006, 0x020, 0x026, 0x038, 0x03B, 0x040, 0x041, 0x050, 0x052, 0x054, 0x130,
            0x131:
            .position
        case 0x002, 0x021, 0x028, 0x039, 0x03C, 0x051, 0x053, 0x055: .velocity
        case 0x029: .acceleration
        case 0x003, 0x022, 0x025, 0x030...0x034, 0x03A, 0x03D, 0x042, 0x045: .torque
        case 0x004, 0x005, 0x01C, 0x01D, 0x02C: .current
        case 0x007: .power
        case 0x00A, 0x00E: .temperature
        case 0x00D, 0x014...0x016, 0x018...0x01B, 0x01E, 0x02A: .voltage
        case 0x010...0x012, 0x023, 0x024, 0x02B, 0x043, 0x044, 0x047, 0x060...0x06C: .share
        case 0x027, 0x046: .time
        default: .integer
        }
    }
}
