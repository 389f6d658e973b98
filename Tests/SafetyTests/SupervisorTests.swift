import Robot
import Testing

@testable import Safety

@Suite("Supervisor")
struct SupervisorTests {
    /// Two joints, 10 ms ticks, within ±1 rad at 2 rad/s.
    static func robot() -> RobotDescription {
        let limits = JointLimits(
            position: -1...1,
            goalVelocity: 2,
            tripVelocity: 5,
            current: 1,
            followingError: 0.4,
            pauseTemperature: 50,
            stopTemperature: 60
        )
        let joints = (0..<2).map {
            Joint(
                name: "joint\($0)",
                role: .actuated,
                busIndex: 0,
                servoID: UInt8($0),
                servo: .xm430w210,
                limits: limits,
                resetPosition: 0,
                gains: .registers(PositionGains(proportional: 800, integral: 0, derivative: 0))
            )
        }
        return RobotDescription(
            name: "pair",
            joints: joints,
            calibration: joints.map { _ in JointCalibration(zeroPulse: 2048, direction: 1) },
            buses: [],
            tickNanoseconds: 10_000_000,
            modelPath: nil,
            stop: .park,
            emergencyStop: .release,
            arming: .automatic
        )
    }

    static func sample(_ position: Double, at nanoseconds: Int64, velocity: Double = 0)
        -> JointSample
    {
        JointSample(
            position: position,
            velocity: velocity,
            current: 0,
            time: MonotonicTime(nanoseconds: nanoseconds)
        )
    }

    static func health(temperature: Double, error: UInt32) -> JointHealth {
        JointHealth(
            temperature: temperature,
            inputVoltage: 12,
            hardwareError: error,
            time: MonotonicTime(nanoseconds: 0)
        )
    }

    /// An armed supervisor whose joints rest at 0, and the state it saw.
    static func armed() throws -> (Supervisor, BodyState) {
        var supervisor = Supervisor(robot: robot())
        var state = BodyState(jointCount: 2)
        for joint in 0..<2 { state.samples[joint] = sample(0, at: 0) }
        let now = MonotonicTime(nanoseconds: 0)
        let both = JointSet(0..<2)
        let permit = try supervisor.permitTorque(both, state: state, now: now).get()
        let permitted = permit.joints
        #expect(permitted == both)
        supervisor.torqueEnabled(both, state: state)
        return (supervisor, state)
    }

    static func proposal(_ a: Double?, _ b: Double? = nil) -> JointArray<Radians?> {
        var wanted = JointArray<Radians?>(count: 2, repeating: nil)
        wanted[0] = a
        wanted[1] = b
        return wanted
    }

    static func fault(_ verdict: consuming Verdict) -> Fault? {
        switch consume verdict {
        case .go: nil
        case .stop(let fault): fault
        }
    }

    static func goals(_ verdict: consuming Verdict) -> JointArray<Radians?>? {
        switch consume verdict {
        case .go(let goal): goal.positions
        case .stop: nil
        }
    }

    @Test("a goal moves by no more than velocity times tick")
    func velocityBound() throws {
        var (supervisor, state) = try Self.armed()
        let goals = Self.goals(
            supervisor.judge(
                Self.proposal(0.9, -0.9),
                state: state,
                now: MonotonicTime(nanoseconds: 0),
                tick: 1
            )
        )
        #expect(goals?[0] == 0.02)
        #expect(goals?[1] == -0.02)
        state.samples[0] = Self.sample(0, at: 0)
    }

    @Test("a joint that was never read stops the robot")
    func neverRead() throws {
        var (supervisor, state) = try Self.armed()
        state.samples[1] = nil
        let fault = Self.fault(
            supervisor.judge(
                Self.proposal(0),
                state: state,
                now: MonotonicTime(nanoseconds: 0),
                tick: 1
            )
        )
        #expect(fault == Fault(.staleReading, joint: 1))
    }

    @Test(
        "a reading is good for five ticks and not for longer",
        arguments: [(50_000_000, true), (50_000_001, false)] as [(Int64, Bool)]
    )
    func staleness(age: Int64, isGood: Bool) throws {
        var (supervisor, state) = try Self.armed()
        let now = MonotonicTime(nanoseconds: age)
        state.samples[1] = Self.sample(0, at: age)
        let fault = Self.fault(
            supervisor.judge(Self.proposal(0), state: state, now: now, tick: 1)
        )
        #expect((fault == nil) == isGood)
        if !isGood { #expect(fault == Fault(.staleReading, joint: 0)) }
    }

    @Test("a proposal that is not a number stops the robot", arguments: [Double.nan, .infinity])
    func notANumber(value: Double) throws {
        var (supervisor, state) = try Self.armed()
        let now = MonotonicTime(nanoseconds: 0)
        let fault = Self.fault(
            supervisor.judge(Self.proposal(value), state: state, now: now, tick: 1)
        )
        #expect(fault == Fault(.invalidGoal, joint: 0))
        state.fault = nil
    }

    @Test("overspeed trips after three ticks, not after two")
    func overspeed() throws {
        var (supervisor, state) = try Self.armed()
        var faults: [Fault?] = []
        for tick in 1...3 {
            let time = Int64(tick) * 10_000_000
            for joint in 0..<2 { state.samples[joint] = Self.sample(0, at: time) }
            state.samples[0] = Self.sample(0, at: time, velocity: -5.1)
            faults.append(
                Self.fault(
                    supervisor.judge(
                        Self.proposal(0),
                        state: state,
                        now: MonotonicTime(nanoseconds: time),
                        tick: UInt64(tick)
                    )
                )
            )
        }
        #expect(faults == [nil, nil, Fault(.overspeed, joint: 0)])
    }

    @Test("hot servos and hardware errors stop, and forbid torque")
    func health() throws {
        for (health, code) in [
            (Self.health(temperature: 60, error: 0), FaultCode.overTemperature),
            (Self.health(temperature: 20, error: 32), .hardwareError),
        ] {
            var (supervisor, state) = try Self.armed()
            state.health[1] = health
            let now = MonotonicTime(nanoseconds: 0)
            let seen = Self.fault(
                supervisor.judge(Self.proposal(0), state: state, now: now, tick: 1)
            )
            #expect(seen == Fault(code, joint: 1))
            var other = Supervisor(robot: Self.robot())
            let permit = other.permitTorque(JointSet([1]), state: state, now: now)
            guard case .failure(let refusal) = consume permit else {
                Issue.record("torque was permitted")
                continue
            }
            #expect(refusal.fault == Fault(code, joint: 1))
        }
    }

    @Test("a latched fault keeps its first reason, forbids torque and clears only on request")
    func latch() throws {
        var (supervisor, state) = try Self.armed()
        supervisor.stop(because: Fault(.lateTicks))
        supervisor.stop(because: Fault(.overCurrent, joint: 1))
        #expect(supervisor.fault == Fault(.lateTicks))
        let now = MonotonicTime(nanoseconds: 0)
        if case .success = supervisor.permitTorque(JointSet([0]), state: state, now: now) {
            Issue.record("torque was permitted")
        }
        supervisor.torqueDisabled(JointSet(0..<2))
        #expect(supervisor.fault == Fault(.lateTicks))
        supervisor.clearFault()
        #expect(supervisor.state == .disarmed)
        state.fault = nil
    }

    @Test("faults that leave the joints usable park, the others release at once")
    func responses() throws {
        for code in FaultCode.allCases {
            var (supervisor, _) = try Self.armed()
            supervisor.stop(because: Fault(code))
            #expect(supervisor.stopResponse == (code.leavesJointsUsable ? .park : .release))
        }
    }
}
