import ServoProtocol
import Testing

/// A frame that others made, and the packet it is.
struct KnownFrame: Sendable, CustomTestStringConvertible {
    let what: String
    let hex: String
    let packet: DecodedPacket

    init(_ what: String, _ hex: String, _ packet: InstructionPacket) {
        self.what = what
        self.hex = hex
        self.packet = .instruction(packet)
    }

    init(_ what: String, _ hex: String, _ packet: StatusPacket) {
        self.what = what
        self.hex = hex
        self.packet = .status(packet)
    }

    var bytes: [UInt8] { hexBytes(hex) }
    var testDescription: String { what }
}

/// `FF 0A` as bytes.
func hexBytes(_ text: String) -> [UInt8] {
    text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}

extension KnownFrame {
    /// From the e-manual and, where it prints none, from an encoder written for the tests of this
    /// program's design (bitwise check sum) and compared with the Robotis SDK for Python.
    static let requests: [KnownFrame] = [
        .init("ping 1", "FF FF FD 00 01 03 00 01 19 4E", .ping(id: 1)),
        .init("ping all", "FF FF FD 00 FE 03 00 01 31 42", .ping(id: 254)),
        .init(
            "read 132",
            "FF FF FD 00 01 07 00 02 84 00 04 00 1D 15",
            .read(id: 1, address: 132, count: 4)
        ),
        .init(
            "read 126, 10 bytes",
            "FF FF FD 00 01 07 00 02 7E 00 0A 00 36 F9",
            .read(id: 1, address: 126, count: 10)
        ),
        .init(
            "write 116 = 512",
            "FF FF FD 00 01 09 00 03 74 00 00 02 00 00 CA 89",
            .write(id: 1, address: 116, data: [0, 2, 0, 0])
        ),
        .init(
            "write 116 = -100",
            "FF FF FD 00 01 09 00 03 74 00 9C FF FF FF D9 B5",
            .write(id: 1, address: 116, data: [0x9C, 0xFF, 0xFF, 0xFF])
        ),
        .init(
            "write 116 = 0x00FDFFFF, which is stuffed",
            "FF FF FD 00 01 0A 00 03 74 00 FF FF FD FD 00 21 E7",
            .write(id: 1, address: 116, data: [0xFF, 0xFF, 0xFD, 0x00])
        ),
        .init(
            "torque on",
            "FF FF FD 00 01 06 00 03 40 00 01 DB 66",
            .write(id: 1, address: 64, data: [1])
        ),
        .init(
            "bus watchdog 100",
            "FF FF FD 00 01 06 00 03 62 00 64 2D 65",
            .write(id: 1, address: 98, data: [100])
        ),
        .init(
            "bus watchdog off",
            "FF FF FD 00 01 06 00 03 62 00 00 76 E4",
            .write(id: 1, address: 98, data: [0])
        ),
        .init(
            "reg write 104 = 200",
            "FF FF FD 00 01 09 00 04 68 00 C8 00 00 00 AE 8E",
            .regWrite(id: 1, address: 104, data: [200, 0, 0, 0])
        ),
        .init("action 1", "FF FF FD 00 01 03 00 05 02 CE", .action(id: 1)),
        .init("action all", "FF FF FD 00 FE 03 00 05 2A C2", .action(id: 254)),
        .init(
            "factory reset, ID stays",
            "FF FF FD 00 01 04 00 06 01 A1 E6",
            .factoryReset(id: 1, .keepingID)
        ),
        .init("reboot", "FF FF FD 00 01 03 00 08 2F 4E", .reboot(id: 1)),
        .init("clear", "FF FF FD 00 01 08 00 10 01 44 58 4C 22 B1 DC", .clear(id: 1)),
        .init(
            "backup",
            "FF FF FD 00 01 08 00 20 01 43 54 52 4C 16 F5",
            .controlTableBackup(id: 1, restore: false)
        ),
        .init(
            "restore",
            "FF FF FD 00 01 08 00 20 02 43 54 52 4C 9E F5",
            .controlTableBackup(id: 1, restore: true)
        ),
        .init(
            "sync read",
            "FF FF FD 00 FE 09 00 82 84 00 04 00 01 02 CE FA",
            .syncRead(ids: [1, 2], address: 132, count: 4)
        ),
        .init(
            "sync read of nine",
            "FF FF FD 00 FE 10 00 82 7E 00 0A 00 0A 0B 0C 14 15 16 1E 1F 20 48 35",
            .syncRead(ids: [10, 11, 12, 20, 21, 22, 30, 31, 32], address: 126, count: 10)
        ),
        .init(
            "sync write",
            "FF FF FD 00 FE 11 00 83 74 00 04 00 01 96 00 00 00 02 AA 00 00 00 82 87",
            .syncWrite(
                address: 116,
                count: 4,
                [.init(id: 1, data: [150, 0, 0, 0]), .init(id: 2, data: [170, 0, 0, 0])]
            )
        ),
        .init(
            "bulk read",
            "FF FF FD 00 FE 0D 00 92 01 90 00 02 00 02 92 00 01 00 1A 05",
            .bulkRead([.init(id: 1, address: 144, count: 2), .init(id: 2, address: 146, count: 1)])
        ),
        .init(
            "bulk write",
            "FF FF FD 00 FE 10 00 93 01 20 00 02 00 A0 00 02 1F 00 01 00 50 B7 68",
            .bulkWrite([
                .init(id: 1, address: 32, data: [160, 0]), .init(id: 2, address: 31, data: [80]),
            ])
        ),
        .init(
            "fast sync read",
            "FF FF FD 00 FE 0A 00 8A 84 00 04 00 03 07 04 20 F2",
            .fastSyncRead(ids: [3, 7, 4], address: 132, count: 4)
        ),
        .init(
            "fast bulk read",
            "FF FF FD 00 FE 12 00 9A 03 84 00 04 00 07 7C 00 02 00 04 92 00 01 00 DA 2D",
            .fastBulkRead([
                .init(id: 3, address: 132, count: 4), .init(id: 7, address: 124, count: 2),
                .init(id: 4, address: 146, count: 1),
            ])
        ),
    ]

    static let answers: [KnownFrame] = [
        .init(
            "XM430-W210, firmware 38",
            "FF FF FD 00 01 07 00 55 00 06 04 26 65 5D",
            .ping(id: 1, modelNumber: 1030, firmware: 38)
        ),
        .init(
            "the same from ID 2",
            "FF FF FD 00 02 07 00 55 00 06 04 26 6F 6D",
            .ping(id: 2, modelNumber: 1030, firmware: 38)
        ),
        .init(
            "166",
            "FF FF FD 00 01 08 00 55 00 A6 00 00 00 8C C0",
            StatusPacket(id: 1, parameters: [166, 0, 0, 0])
        ),
        .init(
            "2079",
            "FF FF FD 00 02 08 00 55 00 1F 08 00 00 BA BE",
            StatusPacket(id: 2, parameters: [0x1F, 0x08, 0, 0])
        ),
        .init(
            "119",
            "FF FF FD 00 01 06 00 55 00 77 00 C3 69",
            StatusPacket(id: 1, parameters: [119, 0])
        ),
        .init(
            "36",
            "FF FF FD 00 02 05 00 55 00 24 8B A9",
            StatusPacket(id: 2, parameters: [36])
        ),
        .init("no error", "FF FF FD 00 01 04 00 55 00 A1 0C", StatusPacket(id: 1)),
        .init(
            "access error",
            "FF FF FD 00 01 04 00 55 07 B0 8C",
            StatusPacket(id: 1, error: StatusError(.access))
        ),
        .init(
            "data range",
            "FF FF FD 00 01 04 00 55 04 BA 8C",
            StatusPacket(id: 1, error: StatusError(.dataRange))
        ),
        .init(
            "data limit",
            "FF FF FD 00 01 04 00 55 06 B5 0C",
            StatusPacket(id: 1, error: StatusError(.dataLimit))
        ),
        .init(
            "alert",
            "FF FF FD 00 01 04 00 55 80 A2 8F",
            StatusPacket(id: 1, error: StatusError(alert: true))
        ),
        .init(
            "alert and access",
            "FF FF FD 00 01 04 00 55 87 B3 0F",
            StatusPacket(id: 1, error: StatusError(.access, alert: true))
        ),
        .init(
            "current -5, velocity 10, position -100",
            "FF FF FD 00 01 0E 00 55 00 FB FF 0A 00 00 00 9C FF FF FF 2E E2",
            StatusPacket(
                id: 1,
                parameters: [0xFB, 0xFF, 0x0A, 0, 0, 0, 0x9C, 0xFF, 0xFF, 0xFF]
            )
        ),
        .init(
            "data FF FF FD 00, stuffed",
            "FF FF FD 00 01 09 00 55 00 FF FF FD FD 00 D8 9C",
            StatusPacket(id: 1, parameters: [0xFF, 0xFF, 0xFD, 0x00])
        ),
        .init(
            "data FF FF FD FF FF FD, stuffed twice",
            "FF FF FD 00 01 0C 00 55 00 FF FF FD FD FF FF FD FD 19 16",
            StatusPacket(id: 1, parameters: [0xFF, 0xFF, 0xFD, 0xFF, 0xFF, 0xFD])
        ),
    ]

    static let all = requests + answers

    /// The shared answers to the two fast reads above.
    static let fastSyncAnswer = hexBytes(
        "FF FF FD 00 FE 19 00 55 00 03 A6 00 00 00 84 08 00 07 1F 08 00 00 16 CA "
            + "00 04 FF 03 00 00 D1 9E"
    )
    static let fastBulkAnswer = hexBytes(
        "FF FF FD 00 FE 14 00 55 00 03 A6 00 00 00 67 A4 00 07 A5 01 24 74 00 04 1F D9 C1"
    )
}

extension DecodedPacket {
    /// The packet as frame.
    var encoded: [UInt8] {
        switch self {
        case .instruction(let packet): packet.encoded()
        case .status(let packet): packet.encoded()
        case .fastStatus(let status): status.frame
        case .unknown(let id, let instruction, let parameters):
            {
                var writer = PacketWriter()
                writer.begin(id: id, instruction: instruction)
                for byte in parameters { writer.append(byte) }
                writer.finish()
                return writer.bytes
            }()
        }
    }
}

/// A generator that gives the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64
    init(seed: UInt64) { state = seed }
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
