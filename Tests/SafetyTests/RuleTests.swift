import Robot
import Testing

@testable import Safety

/// One driven joint at 10 ms ticks whose readings a test makes up.
struct RuleBench {
    var supervisor: Supervisor
    var state = BodyState(jointCount: 1)
    var tick: Int64 = 0
    var position = 0.0
    var velocity = 0.0
    var current = 0.0
    var temperature = 30.0
    var volts = 12.0
    /// Whether the joint follows its goal at once.
    var follows = true

    init(
        _ change: (inout JointLimits) -> Void = { _ in },
        settings: SafetySettings = SafetySettings()
    ) throws {
        var robot = SupervisorTests.robot()
        robot.joints.removeLast()
        change(&robot.joints[0].limits)
        supervisor = Supervisor(robot: robot, settings: settings)
        read()
        let now = MonotonicTime(nanoseconds: 0)
        _ = try supervisor.permitTorque(JointSet([0]), state: state, now: now).get()
        supervisor.torqueEnabled(JointSet([0]), state: state)
    }

    mutating func read() {
        state.samples[0] = JointSample(
            position: position,
            velocity: velocity,
            current: current,
            time: MonotonicTime(nanoseconds: tick * 10_000_000)
        )
        state.health[0] = JointHealth(
            temperature: temperature,
            inputVoltage: volts,
            hardwareError: 0,
            time: MonotonicTime(nanoseconds: tick * 10_000_000)
        )
    }

    /// One tick towards `wanted`; the goal, or the fault.
    mutating func go(_ wanted: Double) -> (goal: Double?, fault: Fault?) {
        tick += 1
        read()
        var proposal = JointArray<Radians?>(count: 1, repeating: nil)
        proposal[0] = wanted
        let verdict = supervisor.judge(
            proposal,
            state: state,
            now: MonotonicTime(nanoseconds: tick * 10_000_000),
            tick: UInt64(tick)
        )
        switch consume verdict {
        case .stop(let fault): return (nil, fault)
        case .go(let goal):
            let place = goal.positions[0]
            if follows, let place { position = place }
            return (place, nil)
        }
    }

    /// Ticks until a fault, at most so many.
    mutating func ticksToFault(_ most: Int, wanted: Double = 0) -> (ticks: Int, fault: Fault?) {
        for count in 1...most {
            if let fault = go(wanted).fault { return (count, fault) }
        }
        return (most, nil)
    }
}

/// Closed forms for limits of ±1 rad at 2 rad/s, current 1 A, ticks of 10 ms.
@Suite("What each limit does")
struct RuleTests {
    @Test("the soft zone shrinks steps in proportion, to a twentieth at the limit")
    func softZone() throws {
        var bench = try RuleBench { $0.softZone = 0.4 }
        // 0.02 rad a tick up to 0.6, where the zone begins.
        for _ in 0..<30 { _ = bench.go(1) }
        #expect((bench.position - 0.6).magnitude < 1e-9)
        #expect(!bench.supervisor.broken.isBroken(.softZone))
        // Then what is left shrinks by 0.02 / 0.4 of itself a tick.
        for _ in 0..<10 { _ = bench.go(1) }
        var room = 0.4
        for _ in 0..<10 { room -= 0.02 * room / 0.4 }
        #expect((bench.position - (1 - room)).magnitude < 1e-9)
        #expect(bench.supervisor.broken[.softZone] == JointSet([0]))
        // At a twentieth of the zone the step stays 0.001 rad: the limit is reached.
        for _ in 0..<100 { _ = bench.go(1) }
        #expect(bench.position == 1)
        // Inward at full speed.
        #expect((bench.go(0).goal ?? 0) == 0.98)
    }

    @Test("acceleration lets a goal gain speed step by step, stop at once and turn from rest")
    func acceleration() throws {
        var bench = try RuleBench { $0.goalAcceleration = 20 }
        // 20 rad/s² x (10 ms)² = 0.002 rad more each tick, up to 0.02.
        var steps: [Double] = []
        var before = 0.0
        for _ in 0..<12 {
            let goal = bench.go(1).goal ?? .nan
            steps.append(goal - before)
            before = goal
        }
        for (place, step) in steps.enumerated() {
            #expect((step - min(0.002 * Double(place + 1), 0.02)).magnitude < 1e-9)
        }
        #expect(bench.go(before).goal == before)
        let back = bench.go(-1).goal ?? .nan
        #expect((back - (before - 0.002)).magnitude < 1e-9)
    }

    @Test("the mean goal velocity stays at its limit when a policy goes to and fro")
    func meanGoalVelocity() throws {
        var settings = SafetySettings()
        settings.meanVelocitySeconds = 0.5
        var bench = try RuleBench({ $0.meanGoalVelocity = 0.5 }, settings: settings)
        var moved: [Double] = []
        var before = 0.0
        for tick in 0..<1000 {
            let goal = bench.go(tick / 5 % 2 == 0 ? 1 : -1).goal ?? .nan
            moved.append((goal - before).magnitude)
            before = goal
        }
        // It begins at full speed, as from rest it may, and settles at 0.5 rad/s.
        #expect(moved[0] == 0.02)
        let settled = moved.suffix(500).reduce(0, +) / 5
        #expect((settled - 0.5).magnitude < 0.005, "\(settled)")
        #expect(bench.supervisor.broken[.meanGoalVelocity] == JointSet([0]))
        // The mean's closed form: full speed until 2 (1 - (1 - 0.02)^n) = 0.5, n = 14.2.
        #expect(moved.firstIndex { $0 < 0.019_999 } == 14)
    }

    @Test("a warm servo's goals become slower, to a quarter")
    func slowTemperature() throws {
        var bench = try RuleBench { $0.slowTemperature = 50 }
        for (warmth, step) in [(50.0, 0.02), (55, 0.0125), (59.999_999, 0.005)] {
            bench.temperature = warmth
            let before = bench.position
            let goal = bench.go(1).goal ?? .nan
            #expect((goal - before - step).magnitude < 1e-7)
            #expect(bench.supervisor.broken.isBroken(.slowTemperature) == (warmth > 50))
        }
    }

    @Test("the hard zone stops, and refuses torque")
    func hardZone() throws {
        var bench = try RuleBench { $0.hardZone = 0.1 }
        bench.position = 1.099
        #expect(bench.go(0).fault == nil)
        #expect(bench.supervisor.broken.isBroken(.positionRange))
        bench.position = 1.101
        #expect(bench.go(0).fault == Fault(.outsideLimits, joint: 0))
    }

    @Test(
        "I²t trips after its time at the limit's current, later below it, never at the lasting one"
    )
    func thermalLoad() throws {
        // Budget (1 - 0.25) x 10 s = 7.5 A²s.
        for (amperes, ticks) in [(1.0, 1000), (0.8, 1924), (0.5, 5000)] {
            var bench = try RuleBench { $0.continuousCurrent = 0.5 }
            bench.current = -amperes
            let (count, fault) = bench.ticksToFault(5000)
            // 0.8 A: 7.5 / (0.64 - 0.25) = 19.23 s.
            #expect((count - ticks).magnitude <= 1, "\(amperes) A: \(count)")
            #expect(fault == (amperes > 0.5 ? Fault(.thermalOverload, joint: 0) : nil))
        }
        // Half the time at the limit, then as long without current: 0.25 A²s a second go away.
        var bench = try RuleBench { $0.continuousCurrent = 0.5 }
        bench.current = 1
        _ = bench.ticksToFault(500)
        bench.current = 0
        _ = bench.ticksToFault(500)
        bench.current = 1
        let (count, _) = bench.ticksToFault(5000)
        // 3.75 - 1.25 = 2.5 are left of 7.5; 5 / 0.75 = 6.67 s.
        #expect((count - 667).magnitude <= 1, "\(count)")
    }

    @Test("power above the joint's or the robot's limit stops after half a second")
    func power() throws {
        for isRobot in [false, true] {
            var settings = SafetySettings()
            if isRobot { settings.power = 6 }
            var bench = try RuleBench({ if !isRobot { $0.power = 6 } }, settings: settings)
            bench.current = 0.49
            #expect(bench.ticksToFault(200).fault == nil)
            // 0.51 A x 12 V is above 6 W; without a voltage the nominal one counts.
            bench.current = -0.51
            let (count, fault) = bench.ticksToFault(200)
            #expect(count == 50 && fault == Fault(.overPower, joint: isRobot ? nil : 0))
        }
    }

    @Test("a voltage out of range stops after a second; before arming it refuses at once")
    func voltage() throws {
        var bench = try RuleBench { $0.voltage = 9...15.6 }
        bench.volts = 8.9
        let (count, fault) = bench.ticksToFault(500)
        #expect(count == 100 && fault == Fault(.voltageOutOfRange, joint: 0))
        #expect(bench.supervisor.stopResponse == .park)
        bench.supervisor.clearFault()
        bench.supervisor.torqueDisabled(JointSet([0]))
        let now = MonotonicTime(nanoseconds: bench.tick * 10_000_000)
        let refused = bench.supervisor.permitTorque(JointSet([0]), state: bench.state, now: now)
        guard case .failure(let refusal) = consume refused else {
            Issue.record("torque was permitted")
            return
        }
        #expect(refusal.fault == Fault(.voltageOutOfRange, joint: 0))
        // A servo that does not measure it.
        var mute = try RuleBench { $0.voltage = 9...15.6 }
        mute.volts = 0
        #expect(mute.ticksToFault(500).fault == nil)
    }

    @Test("a joint that does not come along is a fault after the following time, not before")
    func followingError() throws {
        var settings = SafetySettings()
        settings.followingSeconds = 2
        var bench = try RuleBench(settings: settings)
        bench.follows = false
        // 0.4 rad of window at 0.02 rad a tick: the 21st tick is the first that is held.
        let (count, fault) = bench.ticksToFault(1000, wanted: 1)
        #expect((count - 221).magnitude <= 1 && fault == Fault(.followingError, joint: 0))
        // Going back in between begins the count anew.
        var patient = try RuleBench(settings: settings)
        patient.follows = false
        for _ in 0..<5 {
            #expect(patient.ticksToFault(200, wanted: 1).fault == nil)
            #expect(patient.go(0).fault == nil)
        }
    }

    @Test("being held back without a break for too long is a fault")
    func heldBack() throws {
        var settings = SafetySettings()
        settings.heldBackSeconds = 0.5
        var bench = try RuleBench({ $0.softZone = 0.4 }, settings: settings)
        bench.position = 0.8
        bench.follows = false
        let (count, fault) = bench.ticksToFault(500, wanted: 1)
        #expect(fault == Fault(.limitedTooLong, joint: 0))
        #expect(count <= 60, "\(count)")
        var resting = try RuleBench({ $0.softZone = 0.4 }, settings: settings)
        #expect(resting.ticksToFault(500, wanted: 0.9).fault == nil, "it arrives and rests")
    }

    @Test("the checks name what stands in the way before torque, and say nothing of what is well")
    func checks() throws {
        let robot = SupervisorTests.robot()
        let supervisor = Supervisor(robot: robot)
        var state = BodyState(jointCount: 2)
        let now = MonotonicTime(nanoseconds: 0)
        var report = supervisor.check(state, now: now)
        #expect(report[.reading] == JointSet([0, 1]))
        state.samples[0] = SupervisorTests.sample(1.2, at: 0)
        state.samples[1] = SupervisorTests.sample(1.5, at: 0)
        state.health[0] = SupervisorTests.health(temperature: 55, error: 0)
        state.health[1] = SupervisorTests.health(temperature: 30, error: 4)
        report = supervisor.check(state, now: now)
        #expect(!report.isBroken(.reading) && report.response == .stopAtOnce)
        #expect(report[.hardZone] == JointSet([1]) && report[.positionRange] == JointSet([0, 1]))
        #expect(report[.pauseTemperature] == JointSet([0]))
        #expect(report[.hardwareError] == JointSet([1]))
        var status = SafetyStatus()
        status.checks = report
        let lines = SafetyCheck.list(status, robot: robot)
        let failed = lines.filter { $0.outcome == .fail }
        #expect(failed.map(\.joints) == [["joint1"], ["joint1"]])
        #expect(failed.allSatisfy { !$0.remedy.isEmpty })
        let warned = lines.filter { $0.outcome == .warn }
        #expect(warned.map(\.joints) == [["joint0"], ["joint0", "joint1"]])
        #expect(lines.filter { $0.outcome == .pass }.allSatisfy { $0.remedy.isEmpty })
    }
}
