import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Replies come when wires and servos would let them")
struct TimingTests {
    private static let readState = InstructionPacket.syncRead(
        ids: [10, 11, 12, 20, 21, 22, 30, 31, 32],
        address: 126,
        count: 10
    )

    private func hand(returnDelay: UInt8, baud: Int = 1_000_000) -> TestBus {
        var bus = TestBus(
            [10, 11, 12, 20, 21, 22, 30, 31, 32],
            returnDelay: returnDelay
        ) { $0.timing = .honest }
        bus.core.hostBaudRate = baud
        return bus
    }

    // 23 request bytes 0.23 ms, nine statuses of 21 bytes 1.89 ms, nine return delays of 0 or
    // 0.5 ms: the manual's rules applied to a hand of nine servos at 1 Mbit/s.
    @Test("a sync read of nine servos takes its bytes and its delays", arguments: [0, 250])
    func syncRead(returnDelay: Int) {
        var bus = hand(returnDelay: UInt8(returnDelay))
        let replies = bus.core.handle(Self.readState, now: bus.now)
        let delay = Int64(returnDelay) * 2000
        #expect(replies.count == 9)
        for (index, reply) in replies.enumerated() {
            let servos = Int64(index + 1)
            #expect(reply.bytes.count == 21)
            #expect(reply.time - bus.now == 230_000 + servos * (210_000 + delay))
        }
    }

    @Test("a fast sync read is 134 bytes in 1.34 ms")
    func fastSyncRead() {
        var bus = hand(returnDelay: 0)
        var request = Self.readState
        request.instruction = .fastSyncRead
        let replies = bus.core.handle(request, now: bus.now)
        #expect(replies.map(\.bytes.count) == [134])
        let wires: Int64 = 230_000 + 1_340_000
        #expect(replies.first.map { $0.time - bus.now } == wires)
    }

    @Test("at 57600 bit/s a ping is 10 + 14 bytes of 174 µs")
    func slow() {
        var bus = TestBus { $0.timing = .honest }
        #expect(bus.write(8, 1, size: 1) == 0)
        bus.core.hostBaudRate = 57_600
        bus.wait(100)
        let replies = bus.core.handle(InstructionPacket.ping(id: 1), now: bus.now)
        #expect(replies.count == 1)
        let microseconds = (replies.first.map { $0.time - bus.now } ?? 0) / 1000
        #expect(microseconds == 24 * 10 * 1_000_000 / 57_600)
    }

    @Test("a host that does not wait is queued behind what is on the wire")
    func queue() {
        var bus = TestBus { $0.timing = .honest }
        let first = bus.core.handle(InstructionPacket.ping(id: 1), now: bus.now)
        let second = bus.core.handle(InstructionPacket.ping(id: 1), now: bus.now)
        #expect(first.first.map { $0.time - bus.now } == 240_000)
        #expect(second.first.map { $0.time - bus.now } == 480_000)
    }

    @Test("broadcast pings are a slot a number apart")
    func pingSlots() {
        var bus = TestBus([1, 3]) { $0.timing = .honest }
        let replies = bus.core.handle(InstructionPacket.ping(id: 254), now: bus.now)
        let start = bus.now + 100_000
        #expect(replies.map { $0.time - start } == [3_140_000, 9_140_000])
    }

    @Test(
        "servos hear a host whose rate is within 3 % of theirs",
        arguments: [
            (1_000_000, true), (970_000, true), (1_030_000, true), (960_000, false),
            (57_600, false), (2_000_000, false),
        ]
    )
    func rates(rate: Int, hears: Bool) {
        var bus = TestBus()
        bus.core.hostBaudRate = rate
        #expect(bus.ask(.ping(id: 1)).count == (hears ? 1 : 0))
        #expect(bus.core.counters.requestsAtWrongRate == (hears ? 0 : 1))
    }

    @Test("a new rate holds from the packet after the write on")
    func newRate() {
        var bus = TestBus()
        bus.core.hostBaudRate = 1_000_000
        #expect(bus.write(8, 6, size: 1) == 0)
        #expect(bus.ask(.ping(id: 1)).isEmpty)
        bus.core.hostBaudRate = 4_000_000
        #expect(bus.ask(.ping(id: 1)).count == 1)
    }

    @Test("a servo samples when it answers: the last of the list is the latest")
    func sampling() {
        var bus = hand(returnDelay: 250)
        let ids: [UInt8] = [10, 32]
        for id in ids {
            _ = bus.write(11, 1, size: 1, id: id)
            _ = bus.write(64, 1, size: 1, id: id)
        }
        bus.wait(50)
        let speed = SyncWriteItem(id: 10, data: [200, 0, 0, 0])
        let same = SyncWriteItem(id: 32, data: [200, 0, 0, 0])
        _ = bus.send(.syncWrite(address: 104, count: 4, [speed, same]))
        bus.wait(100)
        let statuses = bus.ask(
            .syncRead(
                ids: [10, 11, 12, 20, 21, 22, 30, 31, 32],
                address: 132,
                count: 4
            )
        )
        let positions = statuses.map { Register.value(of: $0.parameters, isSigned: true) }
        #expect(positions.count == 9)
        // Eight statuses of 0.65 ms at 200 * 15.63 pulses/s are 16 pulses.
        #expect(abs((positions.last ?? 0) - (positions.first ?? 0) - 16) <= 1)
    }
}
