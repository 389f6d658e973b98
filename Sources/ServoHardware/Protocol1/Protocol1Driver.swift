import Realtime
import Robot
import ServoProtocol

/// A bus of Dynamixel servos that speak protocol 1.0, or of Feetech STS servos.
///
/// None of them notices that its host fell silent, so there is no watchdog to arm or to feed.
final class Protocol1Driver: BusDriver {
    let description: ServoBusDescription
    let bus: Protocol1Bus
    var links: [Protocol1Link]
    /// Reads position, speed, load, voltage and temperature of all joints.
    var reader: Protocol1Reader
    /// What is known of each joint's health, in the order of `links`.
    var health: [HealthNotes]
    /// Goals as last written; `nil` where none was.
    private var written: JointArray<Int?>
    private var ticksSinceWrite = 0
    /// Every how many ticks goals are written again although nothing changed.
    private let ticksBetweenWrites: Int
    /// Whose torque is looked at next.
    private var healthTurn = 0

    /// - Parameter ticksBetweenWrites: 1 writes goals in every tick.
    init(
        description: ServoBusDescription,
        bus: Protocol1Bus,
        links: [Protocol1Link],
        ticksBetweenWrites: Int
    ) {
        self.description = description
        self.bus = bus
        self.links = links
        self.ticksBetweenWrites = ticksBetweenWrites
        written = JointArray(count: links.count, repeating: nil)
        health = Array(repeating: HealthNotes(), count: links.count)
        reader = Protocol1Reader(
            ids: links.map(\.id),
            address: links.first?.presentAddress ?? 0,
            count: links.map(\.presentCount).min() ?? 0,
            together: Self.commonRead(links)
        )
    }

    /// Sync read for STS, bulk read for MX, nothing as soon as an AX is on the bus.
    private static func commonRead(_ links: [Protocol1Link]) -> Protocol1Instruction? {
        if links.allSatisfy({ $0.table.wire == .feetechLittleEndian }) { return .syncRead }
        return links.allSatisfy { $0.registers.multiTurnOffset != nil } ? .bulkRead : nil
    }

    var port: SerialPort { bus.port }
    var joints: [Int] { links.map(\.index) }
    var counters: BusCounters { bus.counters }
    var silentCycles: Int { links.isEmpty ? 0 : reader.silentCyclesOfAll }
    var patienceNanoseconds: Int64 { bus.timing.patience }
    var gapNanoseconds: Int64 { bus.timing.gap }

    /// Bytes of the question about somebody's torque and its answer.
    private var torqueBytes: Int {
        8 + Protocol1.shortestFrame + (links.map(\.torqueSpan.count).max() ?? 0)
    }

    /// A read of all with all return delays, and one question about somebody's torque.
    var cycleNanoseconds: Int64 {
        bus.timing.wire(reader.wireBytes + torqueBytes)
            + Int64(links.count + 1) * bus.timing.returnDelay
    }

    /// Bytes of a read of all, of a question about somebody's torque, and of a sync write of two
    /// bytes to each servo; `prepare` sets return delays to nothing.
    var tickNanoseconds: Int64 {
        bus.timing.wire(reader.wireBytes + torqueBytes + 8 + 3 * links.count)
    }

    /// Takes note of the servos' Return Delay Time registers: the longest one counts.
    func noteReturnDelays() {
        bus.timing.returnDelay = links.map { Int64($0.returnDelay) * 2000 }.max() ?? 508_000
    }

    /// The joints of a set that are on this bus.
    func links(in set: JointSet) -> [Protocol1Link] { links.filter { set.contains($0.index) } }

    // MARK: The cycle

    func request(deadline: Int64) throws(HardwareError) {
        guard !links.isEmpty else { return }
        try reader.begin(on: bus, deadline: deadline)
    }

    func collect(deadline: Int64, into cycle: inout BusCycle) throws(HardwareError) {
        guard !links.isEmpty else { return }
        try reader.finish(on: bus, deadline: deadline)
        for place in links.indices where reader.slots.replies[place] == .value {
            let time = cycle.time(reader.slots.times[place])
            let index = links[place].index
            cycle.state.samples[index] = links[place].sample(reader.slots, place, time: time)
            noteHealth(place)
            if let report = health[place].report(time: time) {
                cycle.state.health[index] = report
            }
        }
        try readTorque(deadline: deadline, into: &cycle)
    }

    /// Voltage and temperature come with every read, conditions with every error byte.
    ///
    /// A condition that went away stays noted until the servo is prepared anew: what it did to
    /// torque stays too.
    private func noteHealth(_ place: Int) {
        let link = links[place]
        func value(_ register: Register) -> Int {
            reader.slots.value(place, of: register, from: link.presentAddress)
        }
        health[place].inputVoltage = Double(value(link.registers.presentVoltage)) / 10
        health[place].temperature = Double(value(link.registers.presentTemperature))
        let error = Protocol1Error(rawValue: reader.slots.errorBytes[place])
        health[place].hardwareError |= error.hardwareErrors(on: bus.wire).rawValue
    }

    /// Looks whether the joint whose turn it is still has torque.
    private func readTorque(deadline: Int64, into cycle: inout BusCycle) throws(HardwareError) {
        let place = healthTurn % links.count
        healthTurn = place + 1
        guard reader.silentCycles[place] == 0 else { return }
        let link = links[place]
        let span = link.torqueSpan
        let need = bus.timing.exchange(requestBytes: 8, dataCount: span.count)
        let left = deadline - MonotonicClock.now() - need
        guard left > 0 else { return }
        try bus.ask(
            id: link.id,
            .read,
            count: span.count,
            attempts: 1,
            patience: left
        ) { writer in
            writer.append(UInt8(truncatingIfNeeded: span.lowerBound))
            writer.append(UInt8(truncatingIfNeeded: span.count))
        }
        guard bus.alone.replies[0] == .value, cycle.torqueOn.contains(link.index) else { return }
        let isOn = bus.alone.value(0, of: link.registers.torqueEnable, from: span.lowerBound) == 1
        // An alarm of Dynamixel 1.0 leaves Torque Enable and sets Torque Limit to 0.
        let limit = link.registers.torqueLimit.map {
            bus.alone.value(0, of: $0, from: span.lowerBound)
        }
        if isOn, limit != 0 { return }
        cycle.torqueLost.insert(link.index)
        if !isOn, health[place].hardwareError == 0 { cycle.restarted.insert(link.index) }
    }

    func write(_ positions: JointArray<Radians?>, deadline: Int64) throws(HardwareError) {
        guard let goal = links.first?.registers.goalPosition, noteGoals(positions) else { return }
        let isSent = try bus.send(
            id: Protocol1.broadcastID,
            .syncWrite,
            deadline: deadline
        ) { writer in
            writer.append(UInt8(truncatingIfNeeded: goal.address))
            writer.append(UInt8(truncatingIfNeeded: goal.size))
            for link in links {
                guard let angle = positions[link.index], angle.isFinite else { continue }
                writer.append(link.id)
                writer.append(link.pulses.goal(angle), as: link.registers.goalPosition)
            }
        }
        ticksSinceWrite = isSent ? 0 : ticksBetweenWrites
    }

    /// Has the next goals written whatever they are: something else set them meanwhile.
    func forgetGoals() { written = JointArray(count: links.count, repeating: nil) }

    /// Takes note of goals; whether they have to be written.
    private func noteGoals(_ positions: JointArray<Radians?>) -> Bool {
        var isNew = false
        var isAny = false
        for (place, link) in links.enumerated() {
            let goal = positions[link.index].flatMap { $0.isFinite ? link.pulses.goal($0) : nil }
            isAny = isAny || goal != nil
            isNew = isNew || goal != written[place]
            written[place] = goal
        }
        ticksSinceWrite += 1
        return isAny && (isNew || ticksSinceWrite >= ticksBetweenWrites)
    }

    /// Neither Dynamixel 1.0 (but for the X series) nor Feetech can be told to restart.
    func reboot(_ joint: Int) throws(HardwareError) -> Bool { false }

    func words(hardwareError: UInt32) -> String {
        HardwareErrorBits(rawValue: UInt8(truncatingIfNeeded: hardwareError)).words
    }
}
