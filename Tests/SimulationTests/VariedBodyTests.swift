import Physics
import Robot
import Safety
import Simulation
import Testing

@Suite("A simulated body in a world that differs")
struct VariedBodyTests {
    private func plain() -> WorldVariation { WorldVariation(jointCount: 10) }

    private func saved(_ robot: Driven) -> WorldState {
        var world = WorldTransfer()
        robot.body.carry(&world)
        return world.state
    }

    /// Half of the claw's fingers under torque, on their way.
    private func moving() throws -> Driven {
        var robot = try Driven(Driven.claw())
        try robot.arm([0, 1, 2, 3, 4, 5])
        robot.run([0: 0.2, 1: -0.9, 2: 0.8], ticks: 60)
        return robot
    }

    private var strange: WorldVariation {
        var world = plain()
        world.massFactor = 1.7
        world.inertiaFactor = 0.6
        world.contactFriction = 0.3
        world.motorStrength[1] = 0.4
        world.jointFriction[9] = 0.5
        world.jointTorque[2] = 0.3
        world.supply = 10
        world.latency = 0.025
        world.sensorNoise = 0.02
        world.noiseSeed = 5
        world.silent = JointSet([4])
        return world
    }

    @Test("the plain world again is the plain world, bit for bit")
    func restored() throws {
        var (first, second) = (try moving(), try moving())
        first.body.vary(strange)
        first.body.vary(plain())
        for tick in 0..<300 {
            let wanted = [0: tick < 100 ? -0.3 : 0.3, 1: -0.4, 2: 1.2]
            _ = (first.step(wanted), second.step(wanted))
        }
        let ends = (saved(first), saved(second))
        #expect(ends.0 == ends.1)
    }

    @Test("every difference changes what happens")
    func differs() throws {
        let changes: [(String, (inout WorldVariation) -> Void)] = [
            ("mass", { $0.massFactor = 1.5 }), ("inertia", { $0.inertiaFactor = 3 }),
            ("strength", { $0.motorStrength[1] = 0.5 }),
            ("joint friction", { $0.jointFriction[1] = 0.3 }),
            ("torque", { $0.jointTorque[0] = 0.2 }), ("supply", { $0.supply = 9 }),
            ("latency", { $0.latency = 0.03 }),
        ]
        var plain = try moving()
        plain.run([0: -0.3, 1: -0.2], ticks: 50)
        for (name, change) in changes {
            var other = try moving()
            var world = self.plain()
            change(&world)
            other.body.vary(world)
            other.run([0: -0.3, 1: -0.2], ticks: 50)
            #expect(saved(other) != saved(plain), "\(name)")
        }
    }

    @Test("with latency a goal arrives so much later and does the same then")
    func latency() throws {
        /// Positions of joint 0, tick by tick, after it was told to move from rest.
        func path(_ latency: Double) throws -> [Double] {
            var robot = try Driven(Driven.claw())
            try robot.arm([0])
            robot.run([0: 0], ticks: 300)
            var world = plain()
            world.latency = latency
            robot.body.vary(world)
            return (0..<40).map { _ in
                _ = robot.step([0: 0.4])
                return robot.state.samples[0]?.position ?? .nan
            }
        }
        let (now, later) = (try path(0), try path(0.03))
        // Three ticks of ten milliseconds; the encoder counts 0.0015 rad.
        #expect((now[20] - now[0]).magnitude > 0.05)
        for tick in 0..<37 { #expect((later[tick + 3] - now[tick]).magnitude < 0.0032) }
    }

    @Test("noise stays within its amplitude, centred, and is the same for the same seed")
    func noise() throws {
        func readings(seed: UInt64) throws -> [Double] {
            let robot = try Driven(Driven.claw())
            var world = plain()
            world.sensorNoise = 0.05
            world.noiseSeed = seed
            robot.body.vary(world)
            var state = BodyState(jointCount: 10)
            return (0..<2000).map { _ in
                robot.body.read(into: &state)
                return (state.samples[0]?.position ?? .nan) - robot.body.plant.angle(servo: 0)
            }
        }
        let errors = try readings(seed: 3)
        #expect(errors.allSatisfy { $0.magnitude < 0.05 + 0.001 })
        // The mean of 2000 even draws of ±0.05 has a deviation of 0.00065, their spread is 0.0289.
        let mean = errors.reduce(0, +) / 2000
        let spread = (errors.map { $0 * $0 }.reduce(0, +) / 2000).squareRoot()
        #expect(mean.magnitude < 0.003)
        #expect((spread - 0.0289).magnitude < 0.002)
        let again = try readings(seed: 3)
        let other = try readings(seed: 4)
        #expect(errors == again && errors != other)
    }

    @Test("a silent servo keeps its old sample with its old time")
    func silence() throws {
        var robot = try moving()
        var world = plain()
        world.silent = JointSet([1])
        let before = robot.state.samples[1]?.time
        robot.body.vary(world)
        _ = robot.step([:])
        #expect(robot.state.samples[1]?.time == before)
        #expect(robot.state.samples[0]?.time == robot.body.now())
        robot.body.vary(plain())
        _ = robot.step([:])
        #expect(robot.state.samples[1]?.time == robot.body.now())
    }

    @Test("a servo that restarts has no torque, is silent, and says so when it is back")
    func restart() throws {
        let robot = try moving()
        var state = robot.state
        robot.body.restart(1, silentFor: 0.2)
        let fell = robot.body.now()
        for _ in 0..<19 {
            _ = robot.body.waitForTick()
            robot.body.read(into: &state)
            #expect(state.samples[1].map { $0.time.nanoseconds <= fell.nanoseconds } == true)
            #expect(!state.torqueEnabled.contains(1) && state.fault == nil)
        }
        _ = robot.body.waitForTick()
        robot.body.read(into: &state)
        #expect(state.fault == .servoRebooted)
        #expect(state.samples[1]?.time == robot.body.now())
        let back = robot.body.takeRestarted(&state)
        #expect(back == JointSet([1]) && state.fault == nil)
        robot.body.read(into: &state)
        #expect(state.fault == nil)
    }
}
