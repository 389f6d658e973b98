import Testing

@testable import ServoEmulator
@testable import ServoProtocol

/// Packets printed in the e-manual, byte for byte.
///
/// A servo is brought into the state that the
/// manual's example has, then asked.
@Suite("Statuses are the manual's, byte for byte")
struct VectorTests {
    private func packet(_ text: String) throws -> InstructionPacket {
        var decoder = PacketDecoder()
        decoder.append(bytes(text))
        guard case .instruction(let packet) = decoder.next() else {
            Issue.record("not a request: \(text)")
            return .ping(id: 0)
        }
        return packet
    }

    @Test(
        "a request without data is answered as printed",
        arguments: [
            // Ping of XM430-W210, firmware 38.
            ("FF FF FD 00 01 03 00 01 19 4E", "FF FF FD 00 01 07 00 55 00 06 04 26 65 5D"),
            // Write Goal Position 512.
            (
                "FF FF FD 00 01 09 00 03 74 00 00 02 00 00 CA 89",
                "FF FF FD 00 01 04 00 55 00 A1 0C"
            ),
            ("FF FF FD 00 01 03 00 08 2F 4E", "FF FF FD 00 01 04 00 55 00 A1 0C"),
            ("FF FF FD 00 01 04 00 06 01 A1 E6", "FF FF FD 00 01 04 00 55 00 A1 0C"),
            ("FF FF FD 00 01 06 00 03 40 00 01 DB 66", "FF FF FD 00 01 04 00 55 00 A1 0C"),
            ("FF FF FD 00 01 06 00 03 62 00 64 2D 65", "FF FF FD 00 01 04 00 55 00 A1 0C"),
        ]
    )
    func answered(request: String, status: String) throws {
        var bus = TestBus { $0.firmwareVersion = 38 }
        #expect(bus.send(try packet(request)) == [bytes(status)])
    }

    @Test("a broadcast ping is answered by all, lowest ID first")
    func broadcastPing() throws {
        var bus = TestBus([2, 1]) { $0.firmwareVersion = 38 }
        let request = try packet("FF FF FD 00 FE 03 00 01 31 42")
        #expect(
            bus.send(request) == [
                bytes("FF FF FD 00 01 07 00 55 00 06 04 26 65 5D"),
                bytes("FF FF FD 00 02 07 00 55 00 06 04 26 6F 6D"),
            ]
        )
    }

    @Test("position 166 is read as printed, alone and in a sync read with 2079")
    func read() throws {
        var bus = TestBus([1, 2])
        bus.turn(0, to: 166)
        bus.turn(1, to: 2079)
        let first = bytes("FF FF FD 00 01 08 00 55 00 A6 00 00 00 8C C0")
        let second = bytes("FF FF FD 00 02 08 00 55 00 1F 08 00 00 BA BE")
        #expect(bus.send(try packet("FF FF FD 00 01 07 00 02 84 00 04 00 1D 15")) == [first])
        let sync = try packet("FF FF FD 00 FE 09 00 82 84 00 04 00 01 02 CE FA")
        #expect(bus.send(sync) == [first, second])
    }

    @Test("a bulk read of voltage 119 and temperature 36 is answered as printed")
    func bulkRead() throws {
        var bus = TestBus([1, 2])
        bus.core.inject(.inputVoltage(11.9), servo: 1)
        bus.core.inject(.temperature(36), servo: 2)
        let request = try packet(
            "FF FF FD 00 FE 0D 00 92 01 90 00 02 00 02 92 00 01 00 1A 05"
        )
        #expect(
            bus.send(request) == [
                bytes("FF FF FD 00 01 06 00 55 00 77 00 C3 69"),
                bytes("FF FF FD 00 02 05 00 55 00 24 8B A9"),
            ]
        )
    }

    @Test("a fast sync read is one status with a running check sum")
    func fastSyncRead() throws {
        var bus = TestBus([3, 4, 7])
        bus.turn(0, to: 166)
        bus.turn(2, to: 2079)
        bus.turn(1, to: 1023)
        let request = try packet("FF FF FD 00 FE 0A 00 8A 84 00 04 00 03 07 04 20 F2")
        let status =
            "FF FF FD 00 FE 19 00 55 00 03 A6 00 00 00 84 08 00 07 1F 08 00 00 16 CA "
            + "00 04 FF 03 00 00 D1 9E"
        #expect(bus.send(request) == [bytes(status)])
    }

    @Test("sync and bulk writes are not answered and arrive")
    func groupWrites() throws {
        var bus = TestBus([1, 2])
        let sync = try packet(
            "FF FF FD 00 FE 11 00 83 74 00 04 00 01 96 00 00 00 02 AA 00 00 00 82 87"
        )
        #expect(bus.send(sync).isEmpty)
        #expect(bus.read(116, size: 4, id: 1) == 150)
        #expect(bus.read(116, size: 4, id: 2) == 170)
        let bulk = try packet(
            "FF FF FD 00 FE 10 00 93 01 20 00 02 00 A0 00 02 1F 00 01 00 50 B7 68"
        )
        #expect(bus.send(bulk).isEmpty)
        #expect(bus.read(32, size: 2, id: 1) == 160)
        #expect(bus.read(31, size: 1, id: 2) == 80)
    }

    @Test(
        "error numbers and the alert bit are where the manual puts them",
        arguments: [
            (0, UInt8(0), "FF FF FD 00 01 04 00 55 07 B0 8C"),  // read-only register
            (64, 2, "FF FF FD 00 01 04 00 55 04 BA 8C"),  // beyond its range
        ]
    )
    func errors(address: Int, value: UInt8, status: String) {
        var bus = TestBus()
        let data = address == 0 ? [value, 0] : [value]
        let request = InstructionPacket.write(id: 1, address: UInt16(address), data: data)
        #expect(bus.send(request) == [bytes(status)])
    }

    @Test("a goal beyond the position limit, and an alert, have their bytes")
    func limitAndAlert() {
        var bus = TestBus()
        let beyond = InstructionPacket.write(id: 1, address: 116, data: [0, 0x10, 0, 0])
        #expect(bus.send(beyond) == [bytes("FF FF FD 00 01 04 00 55 06 B5 0C")])
        bus.core.inject(.hardwareError(0x20), servo: 1)
        let led = InstructionPacket.write(id: 1, address: 65, data: [1])
        #expect(bus.send(led) == [bytes("FF FF FD 00 01 04 00 55 80 A2 8F")])
        let fixed = InstructionPacket.write(id: 1, address: 0, data: [1, 0])
        #expect(bus.send(fixed) == [bytes("FF FF FD 00 01 04 00 55 87 B3 0F")])
    }
}
