/// Builds frames in a buffer that is kept from one frame to the next.
///
/// `begin`, any number of `append`, `finish`; then `bytes` is the whole frame. Stuffing, length
/// and check sum are done on the way.
public struct PacketWriter: Sendable {
    /// The frame, complete after `finish`.
    public private(set) var bytes: [UInt8] = []
    private var history = StuffingHistory()

    /// A writer with room for the longest frame.
    public init() { bytes.reserveCapacity(Dynamixel2.longestFrame) }

    /// Starts a frame with any instruction byte.
    public mutating func begin(id: UInt8, instruction: UInt8) {
        bytes.removeAll(keepingCapacity: true)
        history = StuffingHistory()
        bytes.append(0xFF)
        bytes.append(0xFF)
        bytes.append(0xFD)
        bytes.append(0x00)
        bytes.append(id)
        bytes.append(0)
        bytes.append(0)
        append(instruction)
    }

    /// Starts an instruction frame.
    public mutating func begin(id: UInt8, _ instruction: DynamixelInstruction) {
        begin(id: id, instruction: instruction.rawValue)
    }

    /// Adds one parameter byte.
    public mutating func append(_ byte: UInt8) {
        bytes.append(byte)
        if history.completesHeader(byte) { bytes.append(0xFD) }
    }

    /// Adds a number of one to four bytes, least significant byte first.
    ///
    /// Negative numbers go out in two's complement; bits that do not fit are dropped.
    public mutating func append(_ value: Int, size: Int) {
        for index in 0..<size { append(UInt8(truncatingIfNeeded: value >> (8 * index))) }
    }

    /// Fills in length and check sum.
    ///
    /// Traps if the frame is longer than protocol 2.0 allows.
    public mutating func finish() {
        let length = bytes.count - Dynamixel2.uncounted + 2
        precondition(bytes.count + 2 <= Dynamixel2.longestFrame, "a frame has at most 1024 bytes")
        bytes[5] = UInt8(truncatingIfNeeded: length)
        bytes[6] = UInt8(truncatingIfNeeded: length >> 8)
        let sum = Dynamixel2.checksum(bytes)
        bytes.append(UInt8(truncatingIfNeeded: sum))
        bytes.append(UInt8(truncatingIfNeeded: sum >> 8))
    }
}
