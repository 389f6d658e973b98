/// A motor's error word: `axisN.motor.error`, 64 bits.
///
/// Bit values of firmware 0.5.x (`odrive-interface.yaml`).
public struct ODriveMotorErrors: ODriveErrorWord {
    /// The bits as the board shows them.
    public var rawValue: UInt64

    /// Any bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The measured phase resistance is implausible.
    public static let phaseResistance = Self(rawValue: 0x1)
    /// The measured phase inductance is implausible.
    public static let phaseInductance = Self(rawValue: 0x2)
    /// The gate driver chip switched itself off.
    public static let driverFault = Self(rawValue: 0x8)
    /// The current loop was late.
    public static let controlDeadlineMissed = Self(rawValue: 0x10)
    /// The current loop asked for more voltage than there is.
    public static let modulationMagnitude = Self(rawValue: 0x80)
    /// A phase current left the sensor's range.
    public static let currentSenseSaturation = Self(rawValue: 0x400)
    /// A current went beyond `current_lim` and its margin.
    public static let currentLimit = Self(rawValue: 0x1000)
    /// The current loop computed no number.
    public static let modulationNaN = Self(rawValue: 0x10000)
    /// The motor's thermistor is above its limit.
    public static let motorOverTemperature = Self(rawValue: 0x20000)
    /// The board's thermistor is above its limit.
    public static let transistorOverTemperature = Self(rawValue: 0x40000)
    /// A PWM period passed without new timings.
    public static let timerUpdateMissed = Self(rawValue: 0x80000)
    /// Phase currents could not be measured in time.
    public static let noCurrentMeasurement = Self(rawValue: 0x100000)
    /// The current controller stopped.
    public static let controllerFailed = Self(rawValue: 0x200000)
    /// The motor's share of the bus current left its limits.
    public static let busCurrent = Self(rawValue: 0x400000)
    /// The brake resistor was switched off while the motor ran.
    public static let brakeDisarmed = Self(rawValue: 0x800000)
    /// The board's own error word is not zero.
    public static let systemLevel = Self(rawValue: 0x1000000)
    /// Measurement and PWM are out of step.
    public static let badTiming = Self(rawValue: 0x2000000)
    /// There is no estimate of the rotor's phase.
    public static let unknownPhase = Self(rawValue: 0x4000000)
    /// There is no estimate of the phase's velocity.
    public static let unknownPhaseVelocity = Self(rawValue: 0x8000000)
    /// There is no torque set point.
    public static let unknownTorque = Self(rawValue: 0x10000000)
    /// There is no current set point.
    public static let unknownCurrentCommand = Self(rawValue: 0x20000000)
    /// There is no current measurement.
    public static let unknownCurrent = Self(rawValue: 0x40000000)
    /// There is no voltage measurement.
    public static let unknownBusVoltage = Self(rawValue: 0x80000000)
    /// There is no voltage set point.
    public static let unknownVoltageCommand = Self(rawValue: 0x100000000)
    /// The current loop has no gains yet.
    public static let unknownGains = Self(rawValue: 0x200000000)
    /// The current loop is not ready yet.
    public static let initializing = Self(rawValue: 0x400000000)
    /// The three phases differ.
    public static let unbalancedPhases = Self(rawValue: 0x800000000)

    /// Every bit of the word, lowest first.
    public static let bits: [ODriveErrorBit] = [
        ODriveErrorBit(0x1, "phase resistance out of range", ODriveRemedy.wires),
        ODriveErrorBit(0x2, "phase inductance out of range", ODriveRemedy.wires),
        ODriveErrorBit(0x8, "gate driver fault", "check for a short circuit and a weak supply"),
        ODriveErrorBit(0x10, "control deadline missed", ODriveRemedy.firmware),
        ODriveErrorBit(0x80, "modulation magnitude", ODriveRemedy.supply),
        ODriveErrorBit(
            0x400,
            "current sensor saturated",
            "lower the current limit or raise motor.config.requested_current_range"
        ),
        ODriveErrorBit(0x1000, "current limit violated", ODriveRemedy.gains),
        ODriveErrorBit(0x10000, "modulation is no number", ODriveRemedy.firmware),
        ODriveErrorBit(0x20000, "motor too hot", ODriveRemedy.cool),
        ODriveErrorBit(0x40000, "transistors too hot", ODriveRemedy.cool),
        ODriveErrorBit(0x80000, "timer update missed", ODriveRemedy.firmware),
        ODriveErrorBit(0x100000, "no current measurement", ODriveRemedy.firmware),
        ODriveErrorBit(0x200000, "current controller failed", ODriveRemedy.look),
        ODriveErrorBit(0x400000, "bus current out of range", ODriveRemedy.supply),
        ODriveErrorBit(0x800000, "brake resistor disarmed", ODriveRemedy.brake),
        ODriveErrorBit(0x1000000, "system-level error", "look at the board's `error`"),
        ODriveErrorBit(0x2000000, "bad timing", ODriveRemedy.firmware),
        ODriveErrorBit(0x4000000, "phase unknown", ODriveRemedy.calibrate),
        ODriveErrorBit(0x8000000, "phase velocity unknown", ODriveRemedy.calibrate),
        ODriveErrorBit(0x10000000, "torque unknown", ODriveRemedy.firmware),
        ODriveErrorBit(0x20000000, "current command unknown", ODriveRemedy.firmware),
        ODriveErrorBit(0x40000000, "current unknown", ODriveRemedy.firmware),
        ODriveErrorBit(0x80000000, "bus voltage unknown", ODriveRemedy.supply),
        ODriveErrorBit(0x100000000, "voltage command unknown", ODriveRemedy.firmware),
        ODriveErrorBit(0x200000000, "gains unknown", ODriveRemedy.calibrate),
        ODriveErrorBit(0x400000000, "controller initializing", ODriveRemedy.report),
        ODriveErrorBit(0x800000000, "phases unbalanced", ODriveRemedy.wires),
    ]
}
