/// The one error word of firmware 0.6: `axisN.active_errors` and `disarm_reason`.
///
/// Its boards are recognised, not driven.
public struct ODriveActiveErrors: ODriveErrorWord {
    /// The bits as the board shows them.
    public var rawValue: UInt64

    /// Any bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The board is not ready yet.
    public static let initializing = Self(rawValue: 0x1)
    /// Something inside the firmware went wrong.
    public static let systemLevel = Self(rawValue: 0x2)
    /// A control deadline was missed.
    public static let timing = Self(rawValue: 0x4)
    /// Position, velocity or phase is not known.
    public static let missingEstimate = Self(rawValue: 0x8)
    /// A setting is missing or contradicts another.
    public static let badConfiguration = Self(rawValue: 0x10)
    /// The gate driver chip switched itself off.
    public static let driverFault = Self(rawValue: 0x20)
    /// A set point was not given.
    public static let missingInput = Self(rawValue: 0x40)
    /// The supply is too high.
    public static let busOverVoltage = Self(rawValue: 0x100)
    /// The supply is too low.
    public static let busUnderVoltage = Self(rawValue: 0x200)
    /// More current was drawn than allowed.
    public static let busOverCurrent = Self(rawValue: 0x400)
    /// More current came back than allowed.
    public static let regenOverCurrent = Self(rawValue: 0x800)
    /// A current went beyond its limit.
    public static let currentLimit = Self(rawValue: 0x1000)
    /// The motor's thermistor is above its limit.
    public static let motorOverTemperature = Self(rawValue: 0x2000)
    /// The board's thermistor is above its limit.
    public static let inverterOverTemperature = Self(rawValue: 0x4000)
    /// The motor ran too fast.
    public static let velocityLimit = Self(rawValue: 0x8000)
    /// The motor went too far.
    public static let positionLimit = Self(rawValue: 0x10000)
    /// The host was silent for too long.
    public static let watchdogExpired = Self(rawValue: 0x1000000)
    /// Somebody asked for an emergency stop.
    public static let emergencyStop = Self(rawValue: 0x2000000)
    /// Power went in while the motor braked.
    public static let spinoutDetected = Self(rawValue: 0x4000000)
    /// The brake resistor was switched off while the motor ran.
    public static let brakeDisarmed = Self(rawValue: 0x8000000)
    /// A thermistor reads open or shorted.
    public static let thermistorDisconnected = Self(rawValue: 0x10000000)
    /// A calibration failed; `procedure_result` says how.
    public static let calibration = Self(rawValue: 0x40000000)

    /// Every bit of the word, lowest first.
    public static let bits: [ODriveErrorBit] = [
        ODriveErrorBit(0x1, "initializing", ODriveRemedy.report),
        ODriveErrorBit(0x2, "system-level error", ODriveRemedy.firmware),
        ODriveErrorBit(0x4, "timing error", ODriveRemedy.firmware),
        ODriveErrorBit(0x8, "missing estimate", ODriveRemedy.calibrate),
        ODriveErrorBit(0x10, "bad configuration", "correct the configuration"),
        ODriveErrorBit(0x20, "gate driver fault", "check for a short circuit and a weak supply"),
        ODriveErrorBit(0x40, "missing input", ODriveRemedy.report),
        ODriveErrorBit(0x100, "bus over-voltage", ODriveRemedy.brake),
        ODriveErrorBit(0x200, "bus under-voltage", ODriveRemedy.supply),
        ODriveErrorBit(0x400, "bus current too high", ODriveRemedy.supply),
        ODriveErrorBit(0x800, "regenerated current too high", ODriveRemedy.brake),
        ODriveErrorBit(0x1000, "current limit violated", ODriveRemedy.gains),
        ODriveErrorBit(0x2000, "motor too hot", ODriveRemedy.cool),
        ODriveErrorBit(0x4000, "transistors too hot", ODriveRemedy.cool),
        ODriveErrorBit(
            0x8000,
            "velocity limit violated",
            "look for a slip or a blow; if the speed was wanted, raise the limit"
        ),
        ODriveErrorBit(0x10000, "position limit violated", "move the axis back by hand"),
        ODriveErrorBit(
            0x1000000,
            "watchdog expired",
            "look at why the host fell silent: load, cable, rate"
        ),
        ODriveErrorBit(0x2000000, "emergency stop requested", "release the emergency stop"),
        ODriveErrorBit(
            0x4000000,
            "spin-out detected",
            "check that the encoder cannot slip on its shaft, then calibrate"
        ),
        ODriveErrorBit(0x8000000, "brake resistor disarmed", ODriveRemedy.brake),
        ODriveErrorBit(0x10000000, "thermistor disconnected", "check the thermistor's wires"),
        ODriveErrorBit(0x40000000, "calibration error", ODriveRemedy.calibrate),
    ]
}
