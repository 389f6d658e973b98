import Physics
import Robot
import Safety
import ServoProtocol
import Testing

@testable import ServoEmulator
@testable import ServoHardware

/// Two moteus motors of a robot, host side and emulator, on a stepped clock.
@Suite("A body of moteus controllers", .serialized, .timeLimit(.minutes(1)))
struct MoteusBodyTests {
    private static func robot(port: String) -> RobotDescription {
        RobotDescription(
            name: "leg",
            joints: [1, 2].map { id in
                Joint(
                    name: "motor\(id)",
                    role: .actuated,
                    busIndex: 0,
                    servoID: UInt8(id),
                    servo: TestMoteus.motor,
                    limits: JointLimits(
                        position: -1...1,
                        goalVelocity: 5,
                        tripVelocity: 30,
                        current: 4,
                        followingError: 0.3,
                        pauseTemperature: 60,
                        stopTemperature: 70
                    ),
                    resetPosition: 0,
                    gains: .impedance(stiffness: 0.8, damping: 0.02)
                )
            },
            calibration: [
                JointCalibration(zeroPulse: 0, direction: 1),
                JointCalibration(zeroPulse: 2500, direction: -1),
            ],
            buses: [
                ServoBusDescription(
                    name: "leg",
                    port: port,
                    wire: .moteus,
                    baudRate: 921_600,
                    servoWatchdog: 0.1
                )
            ],
            tickNanoseconds: 10_000_000,
            modelPath: nil,
            stop: .park,
            emergencyStop: .release,
            arming: .automatic
        )
    }

    /// Emulator, driver, and what the supervisor would hold.
    private final class Bench {
        let bus: EmulatedMoteusBus
        let driver: MoteusDriver
        let robot: RobotDescription
        var goals = JointArray<Radians?>(count: 2, repeating: nil)
        var torqueOn = JointSet()
        var state = BodyState(jointCount: 2)
        var cycle: BusCycle

        init(form: MoteusForm = .usb) throws {
            let plant = SharedPlant(PhysicsServoPlant(try TestMoteus.plant(2)))
            var options = EmulatorOptions()
            options.clock = .stepped(tickNanoseconds: 10_000_000)
            options.timing = .instant
            bus = try EmulatedMoteusBus(
                controllers: (0..<2).map {
                    MoteusSetup(id: UInt8($0 + 1), plantIndex: $0, servo: TestMoteus.motor)
                },
                plant: plant,
                form: form,
                options: options
            )
            bus.start()
            robot = MoteusBodyTests.robot(port: bus.path)
            driver = MoteusDriver(
                description: robot.buses[0],
                port: try SerialPort(path: bus.path, baudRate: 921_600),
                links: (0..<2).map { [robot] in MoteusLink(robot: robot, joint: $0) },
                repeatsGoals: false
            )
            driver.bus.timing.allow(for: .stepped, latencyMilliseconds: 0)
            cycle = BusCycle(state: state, torqueOn: torqueOn, stamp: nil)
        }

        deinit { bus.stop() }

        var both: JointSet { JointSet([0, 1]) }

        func arm() throws -> ArmingError? {
            for joint in 0..<2 { try driver.prepare(joint) }
            let refusal = try driver.engage(both, goals: &goals)
            if refusal == nil { torqueOn = both }
            return refusal
        }

        func read() throws {
            cycle = BusCycle(state: state, torqueOn: torqueOn, stamp: nil)
            try driver.request(deadline: .max)
            try driver.collect(deadline: .max, into: &cycle)
            state = cycle.state
        }

        func run(ticks: Int, to angles: [Double]) throws {
            for _ in 0..<ticks {
                for (joint, angle) in angles.enumerated() { goals[joint] = angle }
                try driver.write(goals, deadline: .max)
                try read()
            }
        }

        func motor(_ id: UInt8) -> EmulatedMoteus? {
            bus.withDevice { $0.controller(id: id) } ?? nil
        }
    }

    @Test("is found, armed, moved and released; goals and gains are in radians")
    func wholeWay() throws {
        for form in [MoteusForm.usb, .uart] {
            let bench = try Bench(form: form)
            var report = BringUpReport()
            try bench.driver.bringUp(&report)
            #expect(report.problems.isEmpty && report.found.count == 2)
            #expect(report.found[0]?.modelNumber == 4)
            #expect(bench.driver.bus.usesChecksums == (form == .uart))
            let refusal = try bench.arm()
            #expect(refusal == nil)
            let one = try #require(bench.motor(1))
            #expect(one.mode == .position)
            // 0.8 N·m/rad and 0.02 N·m·s/rad by 2 pi radians a revolution.
            #expect(abs(one.setup.kp - 0.8 * 2 * .pi) < 1e-6)
            #expect(abs(one.setup.kd - 0.02 * 2 * .pi) < 1e-6)
            #expect(one.setup.ki == 0)
            #expect(abs(one.setup.positionBounds.upperBound - 1.3 / (2 * .pi)) < 1e-6)
            // Armed without a jump: both stand where they stood.
            try bench.read()
            #expect(abs(try #require(bench.goals[0])) < 1e-4)
            #expect(abs(try #require(bench.goals[1]) - 2 * .pi * 0.025) < 1e-4)
            try bench.run(ticks: 200, to: [0.5, -0.7])
            for (joint, angle) in [0.5, -0.7].enumerated() {
                let sample = try #require(bench.state.samples[joint])
                #expect(abs(sample.position - angle) < 0.002)
            }
            // The second motor is mounted the other way: 0.025 + 0.7 / 2 pi revolutions.
            let two = try #require(bench.motor(2))
            #expect(abs(two.position - (0.025 + 0.7 / (2 * .pi))) < 1e-3)
            var unconfirmed = bench.both
            try bench.driver.release(bench.both, unconfirmed: &unconfirmed)
            #expect(unconfirmed.isEmpty)
            #expect(bench.motor(1)?.mode == .stopped && bench.motor(2)?.mode == .stopped)
        }
    }

    @Test("never asks for more torque than the current limit comes to")
    func torqueLimit() throws {
        let bench = try Bench()
        var report = BringUpReport()
        try bench.driver.bringUp(&report)
        _ = try bench.arm()
        bench.bus.withDevice { core in
            core.plant.withPlant { plant in
                (plant as? PhysicsServoPlant)?.plant.setGrip(servo: 0, torque: 50)
            }
        }
        try bench.run(ticks: 5, to: [1, 0])
        // 0.8 N·m/rad over 1 rad would be 0.8 N·m; 4 A are 0.2 N·m.
        let sample = try #require(bench.state.samples[0])
        #expect(abs(sample.current - 4) < 0.05)
    }

    @Test("braking leaves kd only: a steady torque turns the motor at torque over damping")
    func damping() throws {
        let bench = try Bench()
        var report = BringUpReport()
        try bench.driver.bringUp(&report)
        _ = try bench.arm()
        try bench.run(ticks: 2, to: [0, 0])
        var unbraked = bench.both
        try bench.driver.damp(bench.both, unbraked: &unbraked)
        #expect(unbraked.isEmpty)
        bench.bus.withDevice { core in
            core.plant.withPlant { plant in
                (plant as? PhysicsServoPlant)?.plant.setDisturbance(servo: 0, torque: 0.05)
            }
        }
        // The rotor's time constant is 1e-4 / 0.02 s, so 0.2 s are steady.
        try bench.run(ticks: 20, to: [0, 0])
        let sample = try #require(bench.state.samples[0])
        #expect(abs(sample.velocity - 0.05 / 0.02) < 0.02)
        #expect(bench.cycle.watchdogTripped.isEmpty && bench.cycle.torqueLost.isEmpty)
        // Torque that comes back holds its place again.
        try bench.driver.release(bench.both, unconfirmed: &unbraked)
        bench.bus.withDevice { core in
            core.plant.withPlant { plant in
                let plant = (plant as? PhysicsServoPlant)?.plant
                plant?.setDisturbance(servo: 0, torque: 0)
                plant?.setAngle(servo: 0, 0)
                plant?.setVelocity(servo: 0, 0)
            }
        }
        let refusal = try bench.arm()
        #expect(refusal == nil && bench.motor(1)?.mode == .position)
        try bench.run(ticks: 100, to: [0.3, 0])
        #expect(abs(try #require(bench.state.samples[0]).position - 0.3) < 0.002)
    }

    @Test("says which motor stopped, and why")
    func troubles() throws {
        let bench = try Bench()
        var report = BringUpReport()
        try bench.driver.bringUp(&report)
        _ = try bench.arm()
        try bench.run(ticks: 2, to: [0, 0])
        #expect(bench.cycle.torqueLost.isEmpty && bench.cycle.watchdogTripped.isEmpty)
        bench.bus.inject(.fault(33), controller: 2)
        try bench.read()
        #expect(bench.cycle.torqueLost == JointSet([1]) && bench.cycle.restarted.isEmpty)
        bench.torqueOn.subtract(bench.cycle.torqueLost)
        #expect(bench.state.health[1]?.hardwareError == 33)
        #expect(bench.driver.words(hardwareError: 33).contains("driver"))
        #expect(throws: ArmingError.self) { try bench.driver.prepare(1) }
        #expect(try bench.driver.reboot(1))
        bench.bus.inject(.powerCycle, controller: 1)
        try bench.read()
        #expect(bench.cycle.restarted == JointSet([0]))
        // Its gains went with the power, and come back.
        #expect(bench.motor(1)?.setup.kp == 4)
        let refusal = try bench.arm()
        #expect(refusal == nil)
        #expect(abs(try #require(bench.motor(1)).setup.kp - 0.8 * 2 * .pi) < 1e-6)
        // Ten ticks of goals for one motor alone: the other's 0.1 s are over.
        for _ in 0..<11 {
            try bench.driver.sendGoals([0], deadline: .max)
            try bench.read()
        }
        #expect(bench.cycle.watchdogTripped == JointSet([1]))
    }

    @Test("refuses torque to a motor outside its limits, and to one that is not there")
    func refusals() throws {
        let bench = try Bench()
        var report = BringUpReport()
        try bench.driver.bringUp(&report)
        bench.bus.withDevice { core in
            core.plant.withPlant { plant in
                (plant as? PhysicsServoPlant)?.plant.setAngle(servo: 0, 2)
            }
        }
        let outside = try bench.arm()
        #expect(outside?.joint == 0 && outside?.reason.contains("move it back") == true)
        bench.bus.inject(.disconnected(true), controller: 2)
        var missing = BringUpReport()
        try bench.driver.bringUp(&missing)
        #expect(
            missing.problems == [
                .missing(joint: "motor2", id: 2, bus: "leg", rate: 921_600, answersAt: nil)
            ]
        )
        bench.bus.inject(.disconnected(true), controller: 1)
        var silent = BringUpReport()
        try bench.driver.bringUp(&silent)
        guard case .busSilent = silent.problems.first else {
            Issue.record("\(silent.problems)")
            return
        }
        for _ in 0..<3 { try bench.read() }
        #expect(bench.driver.silentCycles >= 3)
    }

    @Test("rides through lost, damaged and late replies")
    func lostReplies() throws {
        let bench = try Bench(form: .uart)
        var report = BringUpReport()
        try bench.driver.bringUp(&report)
        _ = try bench.arm()
        bench.driver.bus.timing.gap = 20_000_000
        for trouble in [
            MoteusTrouble.dropReplies(1), .corruptReplies(1),
        ] {
            let before = bench.state.samples[1]
            bench.bus.inject(trouble, controller: 1)
            try bench.read()
            #expect(bench.driver.bus.slots[0].outcome != .value)
            #expect(bench.driver.bus.slots[1].outcome == .value)
            #expect(bench.state.samples[1]?.time != before?.time)
            try bench.run(ticks: 1, to: [0, 0])
            #expect(bench.driver.bus.slots[0].outcome == .value)
        }
        #expect(bench.driver.counters.silences == 1 && bench.driver.counters.corruptions == 1)
    }
}
