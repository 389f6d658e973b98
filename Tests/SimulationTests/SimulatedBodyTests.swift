import Glibc
import Physics
import Robot
import Safety
import Simulation
import Testing

/// A simulated robot with the supervisor that is needed to move it.
struct Driven {
    let robot: RobotDescription
    let body: SimulatedBody
    var supervisor: Supervisor
    var state: BodyState
    var tick: UInt64 = 0

    static let models =
        String(#filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()) + "/robots/"

    init(_ robot: RobotDescription, servoModel: ServoModel = .motor) throws {
        self.robot = robot
        body = try SimulatedBody(robot: robot, servoModel: servoModel)
        supervisor = Supervisor(robot: robot)
        state = BodyState(jointCount: robot.joints.count)
        body.read(into: &state)
    }

    static func description(
        model: String?,
        joints: [Joint],
        direction: Int = 1
    ) -> RobotDescription {
        RobotDescription(
            name: "test",
            joints: joints,
            calibration: joints.map { _ in
                JointCalibration(zeroPulse: 2048, direction: direction)
            },
            buses: [],
            tickNanoseconds: 10_000_000,
            modelPath: model.map { models + $0 },
            stop: .release,
            emergencyStop: .release,
            arming: .automatic
        )
    }

    static func joint(
        _ name: String,
        role: JointRole = .actuated,
        servo: ServoSpecification = .xm430w210,
        proportional: Int = 800
    ) -> Joint {
        Joint(
            name: name,
            role: role,
            busIndex: 0,
            servoID: 1,
            servo: servo,
            limits: JointLimits(
                position: -.pi...(.pi),
                goalVelocity: 3,
                tripVelocity: 20,
                current: 5,
                followingError: 2,
                pauseTemperature: 60,
                stopTemperature: 75
            ),
            resetPosition: 0,
            gains: .registers(PositionGains(proportional: proportional, integral: 0, derivative: 0))
        )
    }

    static func oneServo(proportional: Int = 800, direction: Int = 1) -> RobotDescription {
        description(
            model: "one-servo.xml",
            joints: [joint("joint", proportional: proportional)],
            direction: direction
        )
    }

    static func claw() -> RobotDescription {
        let fingers = (1...3).flatMap { finger in
            ["top", "middle", "bottom"].map { joint("finger\(finger)_\($0)") }
        }
        return description(model: "claw.xml", joints: fingers + [joint("valve", role: .object)])
    }

    /// Torque on, as the control thread does it.
    mutating func arm(_ joints: [Int]) throws {
        let set = JointSet(joints)
        let answer = supervisor.permitTorque(set, state: state, now: body.now())
        guard case .success(let permit) = consume answer else {
            Issue.record("torque refused")
            return
        }
        try body.enableTorque(permit, state: &state)
        supervisor.torqueEnabled(set, state: state)
    }

    /// Reads, judges and writes once, and returns whether the supervisor let it pass.
    @discardableResult
    mutating func step(_ wanted: [Int: Radians]) -> Bool {
        _ = body.waitForTick()
        body.read(into: &state)
        tick += 1
        var proposal = JointArray<Radians?>(count: robot.joints.count, repeating: nil)
        for (joint, goal) in wanted { proposal[joint] = goal }
        switch supervisor.judge(proposal, state: state, now: body.now(), tick: tick) {
        case .go(let goal):
            body.write(goal)
            return true
        case .stop:
            return false
        }
    }

    mutating func run(_ wanted: [Int: Radians], ticks: Int) {
        for _ in 0..<ticks { step(wanted) }
    }

    /// The measured position of a joint, not a number if it was never read.
    func position(_ joint: Int) -> Radians { state.samples[joint]?.position ?? .nan }
}

@Suite("A simulated body")
struct SimulatedBodyTests {
    @Test("Its clock is the simulated time, one tick at a time, never skipping")
    func clock() throws {
        let robot = try Driven(Driven.oneServo())
        #expect(robot.body.now().nanoseconds == 0)
        for tick in 1...100 {
            let timing = robot.body.waitForTick()
            #expect(timing.start.nanoseconds == Int64(tick) * 10_000_000)
            #expect(timing.skippedTicks == 0 && robot.body.now() == timing.start)
        }
        #expect(robot.body.plant.timeSeconds == 1)
    }

    @Test("Reads every joint and its health with the tick's time, in whole pulses")
    func reading() throws {
        var robot = try Driven(Driven.claw())
        robot.body.placeForTest([0.1, -0.7, 0.33, 0.2, -1, 1, -0.3, -0.9, 1.2, 0.5])
        _ = robot.body.waitForTick()
        robot.body.read(into: &robot.state)
        for joint in 0..<10 {
            let sample = try #require(robot.state.samples[joint])
            let pulses = sample.position * 4096 / (2 * .pi)
            #expect(abs(pulses - pulses.rounded()) < 1e-6)
            #expect(sample.time.nanoseconds == 10_000_000)
            let health = try #require(robot.state.health[joint])
            #expect(health.temperature == 25 && health.inputVoltage == 12)
            #expect(health.hardwareError == 0 && health.time == sample.time)
        }
        #expect(robot.state.torqueEnabled.isEmpty && robot.state.fault == nil)
    }

    @Test("Reaches a goal, whichever way its servo turns", arguments: [1, -1])
    func reachesGoal(direction: Int) throws {
        var robot = try Driven(Driven.oneServo(direction: direction))
        try robot.arm([0])
        #expect(robot.state.torqueEnabled.contains(0))
        robot.run([0: 1], ticks: 100)
        #expect(abs(robot.position(0) - 1) < degrees(0.6))
        #expect(abs(robot.body.plant.angle(servo: 0) - robot.position(0)) < 2 * .pi / 4096)
    }

    @Test("Velocity and current are the joint's, not the servo's", arguments: [1, -1])
    func signs(direction: Int) throws {
        var robot = try Driven(Driven.oneServo(direction: direction))
        try robot.arm([0])
        robot.run([0: 3], ticks: 50)
        let moving = try #require(robot.state.samples[0])
        #expect((2...4).contains(moving.velocity))
        robot.body.plant.setDisturbance(servo: 0, torque: -0.5)
        robot.run([:], ticks: 200)
        let holding = try #require(robot.state.samples[0])
        // 0.5 N·m at 1.33 N·m/A, give or take what friction holds.
        #expect(abs(holding.current - 0.376) < 0.05)
    }

    @Test("Torque on moves nothing, even after many turns by hand")
    func armsWithoutJump() throws {
        // An object: its joint may have been turned round and round.
        let valve = Driven.joint("joint", role: .object)
        var robot = try Driven(Driven.description(model: "one-servo.xml", joints: [valve]))
        let start = 5 * 2 * .pi + 1.25
        robot.body.placeForTest([start])
        robot.body.read(into: &robot.state)
        #expect(abs(robot.position(0) - start) < 0.001)
        try robot.arm([0])
        #expect(abs(robot.position(0) - 1.25) < 0.001)
        robot.run([:], ticks: 100)
        #expect(abs(robot.body.plant.angle(servo: 0) - start) < 0.002)
    }

    @Test("Torque off lets go, and every joint confirms")
    func release() throws {
        var robot = try Driven(Driven.claw())
        try robot.arm(Array(0..<9))
        robot.body.plant.setDisturbance(servo: 0, torque: 0.2)
        robot.run([:], ticks: 100)
        #expect(abs(robot.position(0)) < 0.03)
        #expect(robot.body.disableTorque(JointSet(0..<9)).isEmpty)
        robot.supervisor.torqueDisabled(JointSet(0..<9))
        robot.run([:], ticks: 100)
        #expect(robot.state.torqueEnabled.isEmpty)
        #expect(robot.state.samples[0]?.current == 0)
        #expect(robot.position(0) > 0.2)
    }

    @Test("Four times the P gain gives a quarter of the deflection")
    func gains() throws {
        let loads = (low: 0.3, high: 0.6)
        let deflections = try [200, 800].map { gain in
            var robot = try Driven(Driven.oneServo(proportional: gain))
            try robot.arm([0])
            robot.body.plant.setDisturbance(servo: 0, torque: loads.low)
            robot.run([:], ticks: 200)
            let first = robot.body.plant.angle(servo: 0)
            robot.body.plant.setDisturbance(servo: 0, torque: loads.high)
            robot.run([:], ticks: 200)
            return robot.body.plant.angle(servo: 0) - first
        }
        #expect((3.6...4.4).contains(deflections[0] / deflections[1]), "\(deflections)")
    }

    @Test("Broken physics is a fault of the body, and nothing arms")
    func broken() throws {
        var robot = try Driven(Driven.claw())
        try robot.arm([0])
        robot.body.plant.setDisturbance(servo: 4, torque: 1e30)
        let passed = (0..<5).map { _ in robot.step([0: 0.1]) }
        #expect(passed.last == false)
        #expect(robot.state.fault == .simulationBroken)
        #expect(robot.supervisor.fault?.code == .simulationBroken)
    }

    @Test("The same goals give the same samples, bit for bit")
    func deterministic() throws {
        let traces = try (0..<2).map { _ in
            var robot = try Driven(Driven.claw())
            try robot.arm(Array(0..<9))
            var trace: [UInt64] = []
            for tick in 0..<500 {
                let swing = 0.4 * sin(Double(tick) * 0.05)
                robot.step([0: swing, 1: 0.2, 3: -swing, 4: 0.3, 7: swing])
                for joint in 0..<10 {
                    trace.append(robot.position(joint).bitPattern)
                    trace.append(robot.state.samples[joint]?.current.bitPattern ?? 0)
                }
            }
            return trace
        }
        #expect(traces[0] == traces[1])
    }

    @Test(
        "Safe goals at 3 rad/s turn the valve more than 30 degrees, either way",
        arguments: [1.0, -1],
        [false, true]
    )
    func strokes(direction: Double, soft: Bool) throws {
        var robot = try Driven(Driven.claw(), servoModel: soft ? .robelSoft : .motor)
        try robot.arm(Array(0..<9))
        func pose(_ top: Double, _ middle: Double, _ bottom: Double) -> [Int: Radians] {
            var wanted: [Int: Radians] = [:]
            for finger in 0..<3 {
                wanted[3 * finger] = top * direction
                wanted[3 * finger + 1] = middle
                wanted[3 * finger + 2] = bottom
            }
            return wanted
        }
        robot.run(pose(-0.48, -.pi / 3, .pi / 3), ticks: 80)
        robot.run(pose(-0.48, 0.35, 0.1), ticks: 100)
        let before = robot.position(9)
        robot.run(pose(0.48, 0.35, 0.1), ticks: 100)
        let turned = (robot.position(9) - before) * direction
        #expect(turned > degrees(30))
    }

    @Test("A robot without a model or with too few calibrations is refused")
    func refused() {
        let joints = [Driven.joint("joint")]
        #expect(throws: SimulationError.noModel(robot: "test")) {
            try SimulatedBody(robot: Driven.description(model: nil, joints: joints))
        }
        var uncalibrated = Driven.oneServo()
        uncalibrated.calibration = []
        #expect(throws: SimulationError.calibration(robot: "test", joints: 1, calibrations: 0)) {
            try SimulatedBody(robot: uncalibrated)
        }
        let stranger = Driven.description(model: "one-servo.xml", joints: [Driven.joint("elbow")])
        #expect(throws: SimulationError.self) { try SimulatedBody(robot: stranger) }
    }
}
