import Physics
import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Positions are counted as the manual says")
struct PositionTests {
    @Test(
        "power-up folds the encoder into one turn",
        arguments: [(0, 0), (4095, 4095), (4096, 0), (5000, 904), (-1, 4095), (-4097, 4095)]
    )
    func powerUp(raw: Int, shown: Int) {
        var bus = TestBus(pulses: raw)
        #expect(bus.position() == shown)
        #expect(bus.read(116, size: 4) == shown)
    }

    @Test("with torque off the count goes on over many turns; torque on folds it")
    func folding() {
        var bus = TestBus()
        bus.turn(0, to: 2048 + 3 * 4096)
        #expect(bus.position() == 2048 + 3 * 4096)
        #expect(bus.write(116, 2048, size: 4) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        #expect(bus.position() == 2048)
        bus.wait(1000)
        // Nothing moved: the goal is on the folded turn, not three turns back.
        #expect(bus.position() == 2048)
    }

    @Test("extended mode is not folded by torque and turns on to its goal")
    func extended() {
        var bus = TestBus()
        #expect(bus.write(11, 4, size: 1) == 0)
        bus.turn(0, to: 10_000)
        #expect(bus.write(116, -6000, size: 4) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        #expect(bus.position() == 10_000)
        bus.wait(10_000)
        #expect(bus.position() == -6000)
    }

    @Test("a homing offset shifts the register, not the shaft", arguments: [1000, -700])
    func homing(offset: Int) {
        var bus = TestBus()
        #expect(bus.write(20, offset, size: 4) == 0)
        #expect(bus.position() == 2048 + offset)
        #expect(bus.write(116, 2048 + offset, size: 4) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        bus.wait(500)
        #expect(bus.position() == 2048 + offset)
        #expect(bus.core.servos[0].measurement.pulses == 2048)
    }

    @Test("position mode ignores a homing offset beyond a quarter turn, extended mode does not")
    func homingRange() {
        var bus = TestBus()
        #expect(bus.write(20, 1025, size: 4) == 0)
        #expect(bus.position() == 2048)
        #expect(bus.write(11, 4, size: 1) == 0)
        #expect(bus.position() == 2048 + 1025)
    }

    @Test("reverse mode mirrors position, velocity and goals, not the homing offset")
    func reverse() {
        var bus = TestBus(pulses: 1000)
        #expect(bus.write(10, 1, size: 1) == 0)
        #expect(bus.position() == 3096)
        #expect(bus.write(20, 100, size: 4) == 0)
        #expect(bus.position() == 3196)
        #expect(bus.write(112, 30, size: 4) == 0)
        #expect(bus.write(116, 3696, size: 4) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        bus.wait(300)
        let velocity = bus.read(128, size: 4, signed: true) ?? 0
        #expect(velocity > 0)
        bus.wait(5000)
        #expect(bus.position() == 3696)
        // 500 pulses up in the register is 500 pulses down at the encoder.
        #expect(bus.core.servos[0].measurement.pulses == 500)
    }

    @Test("clear folds at rest only, and the motor stays where it is")
    func clear() {
        var bus = TestBus()
        #expect(bus.write(11, 4, size: 1) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        #expect(bus.write(112, 300, size: 4) == 0)
        #expect(bus.write(116, 9000, size: 4) == 0)
        bus.wait(100)
        #expect(bus.ask(.clear(id: 1)).first?.error.rawValue == 1)
        bus.wait(10_000)
        #expect(bus.ask(.clear(id: 1)).first?.error.rawValue == 0)
        #expect(bus.position() == 9000 - 8192)
        bus.wait(1000)
        #expect(bus.position() == 9000 - 8192)
        let wrong = InstructionPacket(id: 1, instruction: .clear, parameters: [2, 0, 0, 0, 0])
        #expect(bus.ask(wrong).first?.error.rawValue == 4)
    }

    @Test("a goal set before torque comes on is what torque goes to, unless told otherwise")
    func staleGoal() {
        var kept = TestBus()
        #expect(kept.write(116, 1000, size: 4) == 0)
        #expect(kept.write(64, 1, size: 1) == 0)
        kept.wait(2000)
        #expect(kept.position() == 1000)
        var present = TestBus { $0.goalOnTorque = .present }
        #expect(present.write(116, 1000, size: 4) == 0)
        #expect(present.write(64, 1, size: 1) == 0)
        #expect(present.read(116, size: 4) == 2048)
        present.wait(2000)
        #expect(present.position() == 2048)
    }

    @Test("Drive Mode bit 3 switches torque on with a goal")
    func torqueByGoal() {
        var bus = TestBus()
        #expect(bus.write(10, 8, size: 1) == 0)
        #expect(bus.write(116, 1500, size: 4) == 0)
        #expect(bus.read(64, size: 1) == 1)
        bus.wait(2000)
        #expect(bus.position() == 1500)
    }

    @Test("a velocity profile takes the time that the manual's formula gives")
    func trapezoid() {
        // V = 60, A = 12: ramps of 64 * 60 / 12 = 320 ms (manual, Profile Acceleration).
        // V is 60 * 15.63 = 938 pulses/s, so 1500 pulses take 1500 / 938 s + 320 ms = 1.92 s.
        var bus = TestBus()
        _ = bus.write(112, 60, size: 4)
        _ = bus.write(108, 12, size: 4)
        _ = bus.write(116, 548, size: 4)
        _ = bus.write(64, 1, size: 1)
        bus.wait(900)
        #expect(bus.read(122, size: 1) == 1)
        // Trapezoid, profile ongoing.
        #expect(bus.read(123, size: 1).map { $0 & 0x32 } == 0x32)
        #expect(bus.read(136, size: 4, signed: true) == -60)
        bus.wait(960)
        #expect(bus.read(123, size: 1).map { $0 & 2 } == 2)
        bus.wait(110)
        #expect(bus.read(123, size: 1).map { $0 & 2 } == 0)
        #expect(bus.read(140, size: 4, signed: true) == 548)
        #expect(bus.read(136, size: 4, signed: true) == 0)
    }

    @Test("a time-based profile takes the time that was asked for")
    func timeBased() {
        var bus = TestBus()
        _ = bus.write(10, 4, size: 1)
        _ = bus.write(112, 1000, size: 4)
        _ = bus.write(108, 250, size: 4)
        _ = bus.write(116, 1048, size: 4)
        _ = bus.write(64, 1, size: 1)
        bus.wait(950)
        #expect(bus.read(123, size: 1).map { $0 & 2 } == 2)
        bus.wait(100)
        #expect(bus.read(123, size: 1).map { $0 & 2 } == 0)
    }

    @Test("a step shows no profile, and in position when it is there")
    func step() {
        var bus = TestBus()
        _ = bus.write(64, 1, size: 1)
        _ = bus.write(116, 3000, size: 4)
        #expect(bus.read(123, size: 1).map { $0 & 0x39 } == 8)
        bus.wait(2000)
        #expect(bus.read(123, size: 1) == 1)
        #expect(bus.read(122, size: 1) == 0)
    }

    @Test("the realtime tick counts milliseconds and wraps behind 32767")
    func realtimeTick() {
        var bus = TestBus()
        #expect(bus.read(120, size: 2) == 0)
        bus.wait(32_767)
        #expect(bus.read(120, size: 2) == 32_767)
        bus.wait(1)
        #expect(bus.read(120, size: 2) == 0)
    }

    @Test("the bytes of a read from 126 are current, velocity and position with their signs")
    func presentBytes() {
        var measurement = ServoMeasurement()
        measurement.current = -5
        measurement.velocity = 10
        measurement.pulses = 2048
        let plant = FixedPlant(measurement)
        let setup = EmulatedServoSetup(table: .xm430w210, id: 1, plantIndex: 0)
        var options = EmulatorOptions()
        options.timing = .instant
        var core = BusCore(servos: [setup], plant: SharedPlant(plant), options: options, now: 0)
        core.plant.withPlant { plant in
            var moved = measurement
            moved.pulses = -100
            (plant as? FixedPlant)?.measurement = moved
        }
        let replies = core.handle(InstructionPacket.read(id: 1, address: 126, count: 10), now: 1)
        let printed = bytes("FF FF FD 00 01 0E 00 55 00 FB FF 0A 00 00 00 9C FF FF FF 2E E2")
        #expect(replies.map(\.bytes) == [printed])
    }
}

/// A plant that measures what it is told and never moves.
final class FixedPlant: ServoPlant {
    var measurement: ServoMeasurement
    private(set) var commands: [ServoCommand] = []
    private(set) var elapsed: Int64 = 0
    let servoCount: Int

    init(_ measurement: ServoMeasurement = ServoMeasurement(), servoCount: Int = 1) {
        self.measurement = measurement
        self.servoCount = servoCount
    }

    func command(servo: Int, _ command: ServoCommand) { commands.append(command) }
    func advance(nanoseconds: Int64) { elapsed += nanoseconds }
    func measure(servo: Int) -> ServoMeasurement { measurement }
}
