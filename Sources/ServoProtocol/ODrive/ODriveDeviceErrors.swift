/// The board's own error word: `error`.
///
/// Bit values of firmware 0.5.x (`odrive-interface.yaml`).
public struct ODriveDeviceErrors: ODriveErrorWord {
    /// The bits as the board shows them.
    public var rawValue: UInt64

    /// Any bits.
    public init(rawValue: UInt64) { self.rawValue = rawValue }

    /// At least one turn of the control loop was left out.
    public static let controlIterationMissed = Self(rawValue: 0x1)
    /// The supply fell below `config.dc_bus_undervoltage_trip_level`.
    public static let busUnderVoltage = Self(rawValue: 0x2)
    /// The supply rose above `config.dc_bus_overvoltage_trip_level`.
    public static let busOverVoltage = Self(rawValue: 0x4)
    /// More current came back than `config.dc_max_negative_current`.
    public static let regenOverCurrent = Self(rawValue: 0x8)
    /// More current was drawn than `config.dc_max_positive_current`.
    public static let busOverCurrent = Self(rawValue: 0x10)
    /// The brake resistor's bridge was switched wrongly.
    public static let brakeDeadTime = Self(rawValue: 0x20)
    /// The brake resistor's duty could not be computed.
    public static let brakeDutyNaN = Self(rawValue: 0x40)
    /// `config.brake_resistance` is zero or below.
    public static let invalidBrakeResistance = Self(rawValue: 0x80)

    /// Every bit of the word, lowest first.
    public static let bits: [ODriveErrorBit] = [
        ODriveErrorBit(0x1, "control iteration missed", ODriveRemedy.firmware),
        ODriveErrorBit(0x2, "bus under-voltage", ODriveRemedy.supply),
        ODriveErrorBit(0x4, "bus over-voltage", ODriveRemedy.brake),
        ODriveErrorBit(0x8, "regenerated current too high", ODriveRemedy.brake),
        ODriveErrorBit(
            0x10,
            "bus current too high",
            "lower the axes' current limits, or raise config.dc_max_positive_current"
        ),
        ODriveErrorBit(0x20, "brake dead time violated", ODriveRemedy.firmware),
        ODriveErrorBit(0x40, "brake duty is no number", ODriveRemedy.brake),
        ODriveErrorBit(0x80, "invalid brake resistance", ODriveRemedy.brake),
    ]
}
