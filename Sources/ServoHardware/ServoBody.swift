import Realtime
public import Robot
public import Safety
import ServoProtocol

/// A robot of real servos on serial buses, or of emulated ones behind a pseudo-terminal.
///
/// Used by one thread at a time. Made by `connect`; reads bring every joint's current, velocity
/// and position, and one piece of one joint's health a tick.
public final class ServoBody: DrivenBody {
    /// Cycles in a row without any answer after which a bus counts as lost.
    public static let lostBusCycles = 10

    /// Who answered when the body was connected, in the order of the joints.
    public let servos: [FoundServo]
    /// What a person should change although the robot runs, one sentence each.
    public let warnings: [LatencyWarning]
    /// Joints whose servo had torque on when the body was connected; switch it off with
    /// `disableTorque` before anything else, or a power failure of this program goes on for them.
    public let torqueFoundOn: JointSet
    /// What made a bus count as lost, for a person; `nil` while all is well.
    public internal(set) var problem: String?

    let robot: RobotDescription
    let buses: [BusLink]
    var clock: TickClock
    /// Joints whose torque this body enabled and has not seen off since.
    var torqueOn = JointSet()
    /// The fault in force; `lostBus` stays, the servos' own faults end when their torque is off.
    var fault: FaultCode?
    private var health: [HealthNotes]

    init(
        robot: RobotDescription,
        buses: [BusLink],
        servos: [FoundServo],
        torqueFoundOn: JointSet,
        pacing: TickPacing
    ) {
        self.robot = robot
        self.buses = buses
        self.servos = servos
        self.torqueFoundOn = torqueFoundOn
        warnings = buses.compactMap(\.bus.port.latencyWarning)
        clock = TickClock(pacing: pacing, tickNanoseconds: robot.tickNanoseconds)
        health = Array(repeating: HealthNotes(), count: robot.joints.count)
    }

    /// Joints, objects included.
    public var jointCount: Int { robot.joints.count }

    /// Monotonic time; with stepped pacing, ticks waited for.
    public func now() -> MonotonicTime { clock.now() }

    /// Returns at the next tick; late ticks are skipped and counted, never caught up.
    public func waitForTick() -> TickTiming { clock.wait() }

    /// What happened on each bus since it was opened, in the order of the robot file.
    public var counters: [BusCounters] { buses.map(\.bus.counters) }

    /// Gives the ports back without switching anything off.
    ///
    /// The body cannot be used after it.
    public func close() {
        for bus in buses {
            bus.bus.port.close()
            bus.isLost = true
            bus.isClosed = true
        }
        if fault == nil { fault = .lostBus }
    }

    /// Restarts a joint's servo: clears a hardware error whose cause is gone; torque is off after.
    ///
    /// - Returns: whether the servo confirmed. It does not answer for about half a second.
    public func reboot(_ joint: Int) throws(HardwareError) -> Bool {
        guard let bus = buses.first(where: { $0.joints.contains { $0.index == joint } }) else {
            return false
        }
        torqueOn.remove(joint)
        return try bus.bus.reboot(id: robot.joints[joint].servoID).reply == .value
    }

    // MARK: Reading

    /// Asks all servos, those that stay silent once more and alone, and one for its health.
    ///
    /// Takes at most three quarters of a tick (with stepped pacing: at most what a slow emulator
    /// needs). `state.fault` becomes `lostBus` when a port is gone or no servo of a bus answered
    /// for `lostBusCycles`; `servoWatchdog` or `servoRebooted` while a servo that should hold a
    /// goal has stopped by itself. The latter two go away once torque is off.
    public func read(into state: inout BodyState) {
        let start = MonotonicClock.now()
        for (place, bus) in buses.enumerated() where !bus.isLost {
            do {
                try read(bus, share: place + 1, start: start, into: &state)
            } catch {
                lose(bus, because: error.description)
            }
        }
        if torqueOn.isEmpty, fault != .lostBus { fault = nil }
        state.torqueEnabled = torqueOn
        if let fault {
            state.fault = fault
        } else if state.fault == .servoWatchdog || state.fault == .servoRebooted {
            state.fault = nil
        }
    }

    private func read(
        _ bus: BusLink,
        share: Int,
        start: Int64,
        into state: inout BodyState
    ) throws(HardwareError) {
        guard !bus.joints.isEmpty else { return }
        let limit = start + budget(bus) * Int64(share) / Int64(buses.count)
        try bus.reader.read(on: bus.bus, deadline: limit)
        for (place, link) in bus.joints.enumerated() {
            guard bus.reader.slots.replies[place] == .value else { continue }
            let time = sampleTime(bus.reader.slots.times[place])
            state.samples[link.index] = link.sample(bus.reader.slots, place, time: time)
        }
        if bus.reader.silentCyclesOfAll >= Self.lostBusCycles {
            let text = ServoProblem.busSilent(
                bus: bus.description.name,
                port: bus.bus.port.path,
                rate: bus.description.baudRate,
                ids: bus.joints.map(\.id)
            )
            return lose(bus, because: text.description)
        }
        try readHealth(of: bus, limit: limit, into: &state)
    }

    /// How long reading may take in a tick, nanoseconds.
    private func budget(_ bus: BusLink) -> Int64 {
        let timing = bus.bus.timing
        let expected =
            timing.wire(bus.reader.wireBytes)
            + Int64(bus.joints.count) * timing.returnDelay + timing.gap
        guard clock.pacing == .realTime else { return timing.patience + expected }
        return max(robot.tickNanoseconds * 3 / 4, expected)
    }

    private func sampleTime(_ monotonic: Int64) -> MonotonicTime {
        clock.pacing == .realTime ? MonotonicTime(nanoseconds: monotonic) : clock.now()
    }

    func lose(_ bus: BusLink, because reason: String) {
        bus.isLost = true
        fault = .lostBus
        if problem == nil { problem = reason }
    }

    // MARK: Health

    /// Asks one joint for one piece of its health: a joint that calls for attention first, then
    /// all in turn.
    private func readHealth(
        of bus: BusLink,
        limit: Int64,
        into state: inout BodyState
    ) throws(HardwareError) {
        let alerting = bus.joints.indices.first { place in
            bus.reader.slots.replies[place] != .silent && bus.reader.slots.alerts[place]
                && health[bus.joints[place].index].hardwareError == 0
        }
        if let alerting {
            try read(.hardwareError, of: bus, alerting, limit: limit, into: &state)
            return
        }
        let pieces = HealthPiece.turn
        let turn = bus.healthCursor % (pieces.count * bus.joints.count)
        bus.healthCursor = turn + 1
        let place = turn / pieces.count
        guard bus.reader.silentCycles[place] == 0 else { return }
        try read(pieces[turn % pieces.count], of: bus, place, limit: limit, into: &state)
    }

    private func read(
        _ piece: HealthPiece,
        of bus: BusLink,
        _ place: Int,
        limit: Int64,
        into state: inout BodyState
    ) throws(HardwareError) {
        let link = bus.joints[place]
        let span = piece.span(link.registers)
        let timing = bus.bus.timing
        let need = timing.exchange(requestBytes: 14, dataCount: span.count)
        let left = limit - MonotonicClock.now() - need
        guard left > 0 else { return }
        try bus.bus.ask(
            id: link.id,
            .read,
            count: span.count,
            attempts: 1,
            patience: left
        ) { writer in
            writer.append(span.lowerBound, size: 2)
            writer.append(span.count, size: 2)
        }
        guard bus.bus.alone.replies[0] == .value else { return }
        note(piece, bus.bus.alone, of: link)
        let time = sampleTime(bus.bus.alone.times[0])
        if let report = health[link.index].report(time: time) {
            state.health[link.index] = report
        }
    }

    private func note(_ piece: HealthPiece, _ answer: ReplySlots, of link: JointLink) {
        let index = link.index
        func byte(_ offset: Int) -> UInt8 {
            UInt8(answer.value(0, at: offset, size: 1, isSigned: false))
        }
        switch piece {
        case .supply:
            // Tenths of a volt and degrees Celsius.
            let tenths = answer.value(0, at: 0, size: 2, isSigned: false)
            health[index].inputVoltage = Double(tenths) / 10
            health[index].temperature = Double(byte(2))
        case .hardwareError:
            health[index].hardwareError = byte(0)
        case .torque:
            health[index].hardwareError = byte(answer.count - 1)
            guard byte(0) == 0, torqueOn.contains(index) else { return }
            // A shutdown names itself in the hardware error; without one the servo restarted.
            torqueOn.remove(index)
            if health[index].hardwareError == 0 { raise(.servoRebooted, link) }
        case .watchdog:
            if byte(0) == 0xFF, torqueOn.contains(index) { raise(.servoWatchdog, link) }
        }
    }

    private func raise(_ code: FaultCode, _ link: JointLink) {
        guard fault == nil else { return }
        fault = code
        problem = "\(link.title): \(code.explanation)"
    }

    // MARK: Driving

    /// Sends goals to all servos that have one, one request a bus; nobody confirms.
    public func write(_ goal: consuming SafeGoal) {
        let positions = goal.positions
        for bus in buses where !bus.isLost {
            guard bus.joints.contains(where: { positions[$0.index] != nil }) else { continue }
            let deadline = MonotonicClock.now() + robot.tickNanoseconds
            do {
                _ = try bus.bus.send(
                    id: Dynamixel2.broadcastID,
                    .syncWrite,
                    deadline: deadline
                ) { writer in
                    writer.append(Self.goalAddress, size: 2)
                    writer.append(4, size: 2)
                    for link in bus.joints {
                        guard let angle = positions[link.index], angle.isFinite else { continue }
                        writer.append(link.id)
                        writer.append(link.goalPulses(angle), size: 4)
                    }
                }
            } catch {
                lose(bus, because: error.description)
            }
        }
    }

    /// Goal Position; the same on every model.
    private static let goalAddress = 116

    /// Forgets what was known of a joint's hardware error, before it is armed.
    func forgetHardwareError(_ joint: Int) { health[joint].hardwareError = 0 }
}
