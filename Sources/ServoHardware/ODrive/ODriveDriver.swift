import Realtime
import Robot
import ServoProtocol

/// An ODrive board, firmware 0.5.x, with one or two joints on one port.
///
/// A tick asks for `f` of each joint with one property in between, so that a lost answer leaves no
/// doubt about the others, and writes `p` for each joint that has a goal. The current in a sample
/// is the one read last, up to seven ticks before: `f` does not bring it.
final class ODriveDriver: BusDriver {
    let description: ServoBusDescription
    let bus: ODriveBus
    var links: [ODriveLink]
    /// What is known of each joint's health, in the order of `links`.
    var health: [ODriveHealth]
    /// What is asked for in turn, one a tick.
    var turn: [ODrivePiece] = []
    var cursor = 0
    /// What is asked for in this tick.
    private var asked: ODrivePiece?
    private(set) var silentCycles = 0
    /// Axes whose watchdogs were fed since the last reading.
    private var isFed = Array(repeating: false, count: ODriveASCII.axisCount)

    init(description: ServoBusDescription, bus: ODriveBus, links: [ODriveLink]) {
        self.description = description
        self.bus = bus
        self.links = links
        health = Array(repeating: ODriveHealth(), count: links.count)
        turn = ODrivePiece.turn(joints: links.count)
    }

    var port: SerialPort { bus.port }
    var joints: [Int] { links.map(\.index) }
    var counters: BusCounters { bus.counters }
    var gapNanoseconds: Int64 { bus.timing.gap }
    var patienceNanoseconds: Int64 { bus.timing.patience }

    /// The longest reading can be, a fence included.
    var cycleNanoseconds: Int64 {
        let time = wireTime
        // Set points are written later: 25 bytes and the digits a joint at most.
        let reading = time.bytes - links.count * setPointBytes
        return bus.timing.wire(reading + 12 + 26)
    }

    /// The longest all bytes of a tick can take.
    var tickNanoseconds: Int64 { wireTime.nanoseconds(rate: bus.timing.baudRate) }

    private var setPointBytes: Int { 4 + 1 + positionDigits + 7 + 4 + 4 + 1 }

    private var wireTime: ODriveWireTime {
        ODriveWireTime.longest(
            axes: links.count,
            positionDigits: positionDigits,
            velocityDigits: 3,
            healthPath: links.first?.temperaturePath ?? ""
        )
    }

    /// Digits before the point of the largest position a joint may have, in turns.
    private var positionDigits: Int {
        var digits = 1
        for link in links {
            let ends = [link.turns(link.fence.lowerBound), link.turns(link.fence.upperBound)]
            for turns in ends {
                digits = max(digits, String(Int(min(abs(turns), 1e9))).count)
            }
        }
        return digits
    }

    func link(_ joint: Int) -> ODriveLink? { links.first { $0.index == joint } }

    func links(in set: JointSet) -> [ODriveLink] { links.filter { set.contains($0.index) } }

    // MARK: The cycle

    /// `f` of the first joint, the property, `f` of the second joint.
    ///
    /// Reading alone feeds no watchdog, so in ticks without goals it is fed here.
    func request(deadline: Int64) throws(HardwareError) {
        guard !links.isEmpty else { return }
        bus.begin()
        for link in links {
            if bus.fed[link.axis], !isFed[link.axis] { bus.askNothing(feeding: link.axis) }
            isFed[link.axis] = false
        }
        bus.askFeedback(axis: links[0].axis)
        asked = nextPiece()
        if let asked { bus.askValue(path(asked)) }
        if links.count > 1 { bus.askFeedback(axis: links[1].axis) }
        try bus.send(deadline: deadline)
    }

    func collect(deadline: Int64, into cycle: inout BusCycle) throws(HardwareError) {
        guard !links.isEmpty else { return }
        try bus.receive(deadline: deadline)
        if let asked, let found = bus.answer(1), case .value(let value) = found.answer {
            note(asked, value, time: cycle.time(found.time), into: &cycle)
        }
        var isSilent = true
        for place in links.indices {
            guard let found = bus.answer(place == 0 ? 0 : 2),
                case .feedback(let turns, let speed) = found.answer
            else { continue }
            isSilent = false
            // A board that does not know where it is says so with a number that is none.
            guard turns.isFinite, speed.isFinite else { continue }
            let link = links[place]
            cycle.state.samples[link.index] = JointSample(
                position: link.angle(turns: turns),
                velocity: link.velocity(turnsPerSecond: speed),
                current: link.current(health[place].current),
                time: cycle.time(found.time)
            )
        }
        silentCycles = isSilent ? silentCycles + 1 : 0
    }

    /// Goals go out in every tick, changed or not: they are what feeds the watchdogs.
    func write(_ positions: JointArray<Radians?>, deadline: Int64) throws(HardwareError) {
        bus.beginSetPoints()
        for link in links {
            if let angle = positions[link.index], angle.isFinite {
                bus.setPoint(axis: link.axis, turns: link.turns(angle))
                isFed[link.axis] = true
            }
        }
        try bus.sendSetPoints(deadline: deadline)
    }

    func words(hardwareError: UInt32) -> String { ODriveCause(number: hardwareError).words }

    func title(_ joint: Int, of robot: RobotDescription) -> String {
        link(joint)?.title ?? "bus `\(description.name)`"
    }
}
