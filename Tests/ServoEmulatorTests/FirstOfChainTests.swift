import Robot
import ServoProtocol
import Testing

@testable import Safety
@testable import ServoEmulator
@testable import ServoHardware

@Suite("The first servo of a chain goes missing", .timeLimit(.minutes(1)))
struct FirstOfChainTests {
    @Test("the others, which wait for it on the wire, are read again after four ticks")
    func firstMissing() throws {
        var robot = TestRobot.robot(rates: [1_000_000, 1_000_000])
        // Both servos on the first bus, IDs 10 and 11.
        robot.joints[1].busIndex = 0
        robot.joints[1].servoID = 11
        robot.buses.removeLast()
        var options = EmulatorOptions()
        options.clock = .stepped(tickNanoseconds: TestRobot.tick)
        options.timing = .instant
        let setups = try EmulatedServoSetup.setups(for: robot).flatMap { $0 }
        let servos = try EmulatedRobot(
            robot: robot,
            plant: FreeServoPlant(setups: setups),
            options: options
        )
        servos.start()
        defer { servos.stop() }
        robot.buses[0].port = servos.paths[0]
        let body = try ServoBody.connect(robot: robot, pacing: .stepped)
        var state = BodyState(jointCount: 2)
        servos.dynamixels(bus: 0)?.inject(.disconnected(true), servo: 10)
        for tick in 0..<8 {
            _ = body.waitForTick()
            body.read(into: &state)
            // Three fast reads have to fail before it asks in another way.
            if tick >= 4 { #expect(state.samples[1] != nil) }
            state.samples[1] = nil
        }
    }
}
