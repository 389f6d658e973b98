import Robot
import ServoProtocol
import Testing

@testable import Safety
@testable import ServoEmulator
@testable import ServoHardware

@Suite(
    "Our own host and the emulated servos agree",
    .serialized,
    .timeLimit(.minutes(1))
)
struct HostTests {
    /// An emulated robot and the host that holds it.
    private struct Pair {
        var servos: EmulatedRobot
        var body: ServoBody
        var state = BodyState(jointCount: 2)
        var tick: UInt64 = 0

        init(clock: EmulatorOptions.Clock, watchdog: Seconds? = nil) throws {
            var options = EmulatorOptions()
            options.clock = clock
            options.timing = .instant
            // One rate for both: stepped or not, 57600 bit/s is no matter of these tests.
            let rates = [1_000_000, 1_000_000]
            let robot = TestRobot.robot(rates: rates, watchdog: watchdog)
            let setups = try EmulatedServoSetup.setups(for: robot).flatMap { $0 }
            servos = try EmulatedRobot(
                robot: robot,
                plant: FreeServoPlant(setups: setups),
                options: options
            )
            servos.start()
            body = try ServoBody.connect(
                robot: TestRobot.robot(ports: servos.paths, rates: rates, watchdog: watchdog),
                pacing: clock == .real ? .realTime : .stepped
            )
        }

        mutating func arm() throws {
            body.read(into: &state)
            let permit = TorquePermit(joints: JointSet([0, 1]))
            try body.enableTorque(permit, state: &state)
        }

        /// A tick in which joints 0 and 1 are sent to these angles.
        mutating func drive(_ angles: (Radians, Radians)) {
            let timing = body.waitForTick()
            body.read(into: &state)
            var positions = JointArray<Radians?>(count: 2, repeating: nil)
            positions[0] = angles.0
            positions[1] = angles.1
            tick += 1
            body.write(SafeGoal(positions: positions, tick: tick, time: timing.start))
        }

        func register(_ name: Register.Name, bus: Int) -> Int? {
            servos.dynamixels(bus: bus)?.withDevice { $0.servos[0].value(of: name) } ?? nil
        }
    }

    @Test("a Dynamixel that brakes has D alone, until it gets torque anew")
    func damping() throws {
        var pair = try Pair(clock: .stepped(tickNanoseconds: TestRobot.tick))
        defer { pair.servos.stop() }
        try pair.arm()
        pair.drive((0.1, 1.4))
        let both = JointSet([0, 1])
        for _ in 0..<3 { #expect(pair.body.damp(both).isEmpty) }
        for bus in 0..<2 {
            #expect(pair.register(.positionPGain, bus: bus) == 0)
            #expect(pair.register(.positionIGain, bus: bus) == 0)
            #expect(pair.register(.positionDGain, bus: bus) == ServoSpecification.dampingGain)
            #expect(pair.register(.torqueEnable, bus: bus) == 1)
        }
        #expect(pair.body.disableTorque(both).isEmpty)
        try pair.arm()
        #expect(pair.register(.positionPGain, bus: 0) == 800)
        #expect(pair.register(.positionDGain, bus: 1) == 0)
    }

    @Test("goals over two ptys reach the joints, in the calibrated direction")
    func closedLoop() throws {
        var pair = try Pair(clock: .stepped(tickNanoseconds: TestRobot.tick))
        defer { pair.servos.stop() }
        try pair.arm()
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
        for _ in 0..<100 { pair.drive((0.4, 1.2)) }
        pair.body.read(into: &pair.state)
        let pulse = ServoSpecification.xm430w210.radiansPerPulse
        for (joint, wanted) in [(0, 0.4), (1, 1.2)] {
            let position = pair.state.samples[joint]?.position ?? .nan
            #expect(abs(position - wanted) <= pulse)
        }
        // Two buses, one goal packet each and tick: physics ran once a tick, and the arming's.
        let ticks = pair.servos.plant.ticks
        #expect(ticks >= 100 && ticks <= 105)
        #expect(pair.body.disableTorque(JointSet([0, 1])).isEmpty)
        #expect(pair.register(.torqueEnable, bus: 0) == 0)
        #expect(pair.register(.torqueEnable, bus: 1) == 0)
    }

    @Test("a host that falls silent is noticed by the servos, and they by the host")
    func watchdog() throws {
        var pair = try Pair(clock: .real, watchdog: 0.2)
        defer { pair.servos.stop() }
        try pair.arm()
        pair.drive((0, .pi / 2))
        for _ in 0..<25 { _ = pair.body.waitForTick() }
        #expect(pair.servos.dynamixels(bus: 0)?.counters.watchdogTrips == 1)
        for _ in 0..<20 where pair.state.fault == nil { pair.drive((0, .pi / 2)) }
        #expect(pair.state.fault == .servoWatchdog)
    }

    @Test("a servo that restarts by itself is noticed")
    func powerCycle() throws {
        var pair = try Pair(clock: .real)
        defer { pair.servos.stop() }
        try pair.arm()
        pair.drive((0, .pi / 2))
        #expect(pair.state.fault == nil)
        pair.servos.dynamixels(bus: 1)?.inject(.powerCycle, servo: 10)
        for _ in 0..<50 where pair.state.fault == nil { pair.drive((0, .pi / 2)) }
        #expect(pair.state.fault == .servoRebooted)
    }

    @Test("a pulled plug is a lost bus")
    func lostBus() throws {
        var pair = try Pair(clock: .real)
        try pair.arm()
        pair.drive((0, .pi / 2))
        pair.servos.stop()
        for _ in 0..<50 where pair.state.fault == nil { pair.drive((0, .pi / 2)) }
        #expect(pair.state.fault == .lostBus)
    }

    @Test(
        "trouble on the line is ridden through, and joints arrive all the same",
        arguments: [
            FaultKind.lostReply, .bitFlip, .splitReply, .garbage, .echo, .latencyStall,
            .lostRequest, .requestBitFlip,
        ]
    )
    func lineFaults(kind: FaultKind) throws {
        // Connecting and arming are not to be troubled: they may give up, and say so.
        var pair = try Pair(clock: .stepped(tickNanoseconds: TestRobot.tick))
        defer { pair.servos.stop() }
        try pair.arm()
        for bus in pair.servos.buses { bus.add(FaultOrder(kind, .rate(0.05))) }
        for _ in 0..<60 {
            pair.drive((0.2, 1.4))
            #expect(pair.state.fault == nil)
        }
        #expect((pair.servos.faultHits[kind] ?? 0) > 0)
        for bus in pair.servos.buses { bus.removeFaults(nil) }
        for _ in 0..<40 { pair.drive((0.2, 1.4)) }
        let pulse = ServoSpecification.xm430w210.radiansPerPulse
        for (joint, wanted) in [(0, 0.2), (1, 1.4)] {
            let position = pair.state.samples[joint]?.position ?? .nan
            #expect(abs(position - wanted) <= pulse, "\(kind)")
        }
    }

    @Test("an adapter that comes back under another name: lost first, then armed again there")
    func replugged() throws {
        var pair = try Pair(clock: .real)
        defer { pair.servos.stop() }
        try pair.arm()
        pair.drive((0, .pi / 2))
        let old = pair.servos.paths
        pair.servos.dynamixels(bus: 0)?.unplug(nanoseconds: 20_000_000)
        for _ in 0..<200 where pair.state.fault == nil { pair.drive((0, .pi / 2)) }
        #expect(pair.state.fault == .lostBus)
        pair.body.close()
        for _ in 0..<2000 where pair.servos.paths[0] == old[0] { _ = pair.body.waitForTick() }
        let new = pair.servos.paths
        #expect(new[0] != old[0] && new[1] == old[1])
        pair.body = try ServoBody.connect(
            robot: TestRobot.robot(ports: new, rates: [1_000_000, 1_000_000])
        )
        // The servos never lost their power: they hold, and are let go before they are armed.
        #expect(pair.body.torqueFoundOn == JointSet([0, 1]))
        #expect(pair.body.disableTorque(JointSet([0, 1])).isEmpty)
        pair.state = BodyState(jointCount: 2)
        try pair.arm()
        #expect(pair.state.torqueEnabled == JointSet([0, 1]))
    }
}
