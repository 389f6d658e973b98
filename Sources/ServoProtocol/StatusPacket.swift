/// A servo's answer.
public struct StatusPacket: Sendable, Hashable {
    /// Who answers.
    public var id: UInt8
    /// The error byte.
    public var error: StatusError
    /// Data, before stuffing.
    public var parameters: [UInt8]

    /// An answer.
    public init(id: UInt8, error: StatusError = StatusError(), parameters: [UInt8] = []) {
        self.id = id
        self.error = error
        self.parameters = parameters
    }

    /// The answer to a ping.
    public static func ping(
        id: UInt8,
        error: StatusError = StatusError(),
        modelNumber: UInt16,
        firmware: UInt8
    ) -> Self {
        Self(id: id, error: error, parameters: modelNumber.littleEndian2 + [firmware])
    }

    /// The frame as it goes over the wire.
    ///
    /// Traps if it would be longer than 1024 bytes.
    public func encoded() -> [UInt8] {
        var writer = PacketWriter()
        writer.begin(id: id, instruction: Dynamixel2.statusInstruction)
        writer.append(error.rawValue)
        for byte in parameters { writer.append(byte) }
        writer.finish()
        return writer.bytes
    }
}

/// The one status that all servos of a fast sync read or fast bulk read send together.
///
/// The first servo sends the header, with the length of the whole; each adds its error byte, its
/// ID, its data and a check sum over everything before it, earlier check sums included. Nothing is
/// stuffed.
public struct FastStatus: Sendable, Hashable {
    /// One servo's part.
    public struct Part: Sendable, Hashable {
        /// Who answers.
        public var id: UInt8
        /// The error byte.
        public var error: StatusError
        /// Data.
        public var data: [UInt8]

        /// A part.
        public init(id: UInt8, error: StatusError = StatusError(), data: [UInt8]) {
            self.id = id
            self.error = error
            self.data = data
        }
    }

    /// The whole frame, header and check sums included.
    public var frame: [UInt8]

    /// A frame as received.
    public init(frame: [UInt8]) { self.frame = frame }

    /// A complete answer of these servos.
    ///
    /// Traps if it would be longer than 1024 bytes.
    public init(parts: [Part]) {
        frame = FastStatus.header(dataCounts: parts.map(\.data.count))
        for part in parts { FastStatus.append(part, to: &frame) }
    }

    /// What the first servo sends before its own part.
    public static func header(dataCounts: [Int]) -> [UInt8] {
        let length = dataCounts.reduce(1) { $0 + 4 + $1 }
        precondition(
            length + Dynamixel2.uncounted <= Dynamixel2.longestFrame,
            "a frame has at most 1024 bytes"
        )
        return [0xFF, 0xFF, 0xFD, 0x00, Dynamixel2.broadcastID]
            + UInt16(length).littleEndian2 + [Dynamixel2.statusInstruction]
    }

    /// Adds one servo's part and the running check sum to what was sent so far.
    public static func append(_ part: Part, to frame: inout [UInt8]) {
        frame.append(part.error.rawValue)
        frame.append(part.id)
        frame.append(contentsOf: part.data)
        frame.append(contentsOf: Dynamixel2.checksum(frame).littleEndian2)
    }

    /// The servos' parts, `nil` if the frame's length is not what these data counts give or a
    /// check sum within it is wrong.
    public func parts(dataCounts: [Int]) -> [Part]? {
        let expected = Dynamixel2.uncounted + dataCounts.reduce(1) { $0 + 4 + $1 }
        guard frame.count == expected else { return nil }
        var parts: [Part] = []
        var offset = Dynamixel2.instructionOffset + 1
        var sum = Dynamixel2.checksum(frame[..<offset])
        for count in dataCounts {
            let end = offset + 2 + count
            sum = Dynamixel2.checksum(frame[offset..<end], from: sum)
            guard frame[end] == UInt8(truncatingIfNeeded: sum), frame[end + 1] == sum >> 8 else {
                return nil
            }
            parts.append(
                Part(
                    id: frame[offset + 1],
                    error: StatusError(rawValue: frame[offset]),
                    data: Array(frame[(offset + 2)..<end])
                )
            )
            sum = Dynamixel2.checksum(frame[end..<(end + 2)], from: sum)
            offset = end + 2
        }
        return parts
    }
}
