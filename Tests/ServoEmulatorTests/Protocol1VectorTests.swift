import Testing

@testable import ServoEmulator
@testable import ServoProtocol

/// Frames printed in the makers' manuals, byte for byte, with the servo in the state that the
/// example has.
@Suite("Protocol 1 statuses are the manuals', byte for byte")
struct Protocol1VectorTests {
    @Test(
        "a request is answered as the e-manual prints it",
        arguments: [
            ("FF FF 01 02 01 FB", "FF FF 01 02 00 FC"),
            // Present Temperature is 32.
            ("FF FF 01 04 02 2B 01 CC", "FF FF 01 03 00 20 DB"),
            ("FF FF 01 05 03 1E 00 02 D6", "FF FF 01 02 00 FC"),
            ("FF FF 01 05 04 1E F4 01 E2", "FF FF 01 02 00 FC"),
        ]
    )
    func dynamixel(request: String, status: String) {
        var bus = TestProtocol1Bus(.ax12a)
        bus.core.inject(.temperature(32), servo: 1)
        #expect(bus.send(request) == [bytes(status)])
    }

    @Test("a reset of servo 0 is confirmed by 0, which is 1 from then on")
    func reset() {
        var bus = TestProtocol1Bus(.ax12a, [0])
        #expect(bus.send("FF FF 00 02 06 F7") == [bytes("FF FF 00 02 00 FD")])
        #expect(bus.core.servos[0].id == 1)
        #expect(bus.core.servos[0].value(of: .returnDelayTime) == 250)
    }

    @Test("overload and overheating have their bits")
    func errors() {
        var bus = TestProtocol1Bus(.ax12a)
        bus.core.inject(.hardwareError(0x20), servo: 1)
        bus.core.inject(.temperature(71), servo: 1)
        #expect(bus.send("FF FF 01 02 01 FB") == [bytes("FF FF 01 02 24 D8")])
    }

    @Test("what all are told nobody answers")
    func broadcast() {
        var bus = TestProtocol1Bus(.ax12a, [1, 2])
        // Action, then a sync write of goals and speeds to IDs 0 and 1.
        #expect(bus.send("FF FF FE 02 05 FA").isEmpty)
        #expect(
            bus.send("FF FF FE 0E 83 1E 04 00 10 00 50 01 01 20 02 60 03 67").isEmpty
        )
        #expect(bus.read(.goalPosition) == 0x220)
        #expect(bus.read(.movingSpeed) == 0x360)
        // Both become ID 1, and answer at once: what they both say arrives.
        #expect(bus.send("FF FF FE 04 03 03 01 F6").isEmpty)
        #expect(bus.core.servos.map(\.id) == [1, 1])
        #expect(bus.send("FF FF 01 02 01 FB") == [bytes("FF FF 01 02 00 FC")])
        bus.core.inject(.hardwareError(0x20), servo: 2)
    }

    @Test("a bulk read is answered by each MX in the list's order")
    func bulkRead() {
        var bus = TestProtocol1Bus(.mx28Protocol1, [1, 2])
        bus.write(.cwAngleLimit, 4095)
        bus.write(.cwAngleLimit, 4095, id: 2)
        bus.write(.goalPosition, -28_672)
        bus.turn(1, to: -32_768)
        // The manual has 0x8000 in both, which no register of an MX-28 can hold: 0x9000 instead,
        // and a check sum that is 0x10 less.
        let statuses = bus.send("FF FF FE 09 92 00 02 01 1E 02 02 24 1D")
        #expect(statuses == [bytes("FF FF 01 04 00 00 90 6A"), bytes("FF FF 02 04 00 00 90 69")])
    }

    @Test(
        "a request is answered as Feetech's manual prints it",
        arguments: [
            // Present Position is 1304.
            ("FF FF 01 04 02 38 02 BE", "FF FF 01 04 00 18 05 DD"),
            ("FF FF 01 09 03 2A 00 08 00 00 E8 03 D5", "FF FF 01 02 00 FC"),
            ("FF FF 01 09 04 2A 00 08 00 00 E8 03 D4", "FF FF 01 02 00 FC"),
            ("FF FF 01 04 03 28 01 CE", "FF FF 01 02 00 FC"),
            ("FF FF 01 04 03 37 00 C0", "FF FF 01 02 00 FC"),
            ("FF FF 01 04 02 03 02 F3", "FF FF 01 04 00 09 03 EE"),
            ("FF FF 01 02 06 F6", "FF FF 01 02 00 FC"),
            ("FF FF FE 02 01 FE", "FF FF 01 02 00 FC"),
        ]
    )
    func feetech(request: String, status: String) {
        var bus = TestProtocol1Bus(.sts3215, pulses: 1304)
        #expect(bus.send(request) == [bytes(status)])
    }

    @Test("a goal of -100 is kept as 64 80")
    func negativeGoal() {
        var bus = TestProtocol1Bus(.sts3215)
        #expect(bus.send("FF FF 01 05 03 2A 64 80 E8").count == 1)
        #expect(bus.read(.goalPosition) == -100)
        bus.core.inject(.hardwareError(0x20), servo: 1)
        #expect(bus.send("FF FF 01 02 01 FB") == [bytes("FF FF 01 02 20 DC")])
    }

    @Test("Feetech's group requests reach each servo")
    func feetechGroups() {
        var bus = TestProtocol1Bus(.sts3215, [1, 2, 3, 4])
        #expect(bus.send("FF FF FE 0A 83 2A 02 01 00 08 02 00 04 39").isEmpty)
        #expect(bus.read(.goalPosition, id: 1) == 2048)
        #expect(bus.read(.goalPosition, id: 2) == 1024)
        let four =
            "FF FF FE 20 83 2A 06 01 00 08 00 00 E8 03 02 00 08 00 00 E8 03 "
            + "03 00 08 00 00 E8 03 04 00 08 00 00 E8 03 58"
        #expect(bus.send(four).isEmpty)
        for id in 1...4 as ClosedRange<UInt8> {
            #expect(bus.read(.goalPosition, id: id) == 2048)
            #expect(bus.read(.goalVelocity, id: id) == 1000)
        }
        // Position 2048, speed and load 0, 7.4 V, 25 degrees Celsius.
        let present = "00 08 00 00 00 00 4A 19"
        let replies = bus.send("FF FF FE 06 82 38 08 01 02 36")
        #expect(replies.map { Array($0[5..<13]) } == [bytes(present), bytes(present)])
        #expect(replies.map { $0[2] } == [1, 2])
    }

    @Test("SCS words have the high byte first; SCS knows no sync read and no broadcast ping")
    func bigEndian() {
        var bus = TestProtocol1Bus(.scs0009)
        #expect(bus.send("FF FF 01 05 03 2A 02 00 CA") == [bytes("FF FF 01 02 00 FC")])
        #expect(bus.core.servos[0].value(of: .goalPosition) == 512)
        #expect(bus.send("FF FF FE 06 82 38 08 01 02 36").isEmpty)
        #expect(bus.send("FF FF FE 02 01 FE").isEmpty)
    }
}
