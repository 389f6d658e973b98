/// A Dynamixel 1.0 or Feetech frame: a request, or a servo's answer.
///
/// Which of the two only its reader knows: a servo takes every frame for a request, a host for an
/// answer.
public struct Protocol1Packet: Sendable, Hashable {
    /// Whom a request is for, or who answers.
    public var id: UInt8
    /// The instruction of a request, the error byte of an answer.
    public var code: UInt8
    /// What follows.
    public var parameters: [UInt8]

    /// A frame with any content.
    public init(id: UInt8, code: UInt8, parameters: [UInt8] = []) {
        self.id = id
        self.code = code
        self.parameters = parameters
    }

    /// A request.
    public init(id: UInt8, _ instruction: Protocol1Instruction, _ parameters: [UInt8] = []) {
        self.init(id: id, code: instruction.rawValue, parameters: parameters)
    }

    /// The request's instruction, `nil` if the manuals list no such number.
    public var instruction: Protocol1Instruction? { Protocol1Instruction(rawValue: code) }

    /// The answer's error byte.
    public var error: Protocol1Error { Protocol1Error(rawValue: code) }

    /// The frame as it goes over the wire.
    ///
    /// Traps if it would be longer than 259 bytes.
    public func encoded() -> [UInt8] {
        var writer = Protocol1Writer()
        writer.begin(id: id, code: code)
        for byte in parameters { writer.append(byte) }
        writer.finish()
        return writer.bytes
    }
}

extension Protocol1Packet {
    /// One servo's part of a bulk read.
    public struct BulkItem: Sendable, Hashable {
        /// The servo.
        public var id: UInt8
        /// First register address.
        public var address: UInt8
        /// Number of bytes.
        public var count: UInt8

        /// Read `count` bytes from `address`.
        public init(id: UInt8, address: UInt8, count: UInt8) {
            self.id = id
            self.address = address
            self.count = count
        }
    }

    /// Asks who is there.
    public static func ping(id: UInt8) -> Self { Self(id: id, .ping) }

    /// Reads `count` bytes from `address`.
    public static func read(id: UInt8, address: UInt8, count: UInt8) -> Self {
        Self(id: id, .read, [address, count])
    }

    /// Writes `data` from `address` on.
    public static func write(id: UInt8, address: UInt8, data: [UInt8]) -> Self {
        Self(id: id, .write, [address] + data)
    }

    /// Writes `data` when `action` comes.
    public static func regWrite(id: UInt8, address: UInt8, data: [UInt8]) -> Self {
        Self(id: id, .regWrite, [address] + data)
    }

    /// Does what `regWrite` held back.
    public static func action(id: UInt8) -> Self { Self(id: id, .action) }

    /// Back to factory settings.
    public static func reset(id: UInt8) -> Self { Self(id: id, .reset) }

    /// Restarts a servo.
    public static func reboot(id: UInt8) -> Self { Self(id: id, .reboot) }

    /// Reads the same registers of several servos (Feetech STS).
    public static func syncRead(ids: [UInt8], address: UInt8, count: UInt8) -> Self {
        Self(id: Protocol1.broadcastID, .syncRead, [address, count] + ids)
    }

    /// Writes the same registers of several servos.
    ///
    /// Traps unless each item has `count` bytes.
    public static func syncWrite(address: UInt8, count: UInt8, _ items: [SyncWriteItem]) -> Self {
        precondition(items.allSatisfy { $0.data.count == Int(count) }, "sync write: wrong count")
        let list = items.flatMap { [$0.id] + $0.data }
        return Self(id: Protocol1.broadcastID, .syncWrite, [address, count] + list)
    }

    /// Reads different registers of several servos (Dynamixel MX).
    public static func bulkRead(_ items: [BulkItem]) -> Self {
        let list = items.flatMap { [$0.count, $0.id, $0.address] }
        return Self(id: Protocol1.broadcastID, .bulkRead, [0x00] + list)
    }

    /// A servo's answer.
    public static func status(
        id: UInt8,
        error: Protocol1Error = [],
        parameters: [UInt8] = []
    ) -> Self {
        Self(id: id, code: error.rawValue, parameters: parameters)
    }
}
