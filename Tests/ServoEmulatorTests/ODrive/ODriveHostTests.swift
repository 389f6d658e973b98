import Physics
import Robot
import ServoProtocol
import Testing

@testable import Safety
@testable import ServoEmulator
@testable import ServoHardware

@Suite("The host and an emulated ODrive board agree", .serialized, .timeLimit(.minutes(2)))
struct ODriveHostTests {
    /// A board on a pty and the body that holds it.
    private struct Pair {
        let board: EmulatedODrive
        let plant: SharedPlant
        var body: ServoBody
        var state = BodyState(jointCount: 2)
        var tick: UInt64 = 0

        static func robot(_ path: String, rate: Int, watchdog: Seconds?) -> RobotDescription {
            RobotDescription(
                name: "leg",
                joints: (0...1).map { axis in
                    Joint(
                        name: ["hip", "knee"][axis],
                        role: .actuated,
                        busIndex: 0,
                        servoID: UInt8(axis),
                        servo: .u8OnODrive,
                        limits: JointLimits(
                            position: -1.5...1.5,
                            goalVelocity: 5,
                            tripVelocity: 15,
                            current: 8,
                            followingError: 0.5,
                            pauseTemperature: 60,
                            stopTemperature: 80
                        ),
                        resetPosition: 0,
                        gains: .impedance(stiffness: 3, damping: 0.1)
                    )
                },
                calibration: [
                    JointCalibration(zeroPulse: 0, direction: 1),
                    // A quarter turn.
                    JointCalibration(zeroPulse: 25_000, direction: -1),
                ],
                buses: [
                    ServoBusDescription(
                        name: "leg",
                        port: path,
                        wire: .odrive,
                        baudRate: rate,
                        servoWatchdog: watchdog
                    )
                ],
                tickNanoseconds: 10_000_000,
                modelPath: nil,
                stop: .park,
                emergencyStop: .release,
                arming: .manual
            )
        }

        init(
            stepped: Bool,
            watchdog: Seconds? = 0.2,
            change: (inout ODriveSetup) -> Void = { _ in }
        ) throws {
            var setup = ODriveSetup(axes: TestBoard.axes)
            setup.rate = 500_000
            change(&setup)
            var options = EmulatorOptions()
            options.clock = stepped ? .stepped(tickNanoseconds: 10_000_000) : .real
            options.timing = stepped ? .instant : .honest
            plant = SharedPlant(ODrivePlant(RotorPlant(count: 2, inertia: 0.001)))
            // The knee stands at its calibrated zero.
            plant.withPlant { plant in
                let rotors = (plant as? ODrivePlant)?.inner as? RotorPlant
                rotors?.rotors[1].position = 0
            }
            board = try EmulatedODrive(setup: setup, plant: plant, options: options)
            board.start()
            let robot = Self.robot(board.path, rate: 500_000, watchdog: watchdog)
            board.withDevice { core in
                // `esl` in counts of 8192: a quarter turn.
                _ = core.receive(Array("esl 1 2048\n".utf8), rate: nil, now: 0)
            }
            do {
                body = try ServoBody.connect(
                    robot: robot,
                    pacing: stepped ? .stepped : .realTime
                )
            } catch {
                board.stop()
                throw error
            }
        }

        mutating func arm() throws {
            body.read(into: &state)
            try body.enableTorque(TorquePermit(joints: JointSet([0, 1])), state: &state)
        }

        /// A tick in which the joints are sent to these angles.
        mutating func drive(_ angles: (Radians, Radians)) {
            let timing = body.waitForTick()
            body.read(into: &state)
            var positions = JointArray<Radians?>(count: 2, repeating: nil)
            positions[0] = angles.0
            positions[1] = angles.1
            tick += 1
            body.write(SafeGoal(positions: positions, tick: tick, time: timing.start))
        }

        func axis(_ index: Int) -> ODriveAxis? { board.withDevice { $0.axes[index] } }
    }

    @Test("goals reach both joints, each its own, in the calibrated direction")
    func closedLoop() throws {
        var pair = try Pair(stepped: true)
        defer { pair.board.stop() }
        #expect(pair.body.servos.map(\.id) == [0, 1])
        #expect(pair.body.torqueFoundOn.isEmpty)
        try pair.arm()
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
        for (joint, sample) in [(0, 0.0), (1, 0.0)] {
            #expect(abs((pair.state.samples[joint]?.position ?? .nan) - sample) < 0.01)
        }
        for _ in 0..<150 { pair.drive((0.4, 1.0)) }
        for (joint, wanted) in [(0, 0.4), (1, 1.0)] {
            #expect(abs((pair.state.samples[joint]?.position ?? .nan) - wanted) < 0.01)
        }
        // The knee turns the other way: a quarter turn less 1 rad of the motor.
        let motor = pair.plant.withPlant { plant -> Double in
            let rotors = (plant as? ODrivePlant)?.inner as? RotorPlant
            return rotors?.rotors[1].position ?? .nan
        }
        #expect(abs(motor - -1.0) < 0.01)
        #expect(pair.body.counters[0].silences == 0)
        #expect(pair.body.counters[0].corruptions == 0)
        #expect(pair.body.disableTorque(JointSet([0, 1])).isEmpty)
        #expect(pair.axis(0)?.state == .idle)
        #expect(pair.axis(1)?.state == .idle)
        #expect(pair.axis(0)?.configuration.enablesWatchdog == false)
    }

    @Test("braking drops pos_gain and keeps vel_gain: a shove dies away, nothing pulls it back")
    func damping() throws {
        var pair = try Pair(stepped: true)
        defer { pair.board.stop() }
        try pair.arm()
        for _ in 0..<3 { pair.drive((0.2, 0)) }
        let both = JointSet([0, 1])
        #expect(pair.body.damp(both).isEmpty)
        #expect(pair.axis(0)?.configuration.drive.positionGain == 0)
        let left = { (plant: SharedPlant) -> (Double, Double) in
            plant.withPlant { plant in
                let rotors = (plant as? ODrivePlant)?.inner as? RotorPlant
                return (rotors?.rotors[0].position ?? .nan, rotors?.rotors[0].velocity ?? .nan)
            }
        }
        pair.plant.withPlant { plant in
            let rotors = (plant as? ODrivePlant)?.inner as? RotorPlant
            rotors?.rotors[0].position = 0
            rotors?.rotors[0].velocity = 5
        }
        for _ in 0..<30 {
            _ = pair.body.waitForTick()
            pair.body.read(into: &pair.state)
            #expect(pair.body.damp(both).isEmpty)
        }
        // Inertia 0.001 over damping 0.1: it runs on by 5 rad/s x 10 ms.
        let (position, velocity) = left(pair.plant)
        #expect(abs(position - 0.05) < 0.005 && abs(velocity) < 1e-3)
        #expect(pair.state.torqueEnabled == both)
        #expect(pair.body.disableTorque(both).isEmpty)
        // Armed again, the gains are those of the robot file.
        try pair.arm()
        #expect(abs((pair.axis(0)?.configuration.drive.positionGain ?? 0) - 30) < 1e-5)
    }

    @Test("the axes are set to what the robot file says, and it is read back")
    func settings() throws {
        var pair = try Pair(stepped: true, watchdog: 0.25)
        defer { pair.board.stop() }
        try pair.arm()
        for index in 0...1 {
            let axis = try #require(pair.axis(index))
            let drive = axis.configuration.drive
            // Damping 0.1 N·m·s/rad in turns; stiffness over damping needs no unit of angle.
            #expect(abs(drive.velocityGain - 0.628319) < 1e-5)
            #expect(abs(drive.positionGain - 30) < 1e-5)
            #expect(drive.velocityIntegratorGain == 0)
            // 15 rad/s.
            #expect(abs(drive.velocityLimit - 2.387324) < 1e-5)
            #expect(drive.currentLimit == 8)
            // The motor's sheet: 0.0954 N·m/A less the torque of its friction at stall.
            #expect(abs(drive.torqueLimit - 8 * 0.095284) < 1e-4)
            #expect(drive.controlMode == .position)
            #expect(drive.inputMode == 1)
            #expect(axis.configuration.enablesWatchdog)
            #expect(abs(axis.configuration.watchdogTimeout - 0.25) < 1e-6)
        }
    }

    @Test("arming moves nothing, whatever the board was told before")
    func noJump() throws {
        var pair = try Pair(stepped: true)
        defer { pair.board.stop() }
        pair.board.withDevice { core in
            for line in ["p 0 -5 1 2", "c 1 0.3", "w axis0.controller.config.input_mode 5"] {
                _ = core.receive(Array((line + "\n").utf8), rate: nil, now: 0)
            }
        }
        try pair.arm()
        for _ in 0..<50 {
            pair.drive((0, 0))
            #expect(abs(pair.state.samples[0]?.position ?? 9) < 0.01)
            #expect(abs(pair.state.samples[1]?.position ?? 9) < 0.01)
        }
    }

    @Test("in real time both axes are read in every tick, health in turn")
    func realTime() throws {
        var pair = try Pair(stepped: false)
        defer { pair.board.stop() }
        try pair.arm()
        for _ in 0..<60 { pair.drive((0.1, 0.1)) }
        #expect(pair.state.fault == nil)
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
        for joint in 0...1 {
            #expect(abs((pair.state.samples[joint]?.position ?? 9) - 0.1) < 0.05)
            let health = try #require(pair.state.health[joint])
            #expect(health.temperature == 31.5)
            #expect(health.inputVoltage == 24)
            #expect(health.hardwareError == 0)
        }
        #expect(pair.board.counters.watchdogTrips == 0)
    }

    @Test("a host that only reads keeps its motors; one that falls silent does not")
    func watchdog() throws {
        var pair = try Pair(stepped: false, watchdog: 0.3)
        defer { pair.board.stop() }
        try pair.arm()
        for _ in 0..<60 {
            _ = pair.body.waitForTick()
            pair.body.read(into: &pair.state)
        }
        #expect(pair.state.fault == nil)
        #expect(pair.board.counters.watchdogTrips == 0)
        for _ in 0..<50 { _ = pair.body.waitForTick() }
        #expect(pair.board.counters.watchdogTrips == 2)
        for _ in 0..<30 where pair.state.fault == nil { pair.drive((0, 0)) }
        #expect(pair.state.fault == .servoWatchdog)
        // A watchdog is cleared by arming again.
        _ = pair.body.disableTorque(JointSet([0, 1]))
        try pair.arm()
        pair.drive((0, 0))
        #expect(pair.state.fault == nil)
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
    }

    @Test("an error stops its joint, says what and why in words, and is cleared by a reboot only")
    func errors() throws {
        var pair = try Pair(stepped: true)
        defer { pair.board.stop() }
        try pair.arm()
        pair.board.inject(.controllerError(axis: 1, 1))
        for _ in 0..<40 { pair.drive((0, 0)) }
        #expect(pair.state.torqueEnabled == JointSet([0]))
        let health = try #require(pair.state.health[1])
        #expect(health.hardwareError != 0)
        let words = pair.body.words(hardwareErrorOf: 1, health)
        #expect(words.hasPrefix("controller failed (overspeed); look for a slip"), "\(words)")
        _ = pair.body.disableTorque(JointSet([0, 1]))
        #expect(throws: ArmingError.self) { try pair.arm() }
        #expect(try pair.body.reboot(1))
        #expect(pair.axis(1)?.errors.isEmpty == true)
        try pair.arm()
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
    }

    @Test("a cut error word is not taken for a whole one")
    func cutWord() throws {
        var pair = try Pair(stepped: true)
        defer { pair.board.stop() }
        try pair.arm()
        pair.board.inject(.motorError(axis: 0, 0x8_0000_0000))
        for _ in 0..<40 { pair.drive((0, 0)) }
        let health = try #require(pair.state.health[0])
        let words = pair.body.words(hardwareErrorOf: 0, health)
        #expect(words.contains("motor failed (the board cuts numbers"), "\(words)")
    }

    @Test("a board that restarts by itself is noticed, and motion ends")
    func restart() throws {
        var pair = try Pair(stepped: true)
        defer { pair.board.stop() }
        try pair.arm()
        pair.drive((0, 0))
        pair.board.inject(.powerCycle)
        for _ in 0..<50 where pair.state.fault == nil { pair.drive((0.5, 0.5)) }
        #expect(pair.state.fault == .servoRebooted)
        #expect(pair.state.torqueEnabled.isEmpty || pair.state.fault != nil)
    }

    @Test("lost, damaged and late answers cost samples and nothing else")
    func trouble() throws {
        var pair = try Pair(stepped: false)
        defer { pair.board.stop() }
        try pair.arm()
        for round in 0..<12 {
            switch round % 4 {
            case 0: pair.board.inject(.dropAnswers(1 + round / 4))
            case 1: pair.board.inject(.corruptAnswers(2))
            case 2: pair.board.inject(.delayAnswers(1, nanoseconds: 25_000_000))
            default: pair.board.inject(.dropRequests(2))
            }
            for _ in 0..<8 {
                pair.drive((0.3, -0.3))
                // The hip is never where the knee is, once both are under way.
                let hip = pair.state.samples[0]?.position ?? 9
                let knee = pair.state.samples[1]?.position ?? -9
                #expect(hip > -0.01 && hip < 0.5)
                #expect(knee < 0.01 && knee > -0.5)
            }
        }
        #expect(pair.state.fault == nil)
        let counters = pair.body.counters[0]
        #expect(counters.silences + counters.corruptions > 3)
        #expect(counters.retries > 0)
    }

    @Test("a pulled plug is a lost bus")
    func lostBus() throws {
        var pair = try Pair(stepped: false)
        try pair.arm()
        pair.drive((0, 0))
        pair.board.stop()
        for _ in 0..<50 where pair.state.fault == nil { pair.drive((0, 0)) }
        #expect(pair.state.fault == .lostBus)
    }

    @Test("a board at another rate, without calibration or of another firmware is told apart")
    func bringUp() {
        func problems(_ change: (inout ODriveSetup) -> Void) -> String {
            do {
                let pair = try Pair(stepped: true, change: change)
                pair.board.stop()
                return ""
            } catch {
                return "\(error)"
            }
        }
        let rate = problems { $0.rate = 115_200 }
        #expect(rate.contains("answers at 115200 bit/s instead of 500000"), "\(rate)")
        let raw = problems { $0.isCalibrated = false }
        #expect(raw.contains("is not calibrated"), "\(raw)")
        let old = problems { $0.firmware = (0, 4, 12) }
        #expect(old.contains("firmware is 0.4.12"), "\(old)")
        #expect(problems { $0.firmware = (0, 5, 1) } == "")
    }

    @Test("gains that are no spring and damper are refused before a port is opened")
    func gains() {
        var robot = Pair.robot("/nowhere", rate: 500_000, watchdog: nil)
        robot.joints[0].gains = .impedance(stiffness: 1, damping: 0)
        robot.joints[1].gains = .registers(
            PositionGains(proportional: 1, integral: 0, derivative: 0)
        )
        do {
            _ = try ServoBody.connect(robot: robot)
            Issue.record("it was accepted")
        } catch {
            #expect("\(error)".contains("joint `hip`"))
            #expect("\(error)".contains("joint `knee`"))
        }
    }
}
