import Robot
import Safety
import Testing

@testable import Control

@Suite("Pauses between episodes")
struct PauseTests {
    /// A loop with torque on, away from the reset pose.
    private func armed(_ pause: StopResponse) throws -> Bench {
        var robot = Fixture.robot
        robot.pause = pause
        let bench = Bench(robot: robot)
        try bench.loop.holdTick()
        try bench.loop.enableTorque(JointSet(robot.actuatedJoints))
        return bench
    }

    /// Ends the pause after so many ticks; 200 ticks are enough to park.
    private func resume(_ bench: Bench, _ pause: PauseSwitch, after ticks: Int64) {
        let end = bench.body.tick + ticks
        bench.body.whenTicked = { if bench.body.tick >= end { pause.ask(.none) } }
    }

    @Test("park: the reset pose is reached with torque, then all torque is off until resumed")
    func parks() throws {
        let bench = try armed(.park)
        let pause = PauseSwitch(.pause)
        resume(bench, pause, after: 400)
        var told: [Bool] = []
        var stateWhenTold: SafetyState?
        try bench.loop.pause(while: pause) { isLimp in
            told.append(isLimp)
            stateWhenTold = bench.loop.supervisor.state
            for joint in bench.loop.robot.actuatedJoints {
                let home = bench.loop.robot.joints[joint].resetPosition
                #expect((bench.body.positions[joint] - home).magnitude < degrees(5))
            }
        }
        #expect(told == [true] && stateWhenTold == .pausing)
        #expect(bench.body.torque.isEmpty && bench.loop.supervisor.state == .checking)
        // No goal went out once torque was off.
        let off = try #require(
            bench.body.events.lastIndex { if case .off = $0 { true } else { false } }
        )
        #expect(off == bench.body.events.count - 1)
        // The checks are made anew: torque can come back.
        try bench.loop.enableTorque(JointSet(bench.loop.robot.actuatedJoints))
        #expect(bench.loop.supervisor.state == .armed)
    }

    @Test("hold: torque stays, the supervisor judges every tick; release then lets go")
    func holds() throws {
        let bench = try armed(.hold)
        let pause = PauseSwitch(.pause)
        let before = bench.body.positions
        let start = bench.body.tick
        bench.body.whenTicked = {
            if bench.body.tick == start + 50 { pause.ask(.release) }
            if bench.body.tick == start + 80 { pause.ask(.none) }
        }
        var told: [Bool] = []
        try bench.loop.pause(while: pause) { isLimp in
            told.append(isLimp)
            if !isLimp { #expect(bench.loop.supervisor.state == .armed) }
        }
        #expect(told == [false, true])
        #expect(bench.body.positions == before && bench.body.torque.isEmpty)
        let goals = bench.body.events.filter { if case .goal = $0 { true } else { false } }
        #expect(goals.count >= 49)
    }

    @Test("release does not park first; nobody's wish is no pause at all")
    func releases() throws {
        let bench = try armed(.park)
        let pause = PauseSwitch(.release)
        let before = bench.body.positions
        resume(bench, pause, after: 20)
        try bench.loop.pause(while: pause) { _ in }
        #expect(bench.body.positions == before && bench.body.torque.isEmpty)
        let tick = bench.body.tick
        try bench.loop.pause(while: PauseSwitch()) { _ in Issue.record("it paused") }
        #expect(bench.body.tick == tick)
    }

    @Test("a stop ends a pause, limp or holding", arguments: [StopResponse.park, .hold])
    func stopped(response: StopResponse) throws {
        let bench = try armed(response)
        let end = bench.body.tick + 300
        bench.body.whenTicked = { if bench.body.tick >= end { bench.stopSwitch.ask(.ordered) } }
        #expect(throws: ControlStop.ordered) {
            try bench.loop.pause(while: PauseSwitch(.pause)) { _ in }
        }
        #expect(bench.loop.stop().unconfirmed.isEmpty && bench.body.torque.isEmpty)
    }

    @Test("what overheats while it holds stops the robot")
    func hot() throws {
        let bench = try armed(.hold)
        let start = bench.body.tick
        bench.body.whenTicked = { if bench.body.tick == start + 20 { bench.body.temperature = 99 } }
        #expect(throws: ControlStop.self) {
            try bench.loop.pause(while: PauseSwitch(.pause)) { _ in }
        }
        #expect(bench.loop.supervisor.fault?.code == .overTemperature)
    }

    @Test("lower temperatures are taken over, higher ones are not")
    func adopts() throws {
        let bench = try armed(.park)
        var robot = bench.loop.robot
        let usual = robot.joints[0].limits.stopTemperature
        robot.joints[0].limits.stopTemperature = usual - 10
        robot.joints[1].limits.stopTemperature = usual + 10
        bench.loop.adopt(robot)
        #expect(bench.loop.robot.joints[0].limits.stopTemperature == usual - 10)
        #expect(bench.loop.robot.joints[1].limits.stopTemperature == usual)
        bench.body.temperature = usual - 5
        #expect(throws: ControlStop.fault(Fault(.overTemperature, joint: 0))) {
            try bench.loop.holdTick()
        }
    }

    @Test("an emergency stop that is done can be told from the next; an ordered stop stays")
    func twice() {
        let stops = StopSwitch()
        stops.ask(.ordered)
        stops.ask(.emergency)
        #expect(stops.asked == .emergency)
        stops.emergencyIsDone()
        #expect(stops.asked == .ordered)
    }
}
