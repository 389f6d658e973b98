import Control
import Physics
import Robot
import RobotFiles
import Safety
import ServoProtocol
import Synchronization

@testable import ServoEmulator
@testable import ServoHardware

/// The claw's whole host stack over emulated servos in memory: control loop, supervisor, body, bus,
/// port on one side, line faults and servos on the other, under the stepped clock.
final class CampaignRig {
    let robot: RobotDescription
    let memory: MemoryLine
    let plant: SharedPlant
    let oracle: GoalOracle
    private(set) var body: ServoBody
    private(set) var loop: ControlLoop<ServoBody>
    private var mover: ScriptedMover
    private var random: FaultRandom
    private let joints: JointSet

    /// Connects and arms with nothing wrong yet.
    init(seed: UInt64, firmware: UInt8) throws {
        robot = try Self.claw()
        var options = EmulatorOptions()
        options.timing = .instant
        options.clock = .stepped(tickNanoseconds: robot.tickNanoseconds)
        options.firmwareVersion = firmware
        // As the manual has it: nobody holds up a line in memory in the middle of a packet.
        options.byteGapNanoseconds = 1_500_000
        let setups = try EmulatedServoSetup.setups(for: robot)[0]
        plant = SharedPlant(FreeServoPlant(setups: setups))
        oracle = GoalOracle(robot: robot)
        let core = BusCore(servos: setups, plant: plant, options: options, now: 0)
        memory = MemoryLine(
            core: WatchedCore(core: core, oracle: oracle),
            plan: FaultPlan(seed: seed)
        )
        body = try Self.connect(robot, memory)
        loop = Self.loop(robot, body)
        mover = ScriptedMover(robot: robot, seed: seed)
        random = FaultRandom(seed: seed &+ 0xC1A3)
        joints = JointSet(robot.joints.indices)
        try arm()
    }

    private static func claw() throws -> RobotDescription {
        let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
        let file = try YAMLFile.load("/\(folder)/robots/claw.yaml")
        let robot = RobotFile.robot(file.section)
        try file.check()
        return robot
    }

    private static func connect(
        _ robot: RobotDescription,
        _ memory: MemoryLine
    ) throws -> ServoBody {
        // Safety: the port that takes it is used by the rig's one thread, as the line is.
        nonisolated(unsafe) let line = memory
        let path = "memory:\(ObjectIdentifier(memory).hashValue)"
        SerialPort.standIns.withLock { $0[path] = { line } }
        defer { SerialPort.standIns.withLock { _ = $0.removeValue(forKey: path) } }
        let names = robot.buses.map { ($0.name, path) }
        return try ServoBody.connect(
            robot: robot,
            portOverride: Dictionary(uniqueKeysWithValues: names),
            pacing: .stepped
        )
    }

    private static func loop(_ robot: RobotDescription, _ body: ServoBody) -> ControlLoop<ServoBody>
    {
        ControlLoop(body: body, robot: robot, safety: SafetySettings(), stopSwitch: StopSwitch())
    }

    // MARK: Going on

    /// One control tick with whatever goes wrong in it.
    func cycle() throws(ControlStop) {
        passTick()
        try loop.beginTick()
        try loop.endTick(mover.next())
    }

    private func holdTick() throws(ControlStop) {
        passTick()
        try loop.beginTick()
        try loop.endTick(mover.still)
    }

    private func passTick() {
        memory.now += robot.tickNanoseconds
        oracle.tick += 1
    }

    /// Reads until every joint is known, arms, and watches that nothing jumps.
    ///
    /// - Returns: what went wrong, `nil` if nothing did.
    func armed() -> String? {
        do {
            try arm()
        } catch {
            return "re-arming failed: \(error), \(loop.armingProblem ?? body.problem ?? "")"
        }
        let before = shafts
        for _ in 0..<10 {
            do throws(ControlStop) {
                try holdTick()
            } catch {
                return "stopped again right after re-arming: \(error)"
            }
        }
        for (index, pulses) in shafts.enumerated() where abs(pulses - before[index]) > 3 {
            return "joint \(robot.joints[index].name) jumped by \(pulses - before[index]) pulses"
        }
        return unpreparedServo
    }

    private func arm() throws {
        // Every servo's health is known again after three ticks for each.
        for _ in 0..<(3 * robot.joints.count) {
            passTick()
            try loop.beginTick()
        }
        try loop.enableTorque(joints)
        try loop.endTick(mover.still)
    }

    /// A servo that is driven without the settings of the robot file.
    private var unpreparedServo: String? {
        for joint in robot.joints {
            guard let servo = memory.line.device.core.servo(id: joint.servoID) else { continue }
            let gain = servo.value(of: .positionPGain)
            let watchdog = servo.value(of: .busWatchdog)
            // 200 ms in units of 20 ms.
            guard case .registers(let wanted) = joint.gains else { continue }
            if gain != wanted.proportional || watchdog != 10 || !servo.isTorqueOn {
                return "servo \(servo.id): P \(gain ?? -1), watchdog \(watchdog ?? -1), torque "
                    + "\(servo.isTorqueOn)"
            }
        }
        return nil
    }

    private var shafts: [Int] {
        robot.joints.indices.map { plant.measure(servo: $0).pulses }
    }

    // MARK: Stopping and clearing

    /// Stops as the program does; says what is wrong with how that ended.
    ///
    /// - Parameter unreachable: IDs of servos that cannot hear or be heard.
    func stopped(unreachable: Set<UInt8>) -> String? {
        let outcome = loop.stop()
        for joint in robot.joints.indices {
            let id = robot.joints[joint].servoID
            guard !unreachable.contains(id) else { continue }
            if memory.line.device.core.servo(id: id)?.isTorqueOn != false {
                return "servo \(id) still has torque after the stop"
            }
            if outcome.unconfirmed.contains(joint) {
                return "servo \(id) was not confirmed to be off"
            }
        }
        return nil
    }

    /// Takes every cause away, as a person would: cables, cooling, rebooting, a hand on the joints.
    func clear(_ kind: FaultKind?, unit: UInt8) throws {
        memory.line.remove(nil)
        if let kind { memory.line.device.end(kind, unit: Int(unit), now: memory.now) }
        if memory.isPulled || body.problem != nil, loop.supervisor.fault?.code == .lostBus {
            try reconnect()
        }
        for (index, joint) in robot.joints.enumerated() {
            let servo = memory.line.device.core.servo(id: joint.servoID)
            if servo?.value(of: .hardwareErrorStatus) != 0 { _ = try body.reboot(index) }
        }
        loop.clearFault()
        // Servos that could not confirm that they are off are told again.
        try loop.disableTorque(joints)
        turnByHand()
    }

    private func reconnect() throws {
        memory.isPulled = false
        body.close()
        body = try Self.connect(robot, memory)
        _ = body.disableTorque(body.torqueFoundOn)
        loop = Self.loop(robot, body)
    }

    /// Every joint without torque is left a little off where it was.
    private func turnByHand() {
        for (index, joint) in robot.joints.enumerated() {
            let turn = joint.servo.pulsesPerTurn
            let limits = joint.limits.position
            let here = robot.calibration[index].angle(
                pulses: plant.measure(servo: index).pulses,
                pulsesPerTurn: turn
            )
            let there = here + Double.random(in: -0.2...0.2, using: &random)
            let margin = degrees(1)
            let inside = min(max(there, limits.lowerBound + margin), limits.upperBound - margin)
            let pulses = robot.calibration[index].pulses(angle: inside, pulsesPerTurn: turn)
            plant.withPlant { ($0 as? FreeServoPlant)?.turn(servo: index, to: pulses) }
        }
    }
}
