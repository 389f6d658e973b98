import Physics
import Robot
import Testing

@Suite("A plant that is put back to where it was")
struct RestoredPlantTests {
    private func saved(_ plant: Plant) -> WorldState {
        var world = WorldTransfer()
        plant.carry(&world)
        return world.state
    }

    private func restore(_ plant: Plant, _ state: WorldState) -> WorldProblem? {
        var world = WorldTransfer(restoring: state)
        plant.carry(&world)
        return world.problem
    }

    /// New commands for the claw's fingers, and now and then for what only a simulation can do.
    private func disturb(_ plant: Plant, _ random: inout SplitMix) {
        for servo in 0..<9 {
            let reach = [0.48, .pi / 3, .pi / 2][servo % 3]
            var command = Fixture.angle(Double.random(in: -reach...reach, using: &random))
            command.torqueEnabled = Int.random(in: 0..<20, using: &random) > 0
            command.mode =
                Int.random(in: 0..<6, using: &random) > 0 ? .position : .currentBasedPosition
            command.goalCurrent = Int.random(in: 50...500, using: &random)
            command.positionGains.integral = Int.random(in: 0...50, using: &random)
            command.profileVelocity = Int.random(in: 0...200, using: &random)
            command.profileAcceleration = Int.random(in: 0...50, using: &random)
            plant.command(servo: servo, command)
        }
        var valve = Fixture.angle(Double.random(in: -1...1, using: &random))
        valve.torqueEnabled = Int.random(in: 0..<4, using: &random) == 0
        plant.command(servo: 9, valve)
        let servo = Int.random(in: 0..<10, using: &random)
        plant.setDisturbance(servo: servo, torque: Double.random(in: -0.2...0.2, using: &random))
        plant.setGrip(servo: servo, torque: Double.random(in: 0...0.05, using: &random))
        plant.setSupply(servo: servo, volts: Double.random(in: 10...12, using: &random))
    }

    /// Everything that can be seen of a plant, as bits.
    private func look(_ plant: Plant) -> [UInt64] {
        plant.joints.indices.flatMap { servo in
            let measured = plant.measure(servo: servo)
            return [
                plant.angle(servo: servo).bitPattern, plant.velocity(servo: servo).bitPattern,
                UInt64(bitPattern: Int64(measured.pulses)),
                UInt64(bitPattern: Int64(measured.current)), measured.temperature.bitPattern,
            ]
        }
    }

    @Test(
        "goes on bit for bit for 12,000 steps, fingers on the valve, from wherever it is put back",
        arguments: [1, 2, 3] as [UInt64]
    )
    func goesOn(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        let first = try Fixture.claw()
        // A valve that was turned round and round folds its count when torque comes on.
        first.setAngle(servo: 9, 17)
        for _ in 0..<Int.random(in: 1...40, using: &random) {
            disturb(first, &random)
            first.advance(nanoseconds: Int64.random(in: 50_000_000...150_000_000, using: &random))
        }
        // Two that did something else before: one is put back once, one before every round.
        let (second, third) = (try Fixture.claw(), try Fixture.claw())
        for other in [second, third] {
            disturb(other, &random)
            other.run(1)
        }
        #expect(restore(second, saved(first)) == nil)
        let looker = try Fixture.claw()
        var (touches, turned) = (0, 0.0)
        for round in 0..<300 {
            #expect(restore(third, saved(first)) == nil)
            let before = random
            for plant in [first, second, third] {
                random = before
                disturb(plant, &random)
                // No whole number of steps, so that what is owed counts.
                plant.advance(nanoseconds: 101_234_567)
            }
            try #require(look(first) == look(second), "seed \(seed), round \(round)")
            try #require(look(first) == look(third), "seed \(seed), round \(round)")
            // Looking for contacts computes a little; that is left to another plant.
            if restore(looker, saved(first)) == nil { touches += looker.contacts().count }
            turned = max(turned, abs(first.angle(servo: 9) - 17))
            third.run(0.3)
        }
        #expect(saved(first) == saved(second), "seed \(seed)")
        #expect(touches > 30 && turned > 0.3, "seed \(seed): \(touches) touches, \(turned) rad")
    }

    @Test("a broken plant stays broken, a sound one heals it")
    func broken() throws {
        let broken = try Fixture.claw()
        let sound = saved(broken)
        broken.setDisturbance(servo: 4, torque: 1e30)
        broken.run(1)
        #expect(broken.isBroken)
        let other = try Fixture.claw()
        #expect(restore(other, saved(broken)) == nil)
        #expect(other.isBroken)
        #expect(restore(other, sound) == nil)
        other.run(1)
        #expect(!other.isBroken)
    }

    @Test("another robot's state is refused by the part that does not fit")
    func otherRobot() throws {
        let claw = saved(try Fixture.claw())
        let problem = restore(try Fixture.oneServo(.xm430w210), claw)
        #expect(problem == .doesNotFit(part: "mujoco.qpos"))
    }
}
