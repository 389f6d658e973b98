import Physics
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("An emulated moteus in trouble")
struct MoteusTroubleTests {
    @Test("times out after 0.1 s without a command, and only a stop ends it")
    func watchdog() throws {
        let bus = try TestMoteus()
        bus.go(0.1)
        bus.wait(99)
        #expect(bus.ask()?.mode == 10)
        bus.wait(1)
        // A query does not extend the command.
        #expect(bus.ask()?.mode == 11)
        bus.go(0.1)
        #expect(bus.go(0.1)?.mode == 11)
        _ = bus.ask { $0.set(.stopped) }
        bus.go(0.1)
        bus.wait(10)
        #expect(bus.ask()?.mode == 10)
        #expect(bus.core.controllers[0].timeouts == 1)
    }

    @Test("keeps to the watchdog time of the command; NaN is for ever")
    func watchdogTime() throws {
        let bus = try TestMoteus()
        bus.go(0) { $0.watchdogTimeout = 0.5 }
        bus.wait(499)
        #expect(bus.ask()?.mode == 10)
        bus.wait(1)
        #expect(bus.ask()?.mode == 11)
        _ = bus.ask { $0.set(.stopped) }
        bus.go(0) { $0.watchdogTimeout = .nan }
        bus.wait(60_000)
        #expect(bus.ask()?.mode == 10)
    }

    @Test(
        "does in a timeout what is configured",
        arguments: [(0, true), (12, false), (15, false), (10, false)]
    )
    func timeoutMode(mode: Int, coasts: Bool) throws {
        let bus = try TestMoteus(setUp: { $0.timeoutMode = mode })
        bus.go(.nan)
        bus.wait(6)
        for _ in 0..<10 {
            bus.go(.nan) { $0.velocity = 2 }
            bus.wait(50)
        }
        #expect(abs(bus.state.velocity - 2) < 0.05)
        bus.wait(2000)
        let state = bus.state
        #expect(state.mode == 11)
        #expect((state.velocity > 1.5) == coasts, "\(state.velocity) rev/s")
    }

    @Test("stops with a fault, ignores goals, and forgets it when told to stop")
    func fault() throws {
        let bus = try TestMoteus()
        bus.go(0)
        bus.wait(10)
        bus.core.inject(.fault(33), controller: 1)
        let moved = try #require(bus.go(0.2))
        #expect(moved.mode == 1 && moved.fault == .motorDriver)
        bus.wait(50)
        #expect(abs(bus.state.position) < 1e-3)
        let stopped = bus.ask { $0.set(.stopped) }
        #expect(stopped?.mode == 0 && stopped?.fault == MoteusFault.none)
    }

    @Test("gives up on heat and supply, but only while it has torque")
    func conditions() throws {
        for (trouble, fault) in [
            (MoteusTrouble.temperature(95), MoteusFault.overTemperature),
            (.inputVoltage(9), .underVoltage), (.inputVoltage(50), .overVoltage),
        ] {
            let bus = try TestMoteus()
            bus.core.inject(trouble, controller: 1)
            bus.wait(20)
            #expect(bus.ask()?.mode == 0)
            bus.go(0)
            bus.wait(20)
            let state = bus.state
            #expect(state.mode == 1 && state.fault == fault)
        }
    }

    @Test("refuses torque outside of its position bounds")
    func bounds() throws {
        let bus = try TestMoteus(setUp: { $0.positionBounds = -0.1...0.1 })
        for _ in 0..<40 {
            bus.go(0.4)
            bus.wait(50)
        }
        #expect(abs(bus.state.position - 0.1) < 0.001)
        _ = bus.ask { $0.set(.stopped) }
        bus.motors.setAngle(servo: 0, 2 * .pi * 0.3)
        bus.wait(10)
        bus.go(0)
        bus.wait(10)
        #expect(bus.ask()?.fault == .outsideLimit)
    }

    @Test("loses, damages and delays replies as told")
    func replies() throws {
        let bus = try TestMoteus()
        bus.core.inject(.dropReplies(2), controller: 1)
        #expect(bus.ask() == nil)
        #expect(bus.ask() == nil)
        #expect(bus.ask() != nil)
        bus.core.inject(.corruptReplies(1), controller: 1)
        #expect(bus.ask() == nil)
        #expect(bus.ask() != nil)
        bus.core.inject(.delayReplies(1, nanoseconds: 7_000_000), controller: 1)
        let query = Array("can send 8001 11001F01130D BF\n".utf8)
        let late = bus.core.receive(query, rate: nil, now: bus.now)
        #expect(late.map { $0.time - bus.now } == [0, 7_000_000])
        bus.core.inject(.disconnected(true), controller: 1)
        #expect(bus.ask() == nil)
        bus.core.inject(.disconnected(false), controller: 1)
        #expect(bus.ask() != nil)
    }

    @Test("takes the bytes' own time over USB and CAN")
    func honestTiming() throws {
        let bus = try TestMoteus(change: { $0.timing = .honest })
        let query = Array("can send 8001 11001F01130D BF\n".utf8)
        let replies = bus.core.receive(query, rate: nil, now: bus.now)
        let times = replies.map { $0.time - bus.now }
        // 30 characters in, `OK` and line end out, at 12 Mbit/s.
        #expect(times[0] == (30 * 8 + 4 * 8) * 1000 / 12)
        // Then 49 slow and 80 fast bits out, 50 us, 30 slow and 229 fast bits back, 67 characters.
        let can: Int64 = 49_000 + 80 * 200 + 50_000 + 30_000 + 229 * 200
        let line = Int64(replies[1].bytes.count)
        #expect(times[1] == 30 * 8 * 1000 / 12 + can + line * 8 * 1000 / 12)
        #expect(line == 9 + 48 + 8 + 2)
    }

    @Test("a stepped clock goes on when every controller has its goal, or one its second")
    func stepped() throws {
        let bus = try TestMoteus(
            ids: [1, 2, 3],
            change: { $0.clock = .stepped(tickNanoseconds: 10_000_000) }
        )
        #expect(bus.motors.stepCount == 0)
        for round in 1...3 {
            for id in [1, 2, 3] as [UInt8] {
                #expect(bus.motors.stepCount == UInt64(round - 1) * 10)
                bus.go(to: id, 0)
            }
            #expect(bus.motors.stepCount == UInt64(round) * 10)
        }
        bus.wait(10_000)
        _ = bus.ask()
        #expect(bus.motors.stepCount == 30)
        bus.go(to: 2, 0)
        bus.go(to: 2, 0)
        #expect(bus.motors.stepCount == 40)
        // Time is physics time for the watchdogs too.
        for _ in 0..<10 { bus.go(to: 2, 0) }
        #expect(bus.ask(to: 2)?.mode == 10)
        #expect(bus.ask(to: 1)?.mode == 11)
    }
}
