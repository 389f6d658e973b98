import ServoProtocol
import Testing

/// A frame of Dynamixel 1.0 or Feetech that others made, and the packet it is.
struct KnownProtocol1Frame: Sendable, CustomTestStringConvertible {
    let what: String
    let hex: String
    let packet: Protocol1Packet

    init(_ what: String, _ hex: String, _ packet: Protocol1Packet) {
        self.what = what
        self.hex = hex
        self.packet = packet
    }

    var bytes: [UInt8] { hexBytes(hex) }
    var testDescription: String { what }
}

extension KnownProtocol1Frame {
    /// From the e-manual, compared with what the Robotis SDK for Python sends.
    static let dynamixel: [KnownProtocol1Frame] = [
        .init("ping 1", "FF FF 01 02 01 FB", .ping(id: 1)),
        .init("status of 1", "FF FF 01 02 00 FC", .status(id: 1)),
        .init("read 43", "FF FF 01 04 02 2B 01 CC", .read(id: 1, address: 43, count: 1)),
        .init("status 32", "FF FF 01 03 00 20 DB", .status(id: 1, parameters: [0x20])),
        .init(
            "all become ID 1",
            "FF FF FE 04 03 03 01 F6",
            .write(id: 254, address: 3, data: [1])
        ),
        .init(
            "goal 512",
            "FF FF 01 05 03 1E 00 02 D6",
            .write(id: 1, address: 30, data: [0x00, 0x02])
        ),
        .init(
            "reg write 30 = 500",
            "FF FF 01 05 04 1E F4 01 E2",
            .regWrite(id: 1, address: 30, data: [0xF4, 0x01])
        ),
        .init("action all", "FF FF FE 02 05 FA", .action(id: 254)),
        .init("reset 0", "FF FF 00 02 06 F7", .reset(id: 0)),
        .init("status of 0", "FF FF 00 02 00 FD", .status(id: 0)),
        .init(
            "sync write 30, goal and speed",
            "FF FF FE 0E 83 1E 04 00 10 00 50 01 01 20 02 60 03 67",
            .syncWrite(
                address: 30,
                count: 4,
                [
                    .init(id: 0, data: [0x10, 0x00, 0x50, 0x01]),
                    .init(id: 1, data: [0x20, 0x02, 0x60, 0x03]),
                ]
            )
        ),
        .init(
            "bulk read",
            "FF FF FE 09 92 00 02 01 1E 02 02 24 1D",
            .bulkRead([
                .init(id: 1, address: 30, count: 2), .init(id: 2, address: 36, count: 2),
            ])
        ),
        .init("0x8000", "FF FF 01 04 00 00 80 7A", .status(id: 1, parameters: [0x00, 0x80])),
        .init(
            "0x8000 from ID 2",
            "FF FF 02 04 00 00 80 79",
            .status(id: 2, parameters: [0x00, 0x80])
        ),
        .init(
            "overload and overheating",
            "FF FF 01 02 24 D8",
            .status(id: 1, error: [.overload, .overheating])
        ),
    ]

    /// From the vendor's protocol manual and SDK.
    static let feetech: [KnownProtocol1Frame] = [
        .init("ping all", "FF FF FE 02 01 FE", .ping(id: 254)),
        .init("read 56", "FF FF 01 04 02 38 02 BE", .read(id: 1, address: 56, count: 2)),
        .init(
            "position 0x0518",
            "FF FF 01 04 00 18 05 DD",
            .status(id: 1, parameters: [0x18, 0x05])
        ),
        .init(
            "write 42: position 2048, time 0, speed 1000",
            "FF FF 01 09 03 2A 00 08 00 00 E8 03 D5",
            .write(id: 1, address: 42, data: goal2048)
        ),
        .init(
            "the same as reg write",
            "FF FF 01 09 04 2A 00 08 00 00 E8 03 D4",
            .regWrite(id: 1, address: 42, data: goal2048)
        ),
        .init(
            "all become ID 1",
            "FF FF FE 04 03 05 01 F4",
            .write(id: 254, address: 5, data: [1])
        ),
        .init(
            "sync write of four",
            "FF FF FE 20 83 2A 06 01 00 08 00 00 E8 03 02 00 08 00 00 E8 03 "
                + "03 00 08 00 00 E8 03 04 00 08 00 00 E8 03 58",
            .syncWrite(address: 42, count: 6, (1...4).map { .init(id: $0, data: goal2048) })
        ),
        .init(
            "sync read",
            "FF FF FE 06 82 38 08 01 02 36",
            .syncRead(ids: [1, 2], address: 56, count: 8)
        ),
        .init("reset 1", "FF FF 01 02 06 F6", .reset(id: 1)),
        .init(
            "goal -100",
            "FF FF 01 05 03 2A 64 80 E8",
            .write(id: 1, address: 42, data: [0x64, 0x80])
        ),
        .init("torque on", "FF FF 01 04 03 28 01 CE", .write(id: 1, address: 40, data: [1])),
        .init("unlock", "FF FF 01 04 03 37 00 C0", .write(id: 1, address: 55, data: [0])),
        .init("read model", "FF FF 01 04 02 03 02 F3", .read(id: 1, address: 3, count: 2)),
        .init(
            "model 777",
            "FF FF 01 04 00 09 03 EE",
            .status(id: 1, parameters: [0x09, 0x03])
        ),
        .init(
            "sync write of two goals",
            "FF FF FE 0A 83 2A 02 01 00 08 02 00 04 39",
            .syncWrite(
                address: 42,
                count: 2,
                [.init(id: 1, data: [0x00, 0x08]), .init(id: 2, data: [0x00, 0x04])]
            )
        ),
        .init("overload", "FF FF 01 02 20 DC", .status(id: 1, error: .overload)),
        .init(
            "SCS goal 512",
            "FF FF 01 05 03 2A 02 00 CA",
            .write(id: 1, address: 42, data: [0x02, 0x00])
        ),
    ]

    /// Goal Position 2048, Goal Time 0, Goal Velocity 1000, low byte first.
    private static let goal2048: [UInt8] = [0x00, 0x08, 0x00, 0x00, 0xE8, 0x03]

    static let all = dynamixel + feetech
}
