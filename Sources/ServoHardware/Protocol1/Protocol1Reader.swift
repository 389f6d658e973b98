import Realtime
import ServoProtocol

/// Reads the same registers of all servos of a bus, cycle after cycle.
///
/// STS servos share a sync read and MX servos a bulk read; AX servos know neither and are asked one
/// after the other, as is everybody whom the common request brought nothing of. A servo that stayed
/// silent for `GroupReader.patienceCycles` is left out of the common request and asked alone until
/// it answers again; of those that are gone only one a cycle is waited for.
struct Protocol1Reader {
    let address: Int
    /// The request that asks all at once, `nil` if there is none.
    let together: Protocol1Instruction?
    /// The answers of the last cycle.
    private(set) var slots: ReplySlots
    /// Cycles in a row without an answer, one number a servo.
    private(set) var silentCycles: [Int]

    /// Who is in the common request, by index into `slots`.
    private var members: [Int]
    private var common: ReplySlots
    /// Who was asked by `begin`: all members, or one servo.
    private var asked = Asked.nobody
    /// When the answers to `begin` are due at the latest.
    private var latest = Int64.max
    /// The absent servo whose turn it is.
    private var absentTurn = 0

    private enum Asked { case nobody, members, one(Int) }

    init(ids: [UInt8], address: Int, count: Int, together: Protocol1Instruction?) {
        self.address = address
        self.together = ids.count > 1 ? together : nil
        slots = ReplySlots(ids: ids, count: count)
        silentCycles = Array(repeating: 0, count: ids.count)
        members = Array(ids.indices)
        common = ReplySlots(ids: ids, count: count)
    }

    /// Bytes on the wire of one cycle in which nothing goes wrong.
    var wireBytes: Int {
        let answers = slots.ids.count * (Protocol1.shortestFrame + slots.count)
        switch together {
        case .syncRead: return 8 + slots.ids.count + answers
        case .bulkRead: return 7 + 3 * slots.ids.count + answers
        default: return 8 * slots.ids.count + answers
        }
    }

    /// The fewest cycles in a row that any servo has been silent.
    var silentCyclesOfAll: Int { silentCycles.min() ?? 0 }

    private func isAbsent(_ index: Int) -> Bool {
        silentCycles[index] >= GroupReader.patienceCycles
    }

    /// Sends the first request; `finish` collects the answers, later, with nothing sent between.
    mutating func begin(on bus: Protocol1Bus, deadline: Int64) throws(HardwareError) {
        slots.reset()
        common.reset()
        asked = .nobody
        if let together {
            if try request(together, on: bus, deadline: deadline) { asked = .members }
        } else if let first = members.first {
            let isSent = try bus.begin(
                id: slots.ids[first],
                .read,
                count: slots.count,
                patience: deadline - MonotonicClock.now(),
                readParameters
            )
            if isSent { asked = .one(first) }
        }
        let bytes = together == nil ? 8 + Protocol1.shortestFrame + slots.count : wireBytes
        let delays = Int64(together == nil ? 1 : members.count) * bus.timing.returnDelay
        latest = MonotonicClock.now() + bus.timing.wire(bytes) + delays + bus.timing.gap
    }

    /// Collects the answers and asks those alone that did not give one.
    ///
    /// Ends by `deadline` or when every servo has answered. What arrived while another bus was
    /// looked after counts as having come when its bytes were due, never as newer.
    mutating func finish(on bus: Protocol1Bus, deadline: Int64) throws(HardwareError) {
        bus.latestArrival = latest
        switch asked {
        case .nobody: break
        case .members:
            // If the first of the chain is missing nothing comes at all: the others, who wait for
            // it, are to be asked alone in what is left of the time.
            try bus.receive(into: &common, deadline: min(deadline, latest))
            for (place, index) in members.enumerated() {
                slots.take(index, from: common, at: place)
            }
        case .one(let index):
            let left = min(deadline, latest) - MonotonicClock.now()
            try bus.finish(patience: max(0, left))
            slots.take(index, from: bus.alone, at: 0)
        }
        bus.latestArrival = .max
        for index in slots.ids.indices where isOpen(index) && !isAbsent(index) {
            try readAlone(index, on: bus, deadline: deadline)
        }
        try readAbsent(on: bus, deadline: deadline)
        noteSilence()
    }

    private func isOpen(_ index: Int) -> Bool {
        slots.openIndex(of: slots.ids[index]) == index
    }

    private func readParameters(_ writer: inout Protocol1Writer) {
        writer.append(UInt8(truncatingIfNeeded: address))
        writer.append(UInt8(truncatingIfNeeded: slots.count))
    }

    private func request(
        _ instruction: Protocol1Instruction,
        on bus: Protocol1Bus,
        deadline: Int64
    ) throws(HardwareError) -> Bool {
        try bus.send(id: Protocol1.broadcastID, instruction, deadline: deadline) { writer in
            guard instruction == .bulkRead else {
                readParameters(&writer)
                for id in common.ids { writer.append(id) }
                return
            }
            writer.append(0)
            for id in common.ids {
                writer.append(UInt8(truncatingIfNeeded: slots.count))
                writer.append(id)
                writer.append(UInt8(truncatingIfNeeded: address))
            }
        }
    }

    private mutating func readAlone(
        _ index: Int,
        on bus: Protocol1Bus,
        deadline: Int64
    ) throws(HardwareError) {
        let now = MonotonicClock.now()
        let need = bus.timing.exchange(requestBytes: 8, dataCount: slots.count)
        guard now + need < deadline else { return }
        // Where there is no common request, asking alone is no second try.
        if together != nil { bus.counters.retries += 1 }
        try bus.ask(
            id: slots.ids[index],
            .read,
            count: slots.count,
            attempts: 1,
            patience: min(deadline - now - need, bus.timing.gap),
            readParameters
        )
        slots.take(index, from: bus.alone, at: 0)
    }

    /// Asks absent servos alone, in turn, until one stays silent.
    private mutating func readAbsent(
        on bus: Protocol1Bus,
        deadline: Int64
    ) throws(HardwareError) {
        let count = slots.ids.count
        let first = absentTurn
        for offset in 0..<count {
            let index = (first + offset) % count
            guard isOpen(index), isAbsent(index) else { continue }
            try readAlone(index, on: bus, deadline: deadline)
            guard slots.replies[index] == .value else {
                absentTurn = (index + 1) % count
                return
            }
        }
    }

    private mutating func noteSilence() {
        var changed = false
        for index in slots.ids.indices {
            let wasAbsent = isAbsent(index)
            switch slots.replies[index] {
            case .value, .error: silentCycles[index] = 0
            case .silent, .corrupt: silentCycles[index] += 1
            }
            changed = changed || wasAbsent != isAbsent(index)
        }
        if changed { chooseMembers() }
    }

    private mutating func chooseMembers() {
        members = slots.ids.indices.filter { !isAbsent($0) }
        // If all are absent the common request is the cheapest way to find the first again.
        if members.isEmpty, together != nil { members = Array(slots.ids.indices) }
        common = ReplySlots(ids: members.map { slots.ids[$0] }, count: slots.count)
    }
}
