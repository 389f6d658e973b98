/// An axis's error word: `axisN.error`.
///
/// Bit values of firmware 0.5.x (`odrive-interface.yaml`).
public struct ODriveAxisErrors: ODriveErrorWord {
    /// The bits as the board shows them.
    public var rawValue: UInt64

    /// Any bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// A state was requested that the axis cannot enter now.
    public static let invalidState = Self(rawValue: 0x1)
    /// `axisN.motor.error` says why.
    public static let motorFailed = Self(rawValue: 0x40)
    /// `axisN.sensorless_estimator.error` says why.
    public static let sensorlessFailed = Self(rawValue: 0x80)
    /// `axisN.encoder.error` says why.
    public static let encoderFailed = Self(rawValue: 0x100)
    /// `axisN.controller.error` says why.
    public static let controllerFailed = Self(rawValue: 0x200)
    /// The host was silent for longer than `config.watchdog_timeout`.
    public static let watchdogExpired = Self(rawValue: 0x800)
    /// The axis ran into its lower end stop.
    public static let minimumEndstop = Self(rawValue: 0x1000)
    /// The axis ran into its upper end stop.
    public static let maximumEndstop = Self(rawValue: 0x2000)
    /// Somebody asked for an emergency stop over CAN.
    public static let emergencyStop = Self(rawValue: 0x4000)
    /// Homing was requested without an enabled end stop.
    public static let homingWithoutEndstop = Self(rawValue: 0x20000)
    /// Motor or transistors are too hot.
    public static let overTemperature = Self(rawValue: 0x40000)
    /// There is no valid position estimate.
    public static let unknownPosition = Self(rawValue: 0x80000)

    /// Every bit of the word, lowest first.
    public static let bits: [ODriveErrorBit] = [
        ODriveErrorBit(0x1, "invalid state", ODriveRemedy.calibrate),
        ODriveErrorBit(0x40, "motor failed", ODriveRemedy.look),
        ODriveErrorBit(0x80, "sensorless estimator failed", ODriveRemedy.look),
        ODriveErrorBit(0x100, "encoder failed", ODriveRemedy.look),
        ODriveErrorBit(0x200, "controller failed", ODriveRemedy.look),
        ODriveErrorBit(
            0x800,
            "watchdog expired",
            "look at why the host fell silent: load, cable, rate"
        ),
        ODriveErrorBit(
            0x1000,
            "minimum end stop pressed",
            "move the axis off the end stop by hand"
        ),
        ODriveErrorBit(
            0x2000,
            "maximum end stop pressed",
            "move the axis off the end stop by hand"
        ),
        ODriveErrorBit(0x4000, "emergency stop requested", "release the emergency stop"),
        ODriveErrorBit(
            0x20000,
            "homing without end stop",
            "enable min_endstop, or leave homing out"
        ),
        ODriveErrorBit(0x40000, "over temperature", ODriveRemedy.cool),
        ODriveErrorBit(0x80000, "position unknown", ODriveRemedy.calibrate),
    ]
}
