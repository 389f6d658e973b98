import Realtime
import Robot
import Safety
import ServoProtocol

/// What bring-up asks of a driver beside what training does.
protocol CareDriver: BusDriver {
    /// Finds out how to talk to the adapter; asks no controller anything.
    func settleLine() throws(HardwareError)

    /// What a joint's controller keeps without power; `nil` if it does not answer.
    func lastingSettings(_ joint: Int) throws(HardwareError) -> LastingSettings?

    /// Brings a controller's lasting limits to what arming would give it, with torque off.
    ///
    /// Nothing where a controller keeps none: arming sets them each time.
    ///
    /// - Parameter robot: the robot with the calibration that the limits follow.
    func setLimits(_ joint: Int, of robot: RobotDescription) throws(ArmingError)
}

extension BusProtocol {
    /// What to do instead where a controller's errors cannot be cleared over the wire.
    var rebootByHand: String? {
        switch self {
        case .dynamixel, .moteus, .odrive: nil
        case .dynamixel1, .feetech: "these servos know no reboot; switch their power off and on"
        }
    }
}

extension CareDriver {
    func settleLine() throws(HardwareError) {}
    func lastingSettings(_ joint: Int) throws(HardwareError) -> LastingSettings? {
        LastingSettings()
    }
    func setLimits(_ joint: Int, of robot: RobotDescription) throws(ArmingError) {}
}

/// What some ticks of reading brought.
struct BusSurvey {
    /// The newest of every joint.
    var state: BodyState
    /// How long a reading took as a rule, seconds; `nil` if most found nobody.
    var readingSeconds: Seconds?
}

extension BusDriver {
    /// Reads as training does, until all that is asked for in turn was asked for.
    func survey(jointCount: Int) throws(HardwareError) -> BusSurvey {
        var cycle = BusCycle(
            state: BodyState(jointCount: jointCount),
            torqueOn: JointSet(),
            stamp: nil
        )
        var times: [Int64] = []
        for _ in 0..<surveyCycles {
            let start = MonotonicClock.now()
            let deadline = start + cycleNanoseconds + patienceNanoseconds
            try request(deadline: deadline)
            try collect(deadline: deadline, into: &cycle)
            if silentCycles == 0 { times.append(MonotonicClock.now() - start) }
        }
        let median = times.count > surveyCycles / 2 ? times.sorted()[times.count / 2] : nil
        return BusSurvey(
            state: cycle.state,
            readingSeconds: median.map { Double($0) * 1e-9 }
        )
    }

    /// An ODrive with two axes takes 25 ticks for everything, and two more for an error's cause.
    private var surveyCycles: Int { 31 }
}

extension ODriveDriver: CareDriver {}

extension MoteusDriver: CareDriver {
    func settleLine() throws(HardwareError) { try bus.detectChecksums() }
}

extension Protocol1Driver: CareDriver {
    func settleLine() throws(HardwareError) { try bus.detectEcho(patience: 20_000_000) }

    func lastingSettings(_ joint: Int) throws(HardwareError) -> LastingSettings? {
        guard let link = links.first(where: { $0.index == joint }) else { return nil }
        let registers = link.registers
        var settings = LastingSettings()
        // An MX has a Multi Turn Offset, which means nothing within a turn.
        if let offset = registers.homingOffset {
            guard let value = try bus.read(id: link.id, offset) else { return nil }
            settings.homingOffset = value
        }
        guard let low = try bus.read(id: link.id, registers.lowLimit),
            let high = try bus.read(id: link.id, registers.highLimit),
            let least = try bus.read(id: link.id, registers.minVoltageLimit),
            let most = try bus.read(id: link.id, registers.maxVoltageLimit),
            let delay = try bus.read(id: link.id, registers.returnDelayTime)
        else { return nil }
        settings.limits = (low, high)
        if least <= most { settings.voltages = Double(least) / 10...Double(most) / 10 }
        settings.returnDelay = delay
        return settings
    }

    func setLimits(_ joint: Int, of robot: RobotDescription) throws(ArmingError) {
        let link: Protocol1Link
        do throws(ServoProblem) {
            link = try Protocol1Link(robot: robot, joint: joint)
        } catch {
            throw ArmingError(joint: joint, reason: error.description)
        }
        try Protocol1Preparation(link: link, bus: bus).setLimits()
    }
}
