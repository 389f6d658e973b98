import Realtime
import ServoProtocol

/// Reads the same registers of all servos of a bus, cycle after cycle.
///
/// One request for all; a servo that is missing is then asked alone, because on a real chain the
/// servos behind a silent one wait for it and fall silent too. A servo that stayed silent for
/// `patienceCycles` is left out of the common request and asked alone, until it answers again. Fast Sync Read is used where all servos know it, until it fails three
/// times in a row.
struct GroupReader {
    let address: Int
    /// Whether Fast Sync Read may be used.
    private(set) var usesFastRead: Bool
    /// The answers of the last cycle.
    private(set) var slots: ReplySlots
    /// Cycles in a row without an answer, one number a servo.
    private(set) var silentCycles: [Int]

    static let patienceCycles = 3
    private static let fastTries = 3
    private var fastFailures = 0
    /// Whether the common request went out.
    private var isAsked = false
    /// When the last answer to the common request was due.
    private var latest = Int64.max
    /// The absent servo whose turn it is.
    private var askedAlone = 0
    /// Who is in the common request, by index into `slots`.
    private var members: [Int]
    private var common: ReplySlots

    init(ids: [UInt8], address: Int, count: Int, usesFastRead: Bool) {
        self.address = address
        self.usesFastRead = usesFastRead && ids.count > 1
        slots = ReplySlots(ids: ids, count: count)
        silentCycles = Array(repeating: 0, count: ids.count)
        members = Array(ids.indices)
        common = ReplySlots(ids: ids, count: count)
    }

    /// Bytes on the wire of one cycle in which nothing goes wrong.
    var wireBytes: Int { 14 + slots.ids.count + slots.ids.count * (11 + slots.count) }

    /// The fewest cycles in a row that any servo has been silent.
    var silentCyclesOfAll: Int { silentCycles.min() ?? 0 }

    /// Reads once.
    ///
    /// Ends by `deadline` or when every servo has answered.
    mutating func read(on bus: ServoBus, deadline: Int64) throws(HardwareError) {
        try begin(on: bus, deadline: deadline)
        try finish(on: bus, deadline: deadline)
    }

    /// Sends the common request; `finish` collects the answers, later, with nothing sent between.
    mutating func begin(on bus: ServoBus, deadline: Int64) throws(HardwareError) {
        slots.reset()
        common.reset()
        let instruction: DynamixelInstruction = asksFast ? .fastSyncRead : .syncRead
        isAsked = false
        if !common.ids.isEmpty { isAsked = try request(instruction, on: bus, deadline: deadline) }
        latest = due(on: bus)
    }

    /// When the last answer to a common request sent now has come, if all answer.
    private func due(on bus: ServoBus) -> Int64 {
        let returnDelays = Int64(common.ids.count) * bus.timing.returnDelay
        return MonotonicClock.now() + bus.timing.wire(wireBytes) + returnDelays + bus.timing.gap
    }

    /// Collects the answers and asks those alone that did not give one.
    ///
    /// Ends by `deadline` or when every servo has answered. What arrived while another bus was
    /// looked after counts as having come when its bytes were due, never as newer.
    mutating func finish(on bus: ServoBus, deadline: Int64) throws(HardwareError) {
        bus.latestArrival = latest
        try collectTogether(on: bus, deadline: deadline)
        bus.latestArrival = .max
        for index in slots.ids.indices
        where isOpen(index) && silentCycles[index] < Self.patienceCycles {
            try readAlone(index, on: bus, deadline: deadline)
        }
        try readAbsent(on: bus, deadline: deadline)
        noteSilence()
    }

    private func isOpen(_ index: Int) -> Bool {
        slots.openIndex(of: slots.ids[index]) == index
    }

    /// Asks absent servos alone, in turn, until one stays silent: those that are back all come back
    /// in one cycle (a whole bus after a stall), those that are gone cost one silence a cycle.
    private mutating func readAbsent(on bus: ServoBus, deadline: Int64) throws(HardwareError) {
        let count = slots.ids.count
        let first = askedAlone
        for offset in 0..<count {
            let index = (first + offset) % count
            guard isOpen(index), silentCycles[index] >= Self.patienceCycles else { continue }
            try readAlone(index, on: bus, deadline: deadline)
            guard slots.replies[index] == .value else {
                askedAlone = (index + 1) % count
                return
            }
        }
    }

    private var asksFast: Bool { usesFastRead && common.ids.count > 1 }

    private mutating func collectTogether(
        on bus: ServoBus,
        deadline: Int64
    ) throws(HardwareError) {
        guard isAsked else { return }
        if asksFast {
            if try collectFast(on: bus, deadline: deadline) { return }
            fastFailures += 1
            if fastFailures >= Self.fastTries { usesFastRead = false }
            bus.counters.retries += 1
            bus.latestArrival = .max
            common.reset()
            guard try request(.syncRead, on: bus, deadline: deadline) else { return }
            latest = due(on: bus)
        }
        // If the first of the chain is missing nothing comes at all: the others, who wait for it,
        // are to be asked alone in what is left of the time.
        let limit = min(deadline, latest)
        guard members.count < slots.ids.count else {
            try bus.receive(into: &slots, deadline: limit)
            return slots.reopenDamaged()
        }
        try bus.receive(into: &common, deadline: limit)
        copyCommon()
    }

    private mutating func collectFast(
        on bus: ServoBus,
        deadline: Int64
    ) throws(HardwareError) -> Bool {
        let wire = bus.timing.wire(8 + common.ids.count * (4 + common.count))
        // Leave room for a plain read in the same cycle.
        let now = MonotonicClock.now()
        let limit = min(deadline, now + max((deadline - now) / 2, wire + bus.timing.gap))
        guard try bus.receiveFast(into: &common, deadline: limit) else { return false }
        fastFailures = 0
        copyCommon()
        return true
    }

    private func request(
        _ instruction: DynamixelInstruction,
        on bus: ServoBus,
        deadline: Int64
    ) throws(HardwareError) -> Bool {
        try bus.send(id: Dynamixel2.broadcastID, instruction, deadline: deadline) { writer in
            writer.append(address, size: 2)
            writer.append(slots.count, size: 2)
            for id in common.ids { writer.append(id) }
        }
    }

    private mutating func copyCommon() {
        for (place, index) in members.enumerated() {
            slots.take(index, from: common, at: place)
        }
    }

    private mutating func readAlone(
        _ index: Int,
        on bus: ServoBus,
        deadline: Int64
    ) throws(HardwareError) {
        let now = MonotonicClock.now()
        let need = bus.timing.exchange(requestBytes: 14, dataCount: slots.count)
        guard now + need < deadline else { return }
        bus.counters.retries += 1
        try bus.ask(
            id: slots.ids[index],
            .read,
            count: slots.count,
            attempts: 1,
            patience: min(deadline - now - need, bus.timing.gap)
        ) { writer in
            writer.append(address, size: 2)
            writer.append(slots.count, size: 2)
        }
        slots.take(index, from: bus.alone, at: 0)
    }

    private mutating func noteSilence() {
        var changed = false
        for index in slots.ids.indices {
            let wasAbsent = silentCycles[index] >= Self.patienceCycles
            if case .value = slots.replies[index] {
                silentCycles[index] = 0
            } else if case .error = slots.replies[index] {
                silentCycles[index] = 0
            } else {
                silentCycles[index] += 1
            }
            changed = changed || wasAbsent != (silentCycles[index] >= Self.patienceCycles)
        }
        if changed { chooseMembers() }
    }

    private mutating func chooseMembers() {
        members = slots.ids.indices.filter { silentCycles[$0] < Self.patienceCycles }
        // If all are absent the common request is the cheapest way to find the first again.
        if members.isEmpty { members = Array(slots.ids.indices) }
        common = ReplySlots(ids: members.map { slots.ids[$0] }, count: slots.count)
    }
}
