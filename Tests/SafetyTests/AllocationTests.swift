import CAllocationCount
import Robot
import Testing

@testable import Safety

@Suite("What must not allocate")
struct AllocationTests {
    /// As many joints as a robot may have, with every limit in use.
    private static func robot() -> RobotDescription {
        var robot = SupervisorTests.robot()
        robot.joints = (0..<24).map { index in
            var joint = robot.joints[0]
            joint.limits.softZone = 0.3
            joint.limits.goalAcceleration = 50
            joint.limits.meanGoalVelocity = 1
            joint.limits.slowTemperature = 40
            joint.limits.continuousCurrent = 0.9
            joint.limits.power = 100
            joint.limits.voltage = 9...15
            joint.name = "joint\(index)"
            return joint
        }
        return robot
    }

    @Test("100,000 ticks of judging and 10,000 of checking ask the heap for nothing")
    func judging() throws {
        let robot = Self.robot()
        var settings = SafetySettings()
        settings.power = 1000
        var supervisor = Supervisor(robot: robot, settings: settings)
        var state = BodyState(jointCount: 24)
        var positions = JointArray<Double>(count: 24, repeating: 0)
        let all = JointSet(0..<24)
        for joint in 0..<24 { state.samples[joint] = SupervisorTests.sample(0, at: 0) }
        let start = MonotonicTime(nanoseconds: 0)
        _ = try supervisor.permitTorque(all, state: state, now: start).get()
        supervisor.torqueEnabled(all, state: state)
        var wanted = JointArray<Radians?>(count: 24, repeating: nil)
        var judged = 0
        var broken: UInt64 = 0
        let before = allocation_count()
        for tick in 1...100_000 {
            let now = MonotonicTime(nanoseconds: Int64(tick) * 10_000_000)
            for joint in 0..<24 {
                state.samples[joint] = JointSample(
                    position: positions[joint],
                    velocity: 1,
                    current: 0.5,
                    time: now
                )
                state.health[joint] = JointHealth(
                    temperature: Double(30 + joint),
                    inputVoltage: 12,
                    hardwareError: 0,
                    time: now
                )
                wanted[joint] = (tick / 50 + joint) % 2 == 0 ? 1 : -1
            }
            switch supervisor.judge(wanted, state: state, now: now, tick: UInt64(tick)) {
            case .go(let goal):
                judged += 1
                for joint in 0..<24 { positions[joint] = goal.positions[joint] ?? 0 }
            case .stop: break
            }
            if tick % 10 == 0 {
                if supervisor.check(state, now: now).isBroken(.slowTemperature) { broken += 1 }
            }
        }
        let found = allocation_count() - before
        #expect(judged == 100_000 && broken == 10_000)
        #expect(found == 0, "\(found) allocations")
    }

    @Test("events and faults do not allocate either")
    func events() throws {
        var (supervisor, state) = try SupervisorTests.armed()
        // The table is made at the first look.
        supervisor.note(.resetBegins)
        let before = allocation_count()
        for _ in 0..<1000 {
            supervisor.note(.episodeBegins)
            supervisor.stop(because: Fault(.overspeed, joint: 1))
            supervisor.torqueDisabled(JointSet(bits: 3))
            supervisor.clearFault()
            let now = MonotonicTime(nanoseconds: 0)
            if case .success = supervisor.permitTorque(JointSet(bits: 3), state: state, now: now) {
                supervisor.torqueEnabled(JointSet(bits: 3), state: state)
            }
            supervisor.note(.resetBegins)
        }
        let found = allocation_count() - before
        #expect(found == 0, "\(found) allocations")
        #expect(supervisor.state == .resetting)
        state.fault = nil
    }
}
