/// An encoder's error word: `axisN.encoder.error`.
///
/// Bit values of firmware 0.5.x (`odrive-interface.yaml`).
public struct ODriveEncoderErrors: ODriveErrorWord {
    /// The bits as the board shows them.
    public var rawValue: UInt64

    /// Any bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// `encoder.config.bandwidth` is too high to be stable.
    public static let unstableGain = Self(rawValue: 0x1)
    /// The motor turned another angle than expected.
    public static let pulsesOrPolePairs = Self(rawValue: 0x2)
    /// The encoder did not count while the motor turned.
    public static let noResponse = Self(rawValue: 0x4)
    /// `encoder.config.mode` is not known.
    public static let unsupportedMode = Self(rawValue: 0x8)
    /// The Hall sensors show a combination that does not exist.
    public static let illegalHallState = Self(rawValue: 0x10)
    /// The index pulse has not passed since power-up.
    public static let indexNotFound = Self(rawValue: 0x20)
    /// An absolute encoder did not answer.
    public static let spiTimeout = Self(rawValue: 0x40)
    /// An absolute encoder answered with damage.
    public static let spiFailed = Self(rawValue: 0x80)
    /// An absolute encoder is not ready yet.
    public static let spiNotReady = Self(rawValue: 0x100)
    /// Hall polarity must be calibrated first.
    public static let hallNotCalibrated = Self(rawValue: 0x200)

    /// Every bit of the word, lowest first.
    public static let bits: [ODriveErrorBit] = [
        ODriveErrorBit(0x1, "bandwidth too high", "lower encoder.config.bandwidth"),
        ODriveErrorBit(
            0x2,
            "counts and pole pairs do not match",
            "check encoder.config.cpr and motor.config.pole_pairs"
        ),
        ODriveErrorBit(0x4, "no response", ODriveRemedy.encoder),
        ODriveErrorBit(0x8, "unsupported mode", "correct encoder.config.mode"),
        ODriveErrorBit(0x10, "illegal Hall state", ODriveRemedy.encoder),
        ODriveErrorBit(
            0x20,
            "index not found yet",
            "run the encoder index search (requested_state 6)"
        ),
        ODriveErrorBit(0x40, "SPI time-out", ODriveRemedy.encoder),
        ODriveErrorBit(0x80, "SPI communication failed", ODriveRemedy.encoder),
        ODriveErrorBit(0x100, "SPI encoder not ready", ODriveRemedy.encoder),
        ODriveErrorBit(
            0x200,
            "Hall sensors not calibrated",
            "run the Hall polarity calibration (requested_state 12)"
        ),
    ]
}
