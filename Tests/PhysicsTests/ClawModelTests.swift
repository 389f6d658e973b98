import Glibc
import Physics
import Robot
import Testing

@Suite("The claw's model")
struct ClawModelTests {
    static let valve = 9

    /// Drives every finger's joints to (top, middle, bottom) and waits.
    private func drive(
        _ plant: Plant,
        _ pose: (top: Double, middle: Double, bottom: Double),
        seconds: Double
    ) {
        for finger in 0..<3 {
            plant.command(servo: 3 * finger, Fixture.angle(pose.top))
            plant.command(servo: 3 * finger + 1, Fixture.angle(pose.middle))
            plant.command(servo: 3 * finger + 2, Fixture.angle(pose.bottom))
        }
        plant.run(seconds)
    }

    @Test("At rest in the reset pose nothing touches, and it holds there")
    func restIsFree() throws {
        let plant = try Fixture.claw()
        #expect(plant.contacts().isEmpty)
        drive(plant, (0, -.pi / 3, .pi / 3), seconds: 5)
        #expect(plant.contacts().isEmpty)
        for finger in 0..<3 {
            #expect(abs(plant.angle(servo: 3 * finger + 1) + .pi / 3) < degrees(3))
        }
        #expect(abs(plant.angle(servo: Self.valve)) < degrees(0.1))
    }

    @Test("Mechanical stops end the swing at 0.51 rad and the bend at 2 rad")
    func stops() throws {
        // Inwards the valve and the other fingers stop a middle joint first.
        for (servo, stop) in [(0, 0.51), (0, -0.51), (1, -2), (2, 2), (2, -2)] {
            let plant = try Fixture.claw()
            plant.setDisturbance(servo: servo, torque: stop > 0 ? 1.5 : -1.5)
            plant.run(2)
            #expect(abs(plant.angle(servo: servo) - stop) < degrees(3))
        }
    }

    @Test("Three fingers that reach in and swing turn the valve, either way", arguments: [1.0, -1])
    func strokeTurnsValve(direction: Double) throws {
        let plant = try Fixture.claw()
        drive(plant, (-0.48 * direction, -.pi / 3, .pi / 3), seconds: 0.6)
        drive(plant, (-0.48 * direction, 0.35, 0.1), seconds: 0.6)
        drive(plant, (0.48 * direction, 0.35, 0.1), seconds: 0.8)
        let turned = plant.angle(servo: Self.valve) * direction
        #expect(turned > degrees(30))
        #expect(!plant.isBroken)
    }

    @Test("Random goals for 100,000 steps neither break it nor push a fingertip through")
    func randomGoals() throws {
        let seed: UInt64 = 20_241_122
        var random = SplitMix(state: seed)
        let plant = try Fixture.claw()
        var deepest = 0.0
        var turned = 0.0
        for _ in 0..<2500 {
            for finger in 0..<3 {
                let ranges = [0.48, .pi / 3, .pi / 2]
                for joint in 0..<3 {
                    let goal = Double.random(in: -ranges[joint]...ranges[joint], using: &random)
                    plant.command(servo: 3 * finger + joint, Fixture.angle(goal))
                }
            }
            plant.advance(nanoseconds: 100_000_000)
            for contact in plant.contacts() { deepest = max(deepest, contact.depth) }
            turned = max(turned, abs(plant.angle(servo: Self.valve)))
        }
        #expect(!plant.isBroken && !plant.droppedContacts, "seed \(seed)")
        #expect(plant.stepCount == 100_000)
        #expect(deepest < 0.010, "seed \(seed)")
        #expect(turned > degrees(30), "seed \(seed)")
    }
}
