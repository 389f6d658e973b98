import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Group requests follow the list")
struct ChainTests {
    @Test("statuses come in the order of the list, not of the IDs")
    func order() {
        var bus = TestBus([1, 2, 3])
        let statuses = bus.ask(.syncRead(ids: [3, 1, 2], address: 0, count: 2))
        #expect(statuses.map(\.id) == [3, 1, 2])
    }

    @Test("behind a missing servo there is silence")
    func gap() {
        var bus = TestBus([1, 2])
        #expect(bus.ask(.syncRead(ids: [1, 9, 2], address: 132, count: 4)).map(\.id) == [1])
        let items = [9, 1].map { BulkReadItem(id: $0, address: 132, count: 4) }
        #expect(bus.ask(.bulkRead(items)).isEmpty)
    }

    @Test("with a time-out, servos behind a gap answer that much later")
    func gapWithTimeOut() {
        var bus = TestBus([1, 2]) {
            $0.timing = .honest
            $0.chainGap = .wait(nanoseconds: 7_000_000)
        }
        let request = InstructionPacket.syncRead(ids: [1, 9, 2], address: 132, count: 4)
        let replies = bus.core.handle(request, now: bus.now)
        #expect(replies.count == 2)
        // 17 request bytes, a status of 15, the gap, a status of 15.
        #expect(replies.map { $0.time - bus.now } == [320_000, 7_470_000])
    }

    @Test("a servo that may not answer is a gap as well")
    func silentLevel() {
        var bus = TestBus([1, 2])
        _ = bus.write(68, 0, size: 1, id: 1)
        #expect(bus.ask(.syncRead(ids: [1, 2], address: 132, count: 4)).isEmpty)
        #expect(bus.ask(.syncRead(ids: [2, 1], address: 132, count: 4)).map(\.id) == [2])
    }

    @Test("a fast read breaks off at the gap, so that no host takes it for complete")
    func fastGap() {
        var bus = TestBus([1, 2])
        let request = InstructionPacket.fastSyncRead(ids: [1, 9, 2], address: 132, count: 4)
        let frames = bus.send(request)
        #expect(frames.map(\.count) == [8 + 8])
        var decoder = PacketDecoder()
        for frame in frames { decoder.append(frame) }
        #expect(decoder.next() == nil)
    }

    @Test("old firmware does not know fast reads", arguments: [44, 45])
    func fastFirmware(version: Int) {
        var bus = TestBus { $0.firmwareVersion = UInt8(version) }
        let request = InstructionPacket.fastSyncRead(ids: [1], address: 132, count: 4)
        #expect(bus.send(request).count == (version >= 45 ? 1 : 0))
    }

    @Test("in a group write a refusing servo does not stop the others")
    func partlyRefused() {
        var bus = TestBus([1, 2])
        _ = bus.write(48, 1000, size: 4, id: 1)
        let goal: [UInt8] = [0xD0, 0x07, 0, 0]
        let items = [SyncWriteItem(id: 1, data: goal), SyncWriteItem(id: 2, data: goal)]
        #expect(bus.ask(.syncWrite(address: 116, count: 4, items)).isEmpty)
        #expect(bus.read(116, size: 4, id: 1) == 2048)
        #expect(bus.read(116, size: 4, id: 2) == 2000)
        #expect(bus.core.counters.silentRefusals == 1)
    }

    @Test("two servos of one ID garble their answers unless they say the same")
    func collision() {
        var bus = TestBus([5, 5])
        #expect(bus.ask(.ping(id: 5)).count == 1)
        bus.turn(0, to: 0b0101)
        bus.turn(1, to: 0b0011)
        #expect(bus.send(.read(id: 5, address: 132, count: 4)).count == 1)
        #expect(bus.ask(.read(id: 5, address: 132, count: 4)).isEmpty)
    }

    @Test("a broadcast write is done by all and answered by none; a broadcast read is ignored")
    func broadcast() {
        var bus = TestBus([1, 2])
        #expect(bus.send(.write(id: 254, address: 65, data: [1])).isEmpty)
        #expect(bus.read(65, size: 1, id: 1) == 1)
        #expect(bus.read(65, size: 1, id: 2) == 1)
        #expect(bus.send(.read(id: 254, address: 65, count: 1)).isEmpty)
    }

    @Test("an unknown instruction is answered with error 2, by its own servo only")
    func unknown() {
        var bus = TestBus([1, 2])
        let packet = DecodedPacket.unknown(id: 2, instruction: 0x0A, parameters: [])
        let replies = bus.core.handle(packet, now: bus.now)
        let status = StatusPacket(id: 2, error: StatusError(.instruction))
        #expect(replies.map(\.bytes) == [status.encoded()])
    }

    @Test("damaged and foreign requests never trap (seeded)", arguments: [1, 2, 3, 4])
    func fuzz(seed: UInt64) {
        var random = SplitMix(state: seed)
        var bus = TestBus([1, 2, 3])
        for _ in 0..<3000 {
            let instructions = DynamixelInstruction.allCases
            let instruction = instructions[Int(random.next() % UInt64(instructions.count))]
            let ids: [UInt8] = [1, 2, 3, 9, 254]
            let count = Int(random.next() % 24)
            var parameters = (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
            // Half of the addresses in the table's first page, and small counts.
            if count > 3, random.next() % 2 == 0 { parameters[1] = 0 }
            if count > 3, random.next() % 2 == 0 { parameters[3] = 0 }
            let request = InstructionPacket(
                id: ids[Int(random.next() % 5)],
                instruction: instruction,
                parameters: parameters
            )
            bus.wait(Int64(random.next() % 30))
            for reply in bus.send(request) {
                #expect(reply.count <= Dynamixel2.longestFrame, "seed \(seed)")
            }
        }
    }
}

/// A small generator with a seed (Steele, Lea and Flood 2014), so that a failure can be repeated.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
