/// A controller's error word: `axisN.controller.error`.
///
/// Bit values of firmware 0.5.x (`odrive-interface.yaml`).
public struct ODriveControllerErrors: ODriveErrorWord {
    /// The bits as the board shows them.
    public var rawValue: UInt64

    /// Any bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// The motor ran faster than `vel_limit` times its tolerance, 1.2 from the factory.
    public static let overspeed = Self(rawValue: 0x1)
    /// `controller.config.input_mode` is not known.
    public static let invalidInputMode = Self(rawValue: 0x2)
    /// A gain is too high to be stable.
    public static let unstableGain = Self(rawValue: 0x4)
    /// `controller.config.axis_to_mirror` does not exist.
    public static let invalidMirrorAxis = Self(rawValue: 0x8)
    /// `controller.config.load_encoder_axis` does not exist.
    public static let invalidLoadEncoder = Self(rawValue: 0x10)
    /// There is no valid position or velocity.
    public static let invalidEstimate = Self(rawValue: 0x20)
    /// `controller.config.circular_setpoint_range` is no range.
    public static let invalidCircularRange = Self(rawValue: 0x40)
    /// Power went in while the motor braked: the encoder slipped.
    public static let spinoutDetected = Self(rawValue: 0x80)

    /// Every bit of the word, lowest first.
    public static let bits: [ODriveErrorBit] = [
        ODriveErrorBit(
            0x1,
            "overspeed",
            "look for a slip or a blow; if the speed was wanted, raise vel_limit"
        ),
        ODriveErrorBit(0x2, "invalid input mode", "set controller.config.input_mode to 1"),
        ODriveErrorBit(0x4, "gain too high", "lower motor.config.current_control_bandwidth"),
        ODriveErrorBit(0x8, "invalid mirror axis", "correct controller.config.axis_to_mirror"),
        ODriveErrorBit(0x10, "invalid load encoder", "correct controller.config.load_encoder_axis"),
        ODriveErrorBit(0x20, "invalid estimate", ODriveRemedy.calibrate),
        ODriveErrorBit(
            0x40,
            "invalid circular range",
            "correct controller.config.circular_setpoint_range"
        ),
        ODriveErrorBit(
            0x80,
            "spin-out detected",
            "check that the encoder cannot slip on its shaft, then calibrate"
        ),
    ]
}
