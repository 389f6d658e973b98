import Realtime
import Robot
import Safety
import ServoProtocol

/// A bus of moteus controllers behind an fdcanusb, or one on a UART.
///
/// Every goal carries the torque limit and the watchdog time: a controller that gets none in time
/// stops by itself (mode 11) and takes goals again only after a stop. Gains and position limits are
/// set through each controller's console before torque comes on, until its power goes off.
final class MoteusDriver: BusDriver {
    let description: ServoBusDescription
    let bus: MoteusBus
    var links: [MoteusLink]
    /// Whether goals are said again while nobody sends new ones, so that watchdogs watch for the
    /// end of this program and not for a pause in its motion; off where a goal moves the clock.
    private let repeatsGoals: Bool
    /// When goals were last sent.
    private var goalsSentAt = Int64.min

    /// - Parameter repeatsGoals: false under a stepped clock.
    init(
        description: ServoBusDescription,
        port: SerialPort,
        links: [MoteusLink],
        repeatsGoals: Bool
    ) {
        self.description = description
        self.links = links
        self.repeatsGoals = repeatsGoals
        bus = MoteusBus(port: port, ids: links.map(\.id))
    }

    var port: SerialPort { bus.port }
    var joints: [Int] { links.map(\.index) }
    var counters: BusCounters { bus.counters }
    var silentCycles: Int { links.isEmpty ? 0 : bus.silentBurstsOfAll }
    var patienceNanoseconds: Int64 { bus.timing.patience }
    var gapNanoseconds: Int64 { bus.timing.gap }

    /// Characters of a query, its `OK` and its reply of 32 bytes, check sums included.
    private static let readingBytes = 36 + 8 + 87
    /// Characters of a goal of 32 bytes and its `OK`.
    private static let writingBytes = 86 + 8
    /// A request and its reply on CAN-FD at 1 and 5 Mbit/s, and the controller's turn between.
    private static let busNanoseconds: Int64 = 270_000

    var cycleNanoseconds: Int64 {
        Int64(links.count) * (bus.timing.wire(Self.readingBytes) + Self.busNanoseconds)
    }

    var tickNanoseconds: Int64 {
        cycleNanoseconds + Int64(links.count) * bus.timing.wire(Self.writingBytes)
    }

    /// The places of a set's joints on this bus.
    func places(in set: JointSet) -> [Int] {
        links.indices.filter { set.contains(links[$0].index) }
    }

    // MARK: The cycle

    func request(deadline: Int64) throws(HardwareError) {
        guard !links.isEmpty else { return }
        let feeds = repeatsGoals && goalsAreOld
        bus.begin()
        for place in links.indices {
            bus.add(place, wantsReply: true) { frame in
                if feeds, let goal = links[place].goal {
                    links[place].command(goal, watchdog: description.servoWatchdog)
                        .append(to: &frame)
                }
                MoteusQuery(includesCurrent: true).append(to: &frame)
            }
        }
        try bus.send(deadline: deadline)
        if feeds { goalsSentAt = MonotonicClock.now() }
    }

    /// Whether a third of the watchdog's time has passed since goals were sent.
    private var goalsAreOld: Bool {
        guard let seconds = description.servoWatchdog else { return false }
        return Double(MonotonicClock.now() - max(goalsSentAt, 0)) * 1e-9 > seconds / 3
    }

    func collect(deadline: Int64, into cycle: inout BusCycle) throws(HardwareError) {
        guard !links.isEmpty else { return }
        try bus.collect(deadline: deadline)
        for place in links.indices where bus.slots[place].outcome == .value {
            guard let state = MoteusState(bus.slots[place].frame) else { continue }
            note(state, of: place, into: &cycle)
        }
    }

    private func note(_ state: MoteusState, of place: Int, into cycle: inout BusCycle) {
        let index = links[place].index
        let time = cycle.time(bus.slots[place].time)
        cycle.state.samples[index] = links[place].sample(state, time: time)
        cycle.state.health[index] = JointHealth(
            temperature: state.temperature,
            inputVoltage: state.voltage,
            hardwareError: state.fault.isLimit
                ? 0 : UInt32(truncatingIfNeeded: state.fault.rawValue),
            time: time
        )
        guard cycle.torqueOn.contains(index) else { return }
        switch MoteusMode(rawValue: state.mode) {
        case .position: return
        case .timeout: cycle.watchdogTripped.insert(index)
        default:
            links[place].goal = nil
            cycle.torqueLost.insert(index)
            // A fault names itself; without one the controller restarted.
            if state.fault == .none { cycle.restarted.insert(index) }
        }
    }

    func write(_ positions: JointArray<Radians?>, deadline: Int64) throws(HardwareError) {
        for place in links.indices where links[place].goal != nil {
            guard let angle = positions[links[place].index], angle.isFinite else { continue }
            links[place].goal = links[place].goalRevolutions(angle)
        }
        try sendGoals(links.indices, deadline: deadline)
    }

    /// Sends the goals in force; nobody confirms, but the adapter that it sent them.
    func sendGoals(
        _ places: some Sequence<Int>,
        deadline: Int64
    ) throws(HardwareError) {
        bus.begin()
        for place in places {
            guard let goal = links[place].goal else { continue }
            bus.add(place, wantsReply: false) { frame in
                links[place].command(goal, watchdog: description.servoWatchdog)
                    .append(to: &frame)
            }
        }
        try bus.send(deadline: deadline)
        goalsSentAt = MonotonicClock.now()
    }

    func keepAlive(_ joints: JointSet) throws(HardwareError) {
        // Under a stepped clock no watchdog's time passes meanwhile.
        guard repeatsGoals else { return }
        let places = places(in: joints)
        guard !places.isEmpty else { return }
        try sendGoals(places, deadline: MonotonicClock.now() + bus.timing.patience)
    }

    func reboot(_ joint: Int) throws(HardwareError) -> Bool {
        guard let place = links.firstIndex(where: { $0.index == joint }) else { return false }
        links[place].goal = nil
        guard let state = try bus.stop(place) else { return false }
        return state.mode == MoteusMode.stopped.rawValue && state.fault == .none
    }

    func words(hardwareError: UInt32) -> String {
        MoteusFault(rawValue: Int(hardwareError)).description
    }
}
