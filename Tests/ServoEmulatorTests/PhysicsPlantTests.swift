import Physics
import Robot
import ServoProtocol
import Testing

@testable import ServoEmulator

/// One XL330-M288 of `robots/one-servo.xml` behind registers, its zero beyond the first turn.
@Suite("Physics behind registers move as registers say")
struct PhysicsPlantTests {
    private static let zeroPulse = 5000
    private static let pulse = 2 * Double.pi / 4096
    /// Static friction holds a P-only loop this far from its goal at most (3 degrees).
    private static let slack = 0.052

    private func bus(direction: Int) throws -> TestBus {
        let joint = PlantJoint(
            name: "joint",
            servo: .xl330m288,
            calibration: JointCalibration(zeroPulse: Self.zeroPulse, direction: direction)
        )
        let plant = try Plant(
            modelPath: PythonPeer.packageRoot + "/robots/one-servo.xml",
            joints: [joint]
        )
        let setup = EmulatedServoSetup(
            table: .xl330m288,
            id: 1,
            plantIndex: 0,
            nominalVoltage: 5
        )
        return TestBus(setups: [setup], plant: SharedPlant(PhysicsServoPlant(plant)))
    }

    private func angle(_ bus: TestBus) -> Double {
        bus.core.plant.withPlant { ($0 as? PhysicsServoPlant)?.plant.angle(servo: 0) ?? .nan }
    }

    private func turn(_ bus: TestBus, to angle: Double) {
        bus.core.plant.withPlant { plant in
            (plant as? PhysicsServoPlant)?.plant.setAngle(servo: 0, angle)
        }
    }

    @Test("a goal turns the joint by its pulses, in the calibrated direction", arguments: [1, -1])
    func goal(direction: Int) throws {
        var bus = try bus(direction: direction)
        #expect(bus.position() == Self.zeroPulse - 4096)
        #expect(bus.write(64, 1, size: 1) == 0)
        #expect(bus.write(116, Self.zeroPulse - 4096 + 512, size: 4) == 0)
        bus.wait(2000)
        let shown = bus.position() ?? 0
        #expect(abs(shown - (Self.zeroPulse - 4096 + 512)) <= 34)
        let wanted = Double(direction) * 512 * Self.pulse
        #expect(abs(angle(bus) - wanted) < Self.slack)
    }

    @Test("torque on after turns by hand holds the joint where it is", arguments: [1, -1])
    func folding(direction: Int) throws {
        var bus = try bus(direction: direction)
        let turned = 3 * 2 * Double.pi + 0.3
        turn(bus, to: turned)
        let raw = Self.zeroPulse + direction * Int((turned / Self.pulse).rounded())
        let folded = ((raw % 4096) + 4096) % 4096
        #expect(bus.position().map { $0 - folded }.map { $0 % 4096 } == 0)
        #expect(bus.write(116, folded, size: 4) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        #expect(bus.position() == folded)
        bus.wait(1000)
        #expect(abs(angle(bus) - turned) < Self.slack)
        #expect(bus.read(116, size: 4) == folded)
    }

    @Test("extended mode turns the joint over many turns")
    func extended() throws {
        var bus = try bus(direction: 1)
        #expect(bus.write(11, 4, size: 1) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        let start = bus.position() ?? 0
        #expect(bus.write(116, start - 3 * 4096, size: 4) == 0)
        bus.wait(6000)
        #expect(abs(angle(bus) + 3 * 2 * Double.pi) < Self.slack)
        #expect(bus.write(64, 0, size: 1) == 0)
        #expect(bus.write(11, 3, size: 1) == 0)
        #expect((0..<4096).contains(bus.position() ?? -1))
        #expect(bus.write(64, 1, size: 1) == 0)
        bus.wait(1000)
        #expect(abs(angle(bus) + 3 * 2 * Double.pi) < Self.slack)
    }

    @Test("an XL330 on 5 V reports no error, on 12 V its input voltage")
    func voltage() throws {
        var bus = try bus(direction: 1)
        #expect(bus.read(144, size: 2) == 50)
        #expect(bus.read(70, size: 1) == 0)
        bus.core.plant.withPlant { plant in
            (plant as? PhysicsServoPlant)?.plant.setSupply(servo: 0, volts: 12)
        }
        #expect(bus.read(70, size: 1) == 1)
    }
}
