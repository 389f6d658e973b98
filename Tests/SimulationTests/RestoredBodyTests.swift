import Robot
import Safety
import Simulation
import Testing

@Suite("A simulated body that is put back to where it was")
struct RestoredBodyTests {
    private func saved(_ robot: inout Driven) -> WorldState {
        var world = WorldTransfer()
        robot.body.carry(&world)
        world.part("supervisor") { robot.supervisor.carry(&$0) }
        return world.state
    }

    /// A new robot in the world that was saved, as a resumed run makes it.
    private func restored(_ state: WorldState) throws -> Driven {
        var robot = try Driven(Driven.claw())
        var world = WorldTransfer(restoring: state)
        robot.body.carry(&world)
        world.part("supervisor") { robot.supervisor.carry(&$0) }
        #expect(world.problem == nil)
        robot.body.read(into: &robot.state)
        return robot
    }

    @Test("clock, torque, goals in force and the supervisor's memory go on where they were")
    func goesOn() throws {
        var first = try Driven(Driven.claw())
        try first.arm([0, 1, 2, 9])
        first.run([0: 0.4, 1: -1, 2: 1, 9: 0.7], ticks: 137)
        // Half of it limp, the other half on its way.
        _ = first.body.disableTorque(JointSet([1, 9]))
        first.supervisor.torqueDisabled(JointSet([1, 9]))
        first.run([0: -0.3], ticks: 5)
        var second = try restored(saved(&first))
        #expect(second.body.now().nanoseconds == 1_420_000_000)
        #expect(second.state.torqueEnabled == JointSet([0, 2]))
        #expect(second.supervisor.state == .armed)
        #expect(second.supervisor.lastGoal(0) == first.supervisor.lastGoal(0))
        #expect(second.supervisor.lastGoal(1) == nil)

        for tick in 0..<400 {
            if tick == 100 {
                try first.arm([1, 9])
                try second.arm([1, 9])
            }
            let wanted = [0: -0.3, 1: -0.5, 9: tick < 250 ? -1 : 2.0]
            let passed = (first.step(wanted), second.step(wanted))
            #expect(passed == (true, true))
            for joint in 0..<10 {
                let (a, b) = (first.state.samples[joint], second.state.samples[joint])
                try #require(a?.position == b?.position && a?.current == b?.current)
                #expect(a?.time == b?.time)
            }
        }
        let ends = (saved(&first), saved(&second))
        #expect(ends.0 == ends.1)
    }

    @Test("a latched fault is still latched")
    func fault() throws {
        var first = try Driven(Driven.claw())
        first.supervisor.stop(because: Fault(.overTemperature, joint: 3))
        let second = try restored(saved(&first))
        #expect(second.supervisor.fault == Fault(.overTemperature, joint: 3))
    }
}
