/// Builds Dynamixel 1.0 and Feetech frames in a buffer that is kept from one frame to the next.
///
/// `begin`, any number of `append`, `finish`; then `bytes` is the whole frame.
public struct Protocol1Writer: Sendable {
    /// The frame, complete after `finish`.
    public private(set) var bytes: [UInt8] = []

    /// A writer with room for the longest frame.
    public init() { bytes.reserveCapacity(Protocol1.longestFrame) }

    /// Starts a frame: `code` is an instruction, or the error byte of a status.
    public mutating func begin(id: UInt8, code: UInt8) {
        bytes.removeAll(keepingCapacity: true)
        bytes.append(0xFF)
        bytes.append(0xFF)
        bytes.append(id)
        bytes.append(0)
        bytes.append(code)
    }

    /// Starts a request.
    public mutating func begin(id: UInt8, _ instruction: Protocol1Instruction) {
        begin(id: id, code: instruction.rawValue)
    }

    /// Adds one parameter byte.
    public mutating func append(_ byte: UInt8) { bytes.append(byte) }

    /// Adds a number of one or more bytes; bits that do not fit are dropped.
    public mutating func append(_ raw: Int, size: Int, order: ByteOrder) {
        for index in 0..<size {
            append(UInt8(truncatingIfNeeded: raw >> order.shift(index, of: size)))
        }
    }

    /// Adds a register's bytes for a value.
    public mutating func append(_ value: Int, as register: Register) {
        append(register.raw(of: value), size: register.size, order: register.order)
    }

    /// Fills in length and check sum.
    ///
    /// Traps if the frame is longer than LEN can say.
    public mutating func finish() {
        let length = bytes.count - Protocol1.uncounted + 1
        precondition(length <= 255, "a frame has at most 259 bytes")
        bytes[3] = UInt8(length)
        bytes.append(Protocol1.checksum(bytes[2...]))
    }
}
