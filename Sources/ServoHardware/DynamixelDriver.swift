import Realtime
import Robot
import ServoProtocol

/// A bus of Dynamixel servos that speak protocol 2.0.
final class DynamixelDriver: BusDriver {
    let description: ServoBusDescription
    let bus: ServoBus
    var links: [JointLink]
    /// Reads current, velocity and position of all joints.
    var reader: GroupReader
    /// What is known of each joint's health, in the order of `links`.
    var health: [HealthNotes]
    /// Goals as last written, `nil` where none was.
    private var written: JointArray<Int?>
    private var ticksSinceWrite = 0
    /// After how many ticks goals are written again although nothing changed: nobody misses a write
    /// that was lost.
    private let ticksBetweenWrites: Int
    /// Whose turn it is to be asked for its health, and for which part.
    var healthCursor = 0

    /// - Parameter ticksBetweenWrites: 1 writes goals in every tick.
    init(
        description: ServoBusDescription,
        bus: ServoBus,
        links: [JointLink],
        ticksBetweenWrites: Int
    ) {
        self.ticksBetweenWrites = ticksBetweenWrites
        written = JointArray(count: links.count, repeating: nil)
        self.description = description
        self.bus = bus
        self.links = links
        health = Array(repeating: HealthNotes(), count: links.count)
        reader = Self.reader(links, usesFastRead: false)
    }

    var port: SerialPort { bus.port }
    var joints: [Int] { links.map(\.index) }
    var counters: BusCounters { bus.counters }
    var silentCycles: Int { links.isEmpty ? 0 : reader.silentCyclesOfAll }
    var patienceNanoseconds: Int64 { bus.timing.patience }
    var gapNanoseconds: Int64 { bus.timing.gap }

    /// A group read with all return delays, and one short question about somebody's health.
    var cycleNanoseconds: Int64 {
        bus.timing.wire(reader.wireBytes) + Int64(links.count) * bus.timing.returnDelay
            + bus.timing.exchange(requestBytes: 14, dataCount: 7)
    }

    /// Bytes of a group read, of a question about somebody's health (14 and 11 + 7), and of a sync
    /// write of four bytes to each servo; `prepare` sets return delays to nothing.
    var tickNanoseconds: Int64 {
        bus.timing.wire(reader.wireBytes + 14 + 18 + 14 + 5 * links.count)
    }

    private static func reader(_ links: [JointLink], usesFastRead: Bool) -> GroupReader {
        GroupReader(
            ids: links.map(\.id),
            address: JointLink.presentAddress,
            count: JointLink.presentCount,
            usesFastRead: usesFastRead
        )
    }

    /// Reads in one shared status from now on, if all servos can.
    func useFastReadIfKnown() {
        let allKnow = links.allSatisfy { link in
            guard let first = link.joint.servo.fastSyncReadFirmware else { return false }
            return link.firmware >= first
        }
        reader = Self.reader(links, usesFastRead: allKnow)
    }

    /// Takes note of the servos' Return Delay Time registers: the longest one counts.
    func noteReturnDelays() {
        bus.timing.returnDelay = links.map { Int64($0.returnDelay) * 2000 }.max() ?? 508_000
    }

    /// Bus Watchdog register for the robot file's time: 20 ms a unit, rounded up; 0 is off.
    var watchdogUnits: Int {
        guard let seconds = description.servoWatchdog else { return 0 }
        // A thousandth of a unit forgives what 0.1 is in binary.
        return min(max(Int((seconds / 0.020 - 0.001).rounded(.up)), 1), 127)
    }

    /// The joints of a set that are on this bus.
    func links(in set: JointSet) -> [JointLink] { links.filter { set.contains($0.index) } }

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
        }
        try readHealth(deadline: deadline, into: &cycle)
    }

    /// Goal Position; the same on every model.
    private static let goalAddress = 116

    func write(_ positions: JointArray<Radians?>, deadline: Int64) throws(HardwareError) {
        guard noteGoals(positions) else { return }
        let isSent = try bus.send(
            id: Dynamixel2.broadcastID,
            .syncWrite,
            deadline: deadline
        ) { writer in
            writer.append(Self.goalAddress, size: 2)
            writer.append(4, size: 2)
            for link in links {
                guard let angle = positions[link.index], angle.isFinite else { continue }
                writer.append(link.id)
                writer.append(link.goalPulses(angle), size: 4)
            }
        }
        ticksSinceWrite = isSent ? 0 : ticksBetweenWrites
    }

    /// Has the next goals written whatever they are: something else set them meanwhile.
    func forgetGoals() { written = JointArray(count: links.count, repeating: nil) }

    /// Takes note of goals; whether they have to be written.
    ///
    /// Reads in every tick keep the watchdogs quiet, so unchanged goals may wait.
    private func noteGoals(_ positions: JointArray<Radians?>) -> Bool {
        var isNew = false
        var isAny = false
        for (place, link) in links.enumerated() {
            let pulses = positions[link.index].flatMap { $0.isFinite ? link.goalPulses($0) : nil }
            isAny = isAny || pulses != nil
            isNew = isNew || pulses != written[place]
            written[place] = pulses
        }
        ticksSinceWrite += 1
        return isAny && (isNew || ticksSinceWrite >= ticksBetweenWrites)
    }

    func reboot(_ joint: Int) throws(HardwareError) -> Bool {
        guard let link = links.first(where: { $0.index == joint }) else { return false }
        return try bus.reboot(id: link.id).reply == .value
    }

    func words(hardwareError: UInt32) -> String {
        HardwareErrorBits(rawValue: UInt8(truncatingIfNeeded: hardwareError)).words
    }
}
