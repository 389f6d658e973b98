import Robot
import Safety
import Testing

@testable import ServoHardware

private let threeServos = ["1:XM430-W210:46", "2:XM430-W210:46", "3:XM430-W210:46"]
private let oldFirmware = ["1:XM430-W210:44", "2:XM430-W210:44", "3:XM430-W210:44"]

/// A connected body, its device and its supervisor.
private final class Bench {
    let device: ThirdPartyDevice
    let robot: RobotDescription
    let body: ServoBody
    var supervisor: Supervisor
    var state: BodyState

    init(_ arguments: [String] = threeServos, pacing: TickPacing = .stepped) throws {
        device = try ThirdPartyDevice(arguments)
        robot = TestRobot.robot(port: device.port)
        body = try ServoBody.connect(robot: robot, pacing: pacing)
        supervisor = Supervisor(robot: robot)
        state = BodyState(jointCount: 3)
        _ = device.log()
    }

    func tick(_ count: Int = 1) {
        for _ in 0..<count {
            _ = body.waitForTick()
            body.read(into: &state)
        }
    }

    func arm(_ joints: JointSet = JointSet(0..<3)) throws {
        tick()
        let answer = supervisor.permitTorque(joints, state: state, now: body.now())
        try body.enableTorque(try answer.get(), state: &state)
        supervisor.torqueEnabled(joints, state: state)
    }

    /// Sends goals to all joints; whether the supervisor let them pass.
    func send(_ positions: [Radians?]) -> Bool {
        var wanted = JointArray<Radians?>(count: 3, repeating: nil)
        for joint in 0..<3 { wanted[joint] = positions[joint] }
        switch supervisor.judge(wanted, state: state, now: body.now(), tick: 0) {
        case .go(let goal):
            body.write(goal)
            return true
        case .stop: return false
        }
    }
}

@Suite(
    "Reading and driving somebody else's servos",
    .serialized,
    .timeLimit(.minutes(1)),
    .enabled(if: ThirdPartyDevice.folder != nil, "needs mini_dxl.py in shared/ or SACBOT_SHARED")
)
struct BodyTests {
    @Test("Registers come out in radians, radians a second and amperes, turned as calibrated")
    func units() throws {
        let bench = try Bench()
        for id in 1...3 {
            bench.device.tell("set \(id) 126 2 \(0x1_0000 - 5)")
            bench.device.tell("set \(id) 128 4 10")
            bench.device.tell("set \(id) 132 4 3072")
        }
        bench.tick()
        // 0.229 rev/min and 2.69 mA a unit; a quarter turn is 1024 pulses.
        let a = try #require(bench.state.samples[0])
        #expect(a.position == .pi / 2)
        #expect(abs(a.velocity - 10 * 0.229 * 2 * .pi / 60) < 1e-12)
        #expect(abs(a.current - -5 * 0.00269) < 1e-12)
        let b = try #require(bench.state.samples[1])
        #expect(b.position == -.pi / 2)
        #expect(b.velocity == -a.velocity)
        #expect(b.current == -a.current)
        #expect(a.time == bench.body.now())
    }

    @Test("Negative pulse counts, as after turning back by hand, are negative angles")
    func negativePulses() throws {
        let bench = try Bench()
        bench.device.tell("set 1 132 4 \(0x1_0000_0000 - 100)")
        bench.tick()
        #expect(bench.state.samples[0]?.position == Double(-2148) * 2 * .pi / 4096)
    }

    @Test("All servos that can answer in one status are asked that way")
    func fastRead() throws {
        let bench = try Bench()
        bench.tick(3)
        #expect(bench.device.log().filter { $0 == "8A:254" }.count == 3)
        let old = try Bench(oldFirmware)
        old.tick(3)
        let requests = old.device.log()
        #expect(requests.filter { $0 == "82:254" }.count == 3)
        #expect(!requests.contains("8A:254"))
    }

    @Test("Each joint's temperature and voltage come round, one joint a tick")
    func health() throws {
        let bench = try Bench()
        bench.device.tell("set 3 146 1 44")
        bench.device.tell("set 3 144 2 118")
        bench.tick()
        #expect(bench.state.health[0]?.temperature == 30)
        #expect(bench.state.health[2] == nil)
        bench.tick(8)
        #expect(bench.state.health[2]?.temperature == 44)
        #expect(bench.state.health[2]?.inputVoltage == 11.8)
        #expect(bench.state.health[2]?.hardwareError == 0)
    }

    @Test("A hardware error is reported within nine ticks")
    func hardwareError() throws {
        let bench = try Bench()
        bench.tick(9)
        bench.device.tell("set 2 70 1 32")
        bench.tick(9)
        #expect(bench.state.health[1]?.hardwareError == 32)
        #expect(bench.state.health[0]?.hardwareError == 0)
    }

    @Test("A silent servo hides no other, also where those behind it wait for it in vain")
    func partialSilence() throws {
        for options in [[], ["--chain"]] {
            let bench = try Bench(options + oldFirmware)
            bench.tick(2)
            bench.device.tell("drop 2")
            let last = try #require(bench.state.samples[1]).time
            for _ in 0..<6 {
                bench.tick()
                #expect(bench.state.samples[0]?.time == bench.body.now())
                #expect(bench.state.samples[2]?.time == bench.body.now())
                #expect(bench.state.samples[1]?.time == last)
            }
            #expect(bench.state.fault == nil)
            #expect(bench.body.counters[0].silences >= 6)
            // Left out of the common request by now, and asked alone.
            _ = bench.device.log()
            bench.tick()
            #expect(bench.device.log().contains("02:2"))
            bench.device.tell("back 2")
            bench.tick(2)
            #expect(bench.state.samples[1]?.time == bench.body.now())
        }
    }

    @Test("Where a shared status stays out, the servos are asked one by one in the same tick")
    func fastReadFallsBack() throws {
        let bench = try Bench()
        bench.tick()
        bench.device.tell("drop 2")
        bench.tick()
        #expect(bench.state.samples[0]?.time == bench.body.now())
        #expect(bench.state.samples[2]?.time == bench.body.now())
        #expect(bench.state.samples[1]?.time != bench.body.now())
    }

    @Test("Damaged answers are asked for again, counted and never believed")
    func damagedAnswers() throws {
        let bench = try Bench(oldFirmware)
        bench.tick()
        bench.device.tell("flip 2")
        bench.tick()
        #expect(bench.state.samples[0]?.time == bench.body.now())
        #expect(bench.state.samples[0]?.position == 0)
        #expect(bench.state.samples[1]?.time == bench.body.now())
        #expect(bench.body.counters[0].corruptions == 2)
    }

    @Test("A bus that says nothing for ten cycles is lost, and stays lost")
    func silentBus() throws {
        let bench = try Bench()
        bench.tick()
        bench.device.tell("mute 1000")
        bench.tick(9)
        #expect(bench.state.fault == nil)
        bench.tick()
        #expect(bench.state.fault == .lostBus)
        #expect(bench.body.problem?.contains("no servo of bus `hand`") == true)
        bench.device.tell("mute 0")
        bench.tick()
        #expect(bench.state.fault == .lostBus)
    }

    @Test("A device that goes away is a lost bus at once")
    func unplugged() throws {
        let bench = try Bench()
        bench.tick()
        let last = try #require(bench.state.samples[0]).time
        bench.device.kill()
        bench.tick()
        #expect(bench.state.fault == .lostBus)
        #expect(bench.state.samples[0]?.time == last)
        #expect(bench.body.problem?.contains("went away") == true)
        #expect(bench.body.disableTorque(JointSet(0..<3)).indices == [0, 1, 2])
    }

    @Test("Arming writes the robot file's settings and the present position before torque")
    func arming() throws {
        let bench = try Bench()
        bench.device.tell("set 2 132 4 2500")
        bench.device.tell("set 2 98 1 255")
        try bench.arm()
        #expect(bench.state.torqueEnabled.indices == [0, 1, 2])
        for id in 1...3 {
            #expect(bench.device.get(id, 64, 1) == 1)
            #expect(bench.device.get(id, 9, 1) == 0)
            #expect(bench.device.get(id, 11, 1) == 3)
            #expect(bench.device.get(id, 84, 2) == 640)
            #expect(bench.device.get(id, 82, 2) == 3)
            #expect(bench.device.get(id, 80, 2) == 40)
            // 200 ms in units of 20 ms; 1.2 A in units of 2.69 mA, rounded up.
            #expect(bench.device.get(id, 98, 1) == 10)
            #expect(bench.device.get(id, 38, 2) == 447)
            // 90 degrees and 20 degrees of following error around 2048.
            #expect(bench.device.get(id, 48, 4) == 2048 + 1252)
            #expect(bench.device.get(id, 52, 4) == 2048 - 1252)
        }
        #expect(bench.device.get(2, 116, 4) == 2500)
        #expect(bench.device.get(1, 116, 4) == 2048)
        #expect(bench.state.samples[1]?.position == Double(-452) * 2 * .pi / 4096)
    }

    @Test("Registers that wear out are written once, not at every arming")
    func eepromWrites() throws {
        let bench = try Bench()
        try bench.arm()
        // Return delay, current limit, two position limits for each of three servos.
        #expect(bench.body.counters[0].eepromWrites == 12)
        #expect(bench.body.disableTorque(JointSet(0..<3)).isEmpty)
        bench.supervisor.torqueDisabled(JointSet(0..<3))
        try bench.arm()
        #expect(bench.body.counters[0].eepromWrites == 12)
    }

    @Test("Goals reach the servos in pulses, turned as calibrated")
    func goals() throws {
        let bench = try Bench()
        try bench.arm()
        #expect(bench.send([0.01, 0.01, nil]))
        bench.tick()
        // 0.01 rad is 6.52 pulses.
        #expect(bench.device.get(1, 116, 4) == 2055)
        #expect(bench.device.get(2, 116, 4) == 2041)
        #expect(bench.device.get(3, 116, 4) == 2048)
        #expect(bench.state.samples[0]?.position == Double(7) * 2 * .pi / 4096)
    }

    @Test("Unchanged goals are written in every fifth tick, new ones at once")
    func unchangedGoals() throws {
        let bench = try Bench(pacing: .realTime)
        try bench.arm()
        // A command that lasts: joint 0 stays where it is, then moves on once.
        _ = bench.device.log()
        var writes: [Int] = []
        for tick in 0..<21 {
            bench.tick()
            #expect(bench.send([tick < 16 ? 0.0 : 0.01, nil, nil]))
            // An answer proves that the device has seen all requests before it.
            bench.tick()
            writes.append(bench.device.log().filter { $0.hasPrefix("83") }.count)
        }
        #expect(writes[0] == 1)
        #expect(writes[1...15].reduce(0, +) == 3)
        #expect(writes[16] == 1)
        #expect(writes[17...20].reduce(0, +) == 0)
    }

    @Test("A joint that stands outside what it may be sent to is not armed, and none is")
    func outside() throws {
        let bench = try Bench()
        try bench.arm(JointSet([0]))
        #expect(bench.body.disableTorque(JointSet([0])).isEmpty)
        bench.supervisor.torqueDisabled(JointSet([0]))
        bench.tick()
        let permit = bench.supervisor.permitTorque(
            JointSet(0..<3),
            state: bench.state,
            now: bench.body.now()
        )
        bench.device.tell("set 3 132 4 3400")
        do {
            try bench.body.enableTorque(try permit.get(), state: &bench.state)
            Issue.record("armed")
        } catch let error as ArmingError {
            #expect(error.joint == 2)
            #expect(error.reason.contains("servo 3 (joint `c`) stands at pulse 3400"))
        }
        for id in 1...3 { #expect(bench.device.get(id, 64, 1) == 0) }
        #expect(bench.state.torqueEnabled.isEmpty)
    }

    @Test("A joint turned round by hand is armed where the servo folds it to")
    func folded() throws {
        let bench = try Bench()
        bench.tick()
        let permit = bench.supervisor.permitTorque(
            JointSet([0]),
            state: bench.state,
            now: bench.body.now()
        )
        // Two turns back and a bit: 2048 - 8192 + 52; the supervisor has not seen it yet.
        bench.device.tell("set 1 132 4 \(0x1_0000_0000 - 6092)")
        try bench.body.enableTorque(try permit.get(), state: &bench.state)
        #expect(bench.device.get(1, 116, 4) == 2100)
    }

    @Test("A servo with a hardware error is not armed, and the error is named")
    func armingWithError() throws {
        let bench = try Bench()
        bench.tick()
        let permit = bench.supervisor.permitTorque(
            JointSet([1]),
            state: bench.state,
            now: bench.body.now()
        )
        bench.device.tell("set 2 70 1 4")
        do {
            try bench.body.enableTorque(try permit.get(), state: &bench.state)
            Issue.record("armed")
        } catch let error as ArmingError {
            #expect(error.reason.contains("servo 2 (joint `b`) reports overheating"))
        }
    }

    @Test("A servo whose watchdog tripped, or that restarted, is a fault until torque is off")
    func stoppedByItself() throws {
        for (address, value, fault) in [
            (98, 255, FaultCode.servoWatchdog), (64, 0, .servoRebooted),
        ] {
            let bench = try Bench()
            try bench.arm()
            bench.device.tell("set 3 \(address) 1 \(value)")
            bench.tick(9)
            #expect(bench.state.fault == fault)
            #expect(bench.body.problem?.contains("servo 3 (joint `c`)") == true)
            #expect(bench.body.disableTorque(JointSet(0..<3)).isEmpty)
            bench.tick()
            #expect(bench.state.fault == nil)
            #expect(bench.state.torqueEnabled.isEmpty)
        }
    }

    @Test("Torque off is read back; who does not confirm is named; watchdogs end disarmed")
    func torqueOff() throws {
        let bench = try Bench()
        try bench.arm()
        bench.device.tell("drop 2")
        #expect(bench.body.disableTorque(JointSet(0..<3)).indices == [1])
        #expect(bench.device.get(1, 64, 1) == 0)
        #expect(bench.device.get(1, 98, 1) == 0)
        bench.device.tell("back 2")
        #expect(bench.body.disableTorque(JointSet([1])).isEmpty)
        #expect(bench.device.get(2, 64, 1) == 0)
        #expect(bench.device.get(2, 98, 1) == 0)
    }

    @Test("In real time, samples carry the time of their answer")
    func realTime() throws {
        let bench = try Bench(pacing: .realTime)
        var fresh = 0
        var last = bench.body.now()
        for _ in 0..<20 {
            let timing = bench.body.waitForTick()
            #expect(timing.start >= last)
            last = timing.start
            bench.body.read(into: &bench.state)
            guard let sample = bench.state.samples[0], sample.time >= timing.start else { continue }
            #expect(sample.time <= bench.body.now())
            fresh += 1
        }
        #expect(fresh > 0)
    }
}
