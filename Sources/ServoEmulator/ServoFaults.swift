/// Something that goes wrong with a servo, on demand.
public enum ServoFault: Sendable, Hashable {
    /// Bits of Hardware Error Status (70) appear; with 0 they stop appearing, but stay until a
    /// reboot.
    case hardwareError(UInt8)
    /// The thermometer shows this, in degrees Celsius; `nil` for the plant's word.
    case temperature(Double?)
    /// The voltmeter shows this, in volts; `nil` for the plant's word.
    case inputVoltage(Double?)
    /// The cable comes off (`true`) or on again; power stays.
    case disconnected(Bool)
    /// So many statuses are not sent.
    case dropReplies(Int)
    /// So many statuses go out with one bit turned over.
    case corruptReplies(Int)
    /// Power goes off and on again.
    case powerCycle
}

/// Faults that are in force.
struct ServoFaults: Sendable {
    var hardwareError: UInt8 = 0
    var temperature: Double?
    var inputVoltage: Double?
    var isDisconnected = false
    var repliesToDrop = 0
    var repliesToCorrupt = 0
    /// Replies carry this ID.
    var wrongID: UInt8?
    /// So many pulses away stands a second servo of the same ID that answers as well.
    var twinPulses: Int?
}
