/// A request from the host to one servo, several or all.
public struct InstructionPacket: Sendable, Hashable {
    /// Whom it is for; `Dynamixel2.broadcastID` for all.
    public var id: UInt8
    /// What is asked.
    public var instruction: DynamixelInstruction
    /// Parameters, before stuffing.
    public var parameters: [UInt8]

    /// A request with any parameters.
    public init(id: UInt8, instruction: DynamixelInstruction, parameters: [UInt8] = []) {
        self.id = id
        self.instruction = instruction
        self.parameters = parameters
    }

    /// The frame as it goes over the wire.
    ///
    /// Traps if it would be longer than 1024 bytes.
    public func encoded() -> [UInt8] {
        var writer = PacketWriter()
        writer.begin(id: id, instruction)
        for byte in parameters { writer.append(byte) }
        writer.finish()
        return writer.bytes
    }
}

/// One servo's part of a bulk read.
public struct BulkReadItem: Sendable, Hashable {
    /// The servo.
    public var id: UInt8
    /// First register address.
    public var address: UInt16
    /// Number of bytes.
    public var count: UInt16

    /// Read `count` bytes from `address`.
    public init(id: UInt8, address: UInt16, count: UInt16) {
        self.id = id
        self.address = address
        self.count = count
    }
}

/// One servo's part of a bulk write.
public struct BulkWriteItem: Sendable, Hashable {
    /// The servo.
    public var id: UInt8
    /// First register address.
    public var address: UInt16
    /// What is written there.
    public var data: [UInt8]

    /// Write `data` from `address` on.
    public init(id: UInt8, address: UInt16, data: [UInt8]) {
        self.id = id
        self.address = address
        self.data = data
    }
}

/// One servo's part of a sync write.
public struct SyncWriteItem: Sendable, Hashable {
    /// The servo.
    public var id: UInt8
    /// What is written.
    public var data: [UInt8]

    /// Write `data` to servo `id`.
    public init(id: UInt8, data: [UInt8]) {
        self.id = id
        self.data = data
    }
}

extension InstructionPacket {
    /// Asks who is there.
    public static func ping(id: UInt8) -> Self { Self(id: id, instruction: .ping) }

    /// Reads `count` bytes from `address`.
    public static func read(id: UInt8, address: UInt16, count: UInt16) -> Self {
        Self(id: id, instruction: .read, parameters: address.littleEndian2 + count.littleEndian2)
    }

    /// Writes `data` from `address` on.
    public static func write(id: UInt8, address: UInt16, data: [UInt8]) -> Self {
        Self(id: id, instruction: .write, parameters: address.littleEndian2 + data)
    }

    /// Writes `data` when `action` comes.
    public static func regWrite(id: UInt8, address: UInt16, data: [UInt8]) -> Self {
        Self(id: id, instruction: .regWrite, parameters: address.littleEndian2 + data)
    }

    /// Does what `regWrite` held back.
    public static func action(id: UInt8) -> Self { Self(id: id, instruction: .action) }

    /// Back to factory settings.
    public static func factoryReset(id: UInt8, _ scope: FactoryResetScope) -> Self {
        Self(id: id, instruction: .factoryReset, parameters: [scope.rawValue])
    }

    /// Restarts a servo.
    public static func reboot(id: UInt8) -> Self { Self(id: id, instruction: .reboot) }

    /// Folds the multi-turn position into one turn.
    public static func clear(id: UInt8) -> Self {
        Self(id: id, instruction: .clear, parameters: [0x01, 0x44, 0x58, 0x4C, 0x22])
    }

    /// Stores the control table in the servo's backup, or restores it and restarts.
    public static func controlTableBackup(id: UInt8, restore: Bool) -> Self {
        Self(
            id: id,
            instruction: .controlTableBackup,
            parameters: [restore ? 0x02 : 0x01, 0x43, 0x54, 0x52, 0x4C]
        )
    }

    /// Reads the same registers of several servos.
    public static func syncRead(ids: [UInt8], address: UInt16, count: UInt16) -> Self {
        group(.syncRead, address.littleEndian2 + count.littleEndian2 + ids)
    }

    /// Reads the same registers of several servos, answered in one shared status.
    public static func fastSyncRead(ids: [UInt8], address: UInt16, count: UInt16) -> Self {
        group(.fastSyncRead, address.littleEndian2 + count.littleEndian2 + ids)
    }

    /// Writes the same registers of several servos.
    ///
    /// Traps unless each item has `count` bytes.
    public static func syncWrite(address: UInt16, count: UInt16, _ items: [SyncWriteItem]) -> Self {
        precondition(items.allSatisfy { $0.data.count == Int(count) }, "sync write: wrong count")
        let list = items.flatMap { [$0.id] + $0.data }
        return group(.syncWrite, address.littleEndian2 + count.littleEndian2 + list)
    }

    /// Reads different registers of several servos.
    public static func bulkRead(_ items: [BulkReadItem]) -> Self {
        group(.bulkRead, parameters(of: items))
    }

    /// Reads different registers of several servos, answered in one shared status.
    public static func fastBulkRead(_ items: [BulkReadItem]) -> Self {
        group(.fastBulkRead, parameters(of: items))
    }

    /// Writes different registers of several servos.
    public static func bulkWrite(_ items: [BulkWriteItem]) -> Self {
        let list = items.flatMap { item in
            [item.id] + item.address.littleEndian2 + UInt16(item.data.count).littleEndian2
                + item.data
        }
        return group(.bulkWrite, list)
    }

    private static func parameters(of items: [BulkReadItem]) -> [UInt8] {
        items.flatMap { [$0.id] + $0.address.littleEndian2 + $0.count.littleEndian2 }
    }

    private static func group(_ instruction: DynamixelInstruction, _ parameters: [UInt8]) -> Self {
        Self(id: Dynamixel2.broadcastID, instruction: instruction, parameters: parameters)
    }
}

extension UInt16 {
    /// The two bytes, least significant first.
    var littleEndian2: [UInt8] {
        [UInt8(truncatingIfNeeded: self), UInt8(truncatingIfNeeded: self >> 8)]
    }
}
