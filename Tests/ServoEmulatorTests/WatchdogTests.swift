import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("The Bus Watchdog stops a servo whose host is silent")
struct WatchdogTests {
    /// A servo that turns towards 4000 with a watchdog of 100 ms.
    private func turning(
        _ ids: [UInt8] = [1],
        change: (inout EmulatorOptions) -> Void = { _ in }
    ) -> TestBus {
        var bus = TestBus(ids, pulses: 500, change: change)
        for (address, value, size) in [(112, 50, 4), (98, 5, 1), (64, 1, 1), (116, 4000, 4)] {
            #expect(bus.write(address, value, size: size) == 0)
        }
        return bus
    }

    @Test("it trips when 20 ms units are over, not before")
    func expiry() {
        var bus = turning()
        bus.wait(99)
        #expect(bus.core.servos[0].isWatchdogTripped == false)
        bus.wait(1)
        #expect(bus.core.servos[0].isWatchdogTripped)
        #expect(bus.core.counters.watchdogTrips == 1)
        #expect(bus.read(98, size: 1) == 0xFF)
    }

    @Test("motion ends where the servo was when time was up, torque stays on")
    func stops() {
        var bus = turning()
        bus.wait(60_000)
        let stopped = bus.position() ?? 0
        // 50 units of 15.63 pulses/s for a tenth of a second.
        #expect(stopped > 500 && stopped <= 500 + 79)
        bus.wait(1000)
        #expect(bus.position() == stopped)
        #expect(bus.read(64, size: 1) == 1)
        #expect(bus.read(112, size: 4) == 0)
    }

    @Test(
        "goals are refused until 0 is written; reading works",
        arguments: [(100, 10, 2), (102, 10, 2), (104, 10, 4), (116, 1000, 4)]
    )
    func refusal(address: Int, value: Int, size: Int) {
        var bus = turning()
        bus.wait(200)
        #expect(bus.write(address, value, size: size) == 4)
        #expect(bus.write(65, 1, size: 1) == 0)
        #expect(bus.write(98, 5, size: 1) == 4)
        #expect(bus.write(98, 0, size: 1) == 0)
        #expect(bus.read(98, size: 1) == 0)
        #expect(bus.write(address, value, size: size) == 0)
    }

    @Test("clearing it does not start the motion again")
    func clearing() {
        var bus = turning()
        bus.wait(200)
        let stopped = bus.position()
        #expect(bus.write(98, 0, size: 1) == 0)
        bus.wait(2000)
        #expect(bus.position() == stopped)
    }

    struct Feeding: Sendable, CustomTestStringConvertible {
        var what: String
        var request: InstructionPacket
        var feeds: Bool
        var testDescription: String { what }
    }

    static let feedings: [Feeding] = [
        Feeding(what: "ping", request: .ping(id: 1), feeds: true),
        Feeding(what: "read", request: .read(id: 1, address: 132, count: 4), feeds: true),
        Feeding(
            what: "refused write",
            request: .write(id: 1, address: 0, data: [0, 0]),
            feeds: true
        ),
        Feeding(
            what: "sync write that names it",
            request: .syncWrite(
                address: 65,
                count: 1,
                [SyncWriteItem(id: 2, data: [0]), SyncWriteItem(id: 1, data: [0])]
            ),
            feeds: true
        ),
        Feeding(
            what: "sync write that names another",
            request: .syncWrite(address: 65, count: 1, [SyncWriteItem(id: 2, data: [0])]),
            feeds: false
        ),
        Feeding(
            what: "sync read that names it behind a gap",
            request: .syncRead(ids: [9, 1], address: 132, count: 4),
            feeds: true
        ),
        Feeding(
            what: "bulk read that names it",
            request: .bulkRead([BulkReadItem(id: 1, address: 132, count: 4)]),
            feeds: true
        ),
        Feeding(what: "ping of another", request: .ping(id: 2), feeds: false),
        Feeding(what: "broadcast ping", request: .ping(id: 254), feeds: false),
        Feeding(
            what: "broadcast write",
            request: .write(id: 254, address: 65, data: [0]),
            feeds: false
        ),
    ]

    @Test("only packets that name the servo feed it", arguments: feedings)
    func feeding(row: Feeding) {
        var bus = turning([1, 2])
        bus.wait(90)
        _ = bus.send(row.request)
        bus.wait(90)
        #expect(bus.core.servos[0].isWatchdogTripped == !row.feeds)
    }

    @Test("any packet feeds it if the options say so")
    func lenient() {
        var bus = turning([1, 2]) { $0.watchdogFeeding = .anyPacket }
        bus.wait(90)
        _ = bus.send(.ping(id: 2))
        bus.wait(90)
        #expect(bus.core.servos[0].isWatchdogTripped == false)
    }

    @Test("it sleeps while torque is off and starts anew with torque")
    func torqueOff() {
        var bus = TestBus()
        #expect(bus.write(98, 5, size: 1) == 0)
        bus.wait(1000)
        #expect(bus.core.servos[0].isWatchdogTripped == false)
        #expect(bus.write(64, 1, size: 1) == 0)
        bus.wait(99)
        #expect(bus.core.servos[0].isWatchdogTripped == false)
        bus.wait(1)
        #expect(bus.core.servos[0].isWatchdogTripped)
    }

    @Test("under the stepped clock it counts physics time")
    func stepped() {
        var bus = turning([1, 2]) { $0.clock = .stepped(tickNanoseconds: 10_000_000) }
        bus.wait(60_000)
        #expect(bus.core.servos[0].isWatchdogTripped == false)
        // The servo's own goal packet, the last to name it, ran 10 ms; nine more make 100 ms.
        for _ in 0..<8 { #expect(bus.write(116, 700, size: 4, id: 2) == 0) }
        #expect(bus.core.servos[0].isWatchdogTripped == false)
        #expect(bus.write(116, 700, size: 4, id: 2) == 0)
        #expect(bus.core.servos[0].isWatchdogTripped)
    }
}
