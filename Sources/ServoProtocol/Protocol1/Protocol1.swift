/// The frame that Dynamixel protocol 1.0 and Feetech's serial servos share.
///
/// Sources: Robotis e-manual, "Protocol 1.0"; Feetech's protocol manual and its `scservo_sdk`. A
/// frame is `FF FF ID LEN CODE parameters... CHECK`; LEN counts the parameters and two more bytes.
/// CODE is an instruction in a request and the error byte in a status, so that nothing in a frame
/// says which of the two it is. Nothing is stuffed.
public enum Protocol1 {
    /// The ID every servo listens to.
    public static let broadcastID: UInt8 = 0xFE
    /// The highest ID a servo may have.
    public static let highestID: UInt8 = 0xFD
    /// The longest frame in bytes, header and check sum included: LEN is one byte.
    public static let longestFrame = 259
    /// The shortest frame in bytes: no parameters.
    public static let shortestFrame = 6
    /// Bytes of a frame that LEN does not count: header, ID and LEN.
    static let uncounted = 4

    /// The check sum of what lies between header and check sum: ID, LEN, CODE and parameters.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var sum: UInt8 = 0
        for byte in bytes { sum &+= byte }
        return ~sum
    }
}

/// What a host asks of Dynamixel 1.0 and Feetech servos.
public enum Protocol1Instruction: UInt8, Sendable, CaseIterable {
    /// Who is there; the answer says nothing but the error byte.
    case ping = 0x01
    /// Read registers of one servo.
    case read = 0x02
    /// Write registers of one servo, or of all without an answer.
    case write = 0x03
    /// Hold a write back until `action`.
    case regWrite = 0x04
    /// Do the write that was held back.
    case action = 0x05
    /// Back to factory settings, the ID included.
    case reset = 0x06
    /// Restart; Dynamixel X series in 1.0 mode.
    case reboot = 0x08
    /// Back to factory settings as Feetech's own SDK asks for it.
    case feetechReset = 0x0A
    /// Read the same registers of several servos; Feetech STS.
    case syncRead = 0x82
    /// Write the same registers of several servos; no status.
    case syncWrite = 0x83
    /// Read different registers of several servos; Dynamixel MX.
    case bulkRead = 0x92
}
