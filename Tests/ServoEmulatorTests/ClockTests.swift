import Robot
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Physics follow the clock they are given")
struct ClockTests {
    private let tick: Int64 = 10_000_000

    private func goals(_ ids: [UInt8]) -> InstructionPacket {
        let items = ids.map { SyncWriteItem(id: $0, data: [0, 8, 0, 0]) }
        return .syncWrite(address: 116, count: 4, items)
    }

    private func elapsed(_ bus: TestBus) -> Int {
        bus.core.plant.ticks
    }

    @Test("stepped: one tick for each packet that writes goals, however many")
    func stepped() {
        var bus = TestBus([1, 2, 3]) { $0.clock = .stepped(tickNanoseconds: 10_000_000) }
        bus.wait(5000)
        #expect(elapsed(bus) == 0)
        _ = bus.send(goals([1, 2, 3]))
        #expect(elapsed(bus) == 1)
        _ = bus.position()
        _ = bus.write(65, 1, size: 1)
        #expect(elapsed(bus) == 1)
        _ = bus.write(116, 2048, size: 4)
        #expect(elapsed(bus) == 2)
        let items = [1, 2].map { BulkWriteItem(id: $0, address: 116, data: [0, 8, 0, 0]) }
        _ = bus.send(.bulkWrite(items))
        #expect(elapsed(bus) == 3)
        _ = bus.send(.regWrite(id: 1, address: 116, data: [0, 8, 0, 0]))
        #expect(elapsed(bus) == 3)
        _ = bus.send(.action(id: 1))
        #expect(elapsed(bus) == 4)
        // The servo's own clock is physics time.
        #expect(bus.read(120, size: 2) == 40)
    }

    @Test("stepped: a goal is in force in the tick it starts")
    func goalFirst() {
        var bus = TestBus { $0.clock = .stepped(tickNanoseconds: 10_000_000) }
        _ = bus.write(64, 1, size: 1)
        _ = bus.write(116, 3000, size: 4)
        #expect(bus.position() != 2048)
    }

    @Test("stepped: a plant behind two buses runs once for the two goal packets of a tick")
    func twoBuses() {
        var options = EmulatorOptions()
        options.clock = .stepped(tickNanoseconds: tick)
        let setups = [
            EmulatedServoSetup(table: .xm430w210, id: 1, plantIndex: 0),
            EmulatedServoSetup(table: .xm430w210, id: 1, plantIndex: 1),
        ]
        let plant = SharedPlant(FixedPlant(servoCount: 2))
        var first = BusCore(
            servos: [setups[0]],
            plant: plant,
            options: options,
            busIndex: 0,
            now: 0
        )
        var second = BusCore(
            servos: [setups[1]],
            plant: plant,
            options: options,
            busIndex: 1,
            now: 0
        )
        for round in 1...5 {
            _ = first.handle(goals([1]), now: 0)
            #expect(plant.ticks == round)
            _ = second.handle(goals([1]), now: 0)
            #expect(plant.ticks == round)
        }
        let run = plant.withPlant { plant in (plant as? FixedPlant)?.elapsed }
        #expect(run == 5 * tick)
    }

    @Test("real: two buses bring one plant to the later of their times, once")
    func sharedTime() {
        let plant = SharedPlant(FixedPlant(servoCount: 2))
        var first = BusCore(
            servos: [EmulatedServoSetup(table: .xm430w210, id: 1, plantIndex: 0)],
            plant: plant,
            busIndex: 0,
            now: 1000
        )
        var second = BusCore(
            servos: [EmulatedServoSetup(table: .xm430w210, id: 1, plantIndex: 1)],
            plant: plant,
            busIndex: 1,
            now: 1000
        )
        _ = first.advance(to: 5_001_000)
        _ = second.advance(to: 3_001_000)
        _ = second.advance(to: 6_001_000)
        _ = first.advance(to: 6_001_000)
        let run = plant.withPlant { plant in (plant as? FixedPlant)?.elapsed }
        #expect(run == 6_000_000)
    }

    @Test("a robot's servos stand at its reset pose, on its buses, at their rates")
    func setups() throws {
        var robot = TestRobot.robot()
        let setups = try EmulatedServoSetup.setups(for: robot, returnDelay: 250)
        #expect(setups.map { $0.map(\.id) } == [[10], [10]])
        #expect(setups.map { $0.map(\.plantIndex) } == [[0], [1]])
        // A quarter turn is 1024 pulses, downwards for joint b.
        #expect(setups.map { $0.map(\.initialPulses) } == [[2048], [1976]])
        #expect(setups.map { $0.map(\.baudRate) } == [[1_000_000], [57_600]])
        robot.buses[1].baudRate = 123_456
        #expect(throws: EmulatorError.unknownBaudRate(model: "XM430-W210", rate: 123_456)) {
            try EmulatedServoSetup.setups(for: robot)
        }
    }
}
