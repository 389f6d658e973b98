import CAllocationCount
import Robot
import ServoProtocol
import Testing

@testable import Safety
@testable import ServoEmulator
@testable import ServoHardware

/// How often the work asked the heap for memory on this thread; servos answer on another.
private func allocations(_ work: () throws -> Void) rethrows -> Int {
    let before = allocation_count()
    try work()
    return Int(allocation_count() - before)
}

@Suite("What a tick does to a bus asks for no memory", .serialized, .timeLimit(.minutes(1)))
struct HostAllocationTests {
    @Test(
        "the bus engine's cycle, with one status a servo and with a shared one",
        arguments: [false, true]
    )
    func engine(fast: Bool) throws {
        var options = EmulatorOptions()
        options.timing = .instant
        let setups = (0..<9).map { index in
            EmulatedServoSetup(table: .xm430w210, id: UInt8(10 + index), plantIndex: index)
        }
        let bus = try EmulatedBus(
            servos: setups,
            plant: FreeServoPlant(setups: setups),
            options: options
        )
        bus.start()
        defer { bus.stop() }
        let probe = try BusProbe(
            port: bus.path,
            baudRate: 1_000_000,
            ids: setups.map(\.id),
            usesFastRead: fast
        )
        for _ in 0..<20 { _ = try probe.cycle(goal: 2048) }
        let lost = probe.lost
        let found = try allocations {
            for goal in 0..<100 { _ = try probe.cycle(goal: 2000 + goal) }
        }
        // A machine that stood still for 20 ms had something to set right.
        if probe.lost == lost { #expect(found == 0, "\(found) in 100 cycles") }
        probe.close()
    }

    @Test("the body's cycle: reading, a piece of health, writing")
    func body() throws {
        var options = EmulatorOptions()
        options.timing = .instant
        options.clock = .stepped(tickNanoseconds: TestRobot.tick)
        let rates = [1_000_000, 1_000_000]
        let robot = TestRobot.robot(rates: rates)
        let setups = try EmulatedServoSetup.setups(for: robot).flatMap { $0 }
        let servos = try EmulatedRobot(
            robot: robot,
            plant: FreeServoPlant(setups: setups),
            options: options
        )
        servos.start()
        defer { servos.stop() }
        let body = try ServoBody.connect(
            robot: TestRobot.robot(ports: servos.paths, rates: rates),
            pacing: .stepped
        )
        var state = BodyState(jointCount: 2)
        func cycle(_ tick: UInt64) {
            let timing = body.waitForTick()
            body.read(into: &state)
            var positions = JointArray<Radians?>(count: 2, repeating: nil)
            positions[0] = 0.1
            positions[1] = 1.2
            body.write(SafeGoal(positions: positions, tick: tick, time: timing.start))
        }
        for tick in 0..<20 { cycle(UInt64(tick)) }
        let found = allocations { for tick in 0..<100 { cycle(UInt64(tick)) } }
        #expect(found == 0, "\(found) in 100 cycles")
    }
}
