import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Servos fail as the manual says they do")
struct ServoFaultTests {
    private func begin(_ bus: inout TestBus, _ kind: FaultKind, _ value: Double? = nil) -> Bool {
        bus.core.begin(kind, unit: 1, value: value, now: bus.now)
    }

    private func ping(_ bus: inout TestBus) -> StatusPacket? { bus.ask(.ping(id: 1)).first }

    @Test("an alert sets the bit in every status and the register, torque stays")
    func alert() {
        var bus = TestBus([1, 2])
        bus.write(64, 1, size: 1)
        #expect(begin(&bus, .alert))
        #expect(ping(&bus)?.error.isAlert == true)
        #expect(bus.read(70, size: 1) == 1)
        #expect(bus.read(64, size: 1) == 1)
        #expect(bus.ask(.ping(id: 2)).first?.error.isAlert == false)
        bus.core.end(.alert, unit: 1, now: bus.now)
        #expect(bus.read(70, size: 1) == 1, "until a reboot")
        #expect(bus.ask(.reboot(id: 1)).count == 1)
        #expect(bus.read(70, size: 1) == 0)
    }

    @Test("overload and overheating switch torque off; it stays off until the cause is gone")
    func shutdown() {
        for (kind, bit) in [(FaultKind.overload, 0x20), (.overheating, 0x04)] {
            var bus = TestBus()
            bus.write(64, 1, size: 1)
            #expect(begin(&bus, kind))
            bus.wait(10)
            #expect(bus.read(64, size: 1) == 0)
            #expect(bus.read(70, size: 1) == bit)
            #expect(bus.write(64, 1, size: 1) & 0x7F == 1, "result fail")
            bus.core.end(kind, unit: 1, now: bus.now)
            _ = bus.ask(.reboot(id: 1))
            #expect(bus.write(64, 1, size: 1) == 0)
        }
    }

    @Test("a brown-out shows first as too little voltage, then as a restart")
    func brownOut() {
        var bus = TestBus()
        bus.write(64, 1, size: 1)
        bus.write(84, 321, size: 2)
        #expect(begin(&bus, .brownOut, 6))
        #expect(bus.read(144, size: 2) == 60)
        #expect(bus.read(70, size: 1) == 1)
        bus.core.end(.brownOut, unit: 1, now: bus.now)
        #expect(bus.read(64, size: 1) == 0)
        #expect(bus.read(84, size: 2) == 800, "the gain of the factory")
        #expect(bus.read(70, size: 1) == 0)
        #expect(bus.read(144, size: 2) == 120)
    }

    @Test("a tripped watchdog shows 0xFF and refuses goals; it cannot trip while it is off")
    func watchdog() {
        var bus = TestBus()
        #expect(!begin(&bus, .watchdogTrip))
        bus.write(98, 10, size: 1)
        bus.write(64, 1, size: 1)
        #expect(begin(&bus, .watchdogTrip))
        #expect(bus.read(98, size: 1) == 0xFF)
        #expect(bus.write(116, 2100, size: 4) & 0x7F == 4, "data range")
    }

    @Test("a wrong ID is in the answers, and what is asked under it stays unanswered")
    func wrongID() {
        var bus = TestBus([1, 2])
        #expect(begin(&bus, .wrongID))
        #expect(ping(&bus)?.id == 2)
        let both = bus.ask(.syncRead(ids: [1, 2], address: 132, count: 4))
        #expect(both.map(\.id) == [2, 2])
        bus.core.end(.wrongID, unit: 1, now: bus.now)
        #expect(ping(&bus)?.id == 1)
    }

    @Test("two servos on one ID destroy each other's data, and what both say alike survives")
    func collision() {
        var bus = TestBus()
        #expect(begin(&bus, .idCollision))
        #expect(ping(&bus)?.id == 1)
        #expect(bus.ask(.read(id: 1, address: 132, count: 4)).isEmpty)
        #expect(bus.send(.read(id: 1, address: 132, count: 4)).count == 1)
        bus.core.end(.idCollision, unit: 1, now: bus.now)
        #expect(bus.position() == 2048)
    }

    @Test("a fault for a servo that is not there says so")
    func nobody() {
        var bus = TestBus()
        let begun = bus.core.begin(.reboot, unit: 9, value: nil, now: bus.now)
        #expect(!begun)
    }
}
