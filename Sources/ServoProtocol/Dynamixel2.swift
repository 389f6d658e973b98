/// Robotis Dynamixel protocol 2.0: the frame, its check sum and its byte stuffing.
///
/// Source: Robotis e-manual, "Protocol 2.0". A frame is
/// `FF FF FD 00 ID LEN_L LEN_H INSTRUCTION parameters... CRC_L CRC_H`; LEN counts the bytes after
/// itself. A status frame has instruction 55 and an error byte before its parameters.
public enum Dynamixel2 {
    /// The ID every servo listens to.
    public static let broadcastID: UInt8 = 0xFE
    /// The highest ID a servo may have; 253 and 255 are unusable.
    public static let highestID: UInt8 = 0xFC
    /// The longest frame in bytes, header and check sum included.
    public static let longestFrame = 1024
    /// The instruction byte of a status frame.
    public static let statusInstruction: UInt8 = 0x55
    /// Bytes of a frame that are not counted by LEN.
    static let uncounted = 7
    /// Offset of the instruction byte, where stuffing begins.
    static let instructionOffset = 7

    /// The check sum of some bytes, or of more bytes after those that gave `start`.
    ///
    /// CRC-16 with polynomial 0x8005, most significant bit first, initial value 0, no final xor
    /// (known as CRC-16/UMTS). It covers the frame from the first FF to the last parameter, after
    /// stuffing.
    public static func checksum(_ bytes: some Sequence<UInt8>, from start: UInt16 = 0) -> UInt16 {
        var sum = start
        for byte in bytes { sum = checksum(byte, from: sum) }
        return sum
    }

    /// The check sum after one more byte.
    @inline(__always) static func checksum(_ byte: UInt8, from sum: UInt16) -> UInt16 {
        (sum << 8) ^ checksumTable[Int(UInt8(truncatingIfNeeded: sum >> 8) ^ byte)]
    }

    private static let checksumTable: [UInt16] = (0..<256).map { index in
        var entry = UInt16(index) << 8
        for _ in 0..<8 { entry = entry & 0x8000 != 0 ? (entry << 1) ^ 0x8005 : entry << 1 }
        return entry
    }

    /// Instruction and parameters as they go over the wire: FF FF FD gets an FD behind it.
    public static func stuffed(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var history = StuffingHistory()
        for byte in bytes {
            out.append(byte)
            if history.completesHeader(byte) { out.append(0xFD) }
        }
        return out
    }

    /// Instruction and parameters as they were before stuffing.
    ///
    /// Looks for FF FF FD on the wire, not in what is left after an FD was taken out: the Robotis
    /// SDKs do the latter and lose a byte of `FF FF FD 00 01 FF FD FD`. Bytes that were never
    /// stuffed, as the Python SDK sends them, come through unless FF FF FD FD occurs in them.
    public static func unstuffed(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var out: [UInt8] = []
        var history = StuffingHistory()
        var afterHeader = false
        for byte in bytes {
            if !(afterHeader && byte == 0xFD) { out.append(byte) }
            afterHeader = history.completesHeader(byte)
        }
        return out
    }
}

/// Remembers the last bytes, to notice FF FF FD.
struct StuffingHistory {
    private var last: UInt32 = 0

    /// Takes one more byte; true if it and the two before it are FF FF FD.
    @inline(__always) mutating func completesHeader(_ byte: UInt8) -> Bool {
        last = (last << 8 | UInt32(byte)) & 0xFF_FFFF
        return last == 0xFF_FFFD
    }
}
