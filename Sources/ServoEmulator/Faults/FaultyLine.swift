/// A device, the wire to it and everything that goes wrong there: bytes in, timed bytes out.
///
/// It reads no clock and touches no file, so that a pseudo-terminal's thread and a test in memory
/// can be the same line.
struct FaultyLine<Device: LineDevice> {
    /// What is at the far end.
    var device: Device
    private let isInstant: Bool
    private(set) var runner: FaultRunner
    /// What will arrive at the host, in order of time.
    private var arriving: [TimedReply] = []
    /// The adapter is away until then.
    private(set) var unpluggedUntil: Int64?

    /// Pieces in which USB adapters of the FTDI kind hand bytes over.
    private static var pieceBytes: Int { 62 }

    /// A line; `isInstant` makes replies of the device arrive at once, whatever their time.
    init(device: Device, isInstant: Bool, plan: FaultPlan) {
        self.device = device
        self.isInstant = isInstant
        runner = FaultRunner(plan)
    }

    /// When the next bytes arrive at the host, `nil` if none are under way.
    var nextArrival: Int64? { arriving.first?.time }

    /// Everything that has arrived by now, one after the other; empty if nothing has.
    mutating func arrivals(by now: Int64) -> [UInt8] {
        guard var bytes = arrival(by: now) else { return [] }
        while let more = arrival(by: now) { bytes += more }
        return bytes
    }

    /// Bytes that have arrived by now, one reply or piece of one; `nil` if none have.
    mutating func arrival(by now: Int64) -> [UInt8]? {
        guard let first = arriving.first, first.time <= now else { return nil }
        return arriving.removeFirst().bytes
    }

    /// How often each fault has hit.
    var hits: [FaultKind: Int] { runner.hits }

    /// Adds something that shall go wrong.
    mutating func add(_ order: FaultOrder) { runner.add(order) }

    /// Takes orders of one kind back, or all.
    mutating func remove(_ kind: FaultKind?) { runner.remove(kind) }

    // MARK: Time and bytes

    /// Lets the device's time pass.
    mutating func advance(to now: Int64) {
        enqueue(device.advance(to: now), now: now)
        guard !runner.isIdle else { return }
        let time = device.deviceTime(at: now)
        change(
            runner.deviceChanges(units: device.unitIDs, time: time, onlyTimed: true),
            now: now
        )
        pullPlug(time: time, now: now, onlyTimed: true)
    }

    /// Hands the device what the host wrote.
    mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) {
        guard !runner.isIdle else {
            return enqueue(device.receive(bytes, rate: rate, now: now), now: now)
        }
        let time = device.deviceTime(at: now)
        change(runner.deviceChanges(units: device.unitIDs, time: time), now: now)
        pullPlug(time: time, now: now)
        guard unpluggedUntil == nil else { return }
        var request = bytes
        var echo: [TimedReply] = []
        var stall: Int64?
        for hit in runner.lineHits(.request, time: time) {
            switch hit.kind {
            case .lostRequest: request = []
            case .requestBitFlip: flipBit(of: &request)
            case .echo: echo = [TimedReply(bytes: bytes, time: now)]
            default: stall = Int64(hit.value * 1e9)
            }
        }
        let replies = request.isEmpty ? [] : device.receive(request, rate: rate, now: now)
        change(runner.endsOfRequest(), now: now)
        let spoilt = (echo + replies).flatMap { spoil($0, time: time, now: now) }
        let pieces = stall.map { held(spoilt, upTo: $0, now: now) } ?? spoilt
        enqueue(pieces, now: now, keepsTime: true)
    }

    private mutating func enqueue(_ replies: [TimedReply], now: Int64, keepsTime: Bool = false) {
        guard !replies.isEmpty else { return }
        let wasEmpty = arriving.isEmpty
        for reply in replies {
            let time = isInstant && !keepsTime ? now : reply.time
            arriving.append(TimedReply(bytes: reply.bytes, time: time))
        }
        guard !wasEmpty || keepsTime else { return }
        // Stable: what comes at the same moment keeps its order.
        let order = arriving.indices.sorted {
            (arriving[$0].time, $0) < (arriving[$1].time, $1)
        }
        arriving = order.map { arriving[$0] }
    }

    // MARK: The wire

    /// What becomes of one reply.
    private mutating func spoil(_ reply: TimedReply, time: Int64, now: Int64) -> [TimedReply] {
        var bytes = reply.bytes
        var arrival = isInstant ? now : reply.time
        var pause: Int64?
        for hit in runner.lineHits(.reply, time: time) {
            switch hit.kind {
            case .lostReply: bytes = []
            case .bitFlip: flipBit(of: &bytes)
            case .lateReply: arrival += Int64(hit.value * 1e9)
            case .garbage where !bytes.isEmpty:
                let count = Int.random(in: 1...max(1, Int(hit.value)), using: &runner.random)
                bytes = noise(count) + bytes
            case .splitReply: pause = Int64(hit.value * 1e9)
            default: break
            }
        }
        guard !bytes.isEmpty else { return [] }
        guard let pause else { return [TimedReply(bytes: bytes, time: arrival)] }
        return split(bytes, from: arrival, pause: pause)
    }

    private mutating func flipBit(of bytes: inout [UInt8]) {
        guard !bytes.isEmpty else { return }
        let bit = Int.random(in: 0..<(bytes.count * 8), using: &runner.random)
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
    }

    private mutating func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &runner.random) }
    }

    /// Two to four pieces, cut anywhere.
    private mutating func split(
        _ bytes: [UInt8],
        from time: Int64,
        pause: Int64
    ) -> [TimedReply] {
        guard bytes.count > 1 else { return [TimedReply(bytes: bytes, time: time)] }
        let count = Int.random(in: 1...min(3, bytes.count - 1), using: &runner.random)
        var cuts = Set<Int>()
        while cuts.count < count {
            cuts.insert(Int.random(in: 1..<bytes.count, using: &runner.random))
        }
        var pieces: [TimedReply] = []
        var start = 0
        for (number, end) in (cuts.sorted() + [bytes.count]).enumerated() {
            pieces.append(
                TimedReply(bytes: Array(bytes[start..<end]), time: time + Int64(number) * pause)
            )
            start = end
        }
        return pieces
    }

    /// What a USB adapter makes of replies: full pieces at once, the rest when its timer ends.
    private mutating func held(
        _ replies: [TimedReply],
        upTo most: Int64,
        now: Int64
    ) -> [TimedReply] {
        var pieces: [TimedReply] = []
        var waiting: [UInt8] = []
        var last = now
        for reply in replies {
            last = max(last, reply.time)
            waiting += reply.bytes
            while waiting.count >= Self.pieceBytes {
                let piece = Array(waiting.prefix(Self.pieceBytes))
                waiting.removeFirst(Self.pieceBytes)
                pieces.append(TimedReply(bytes: piece, time: last))
            }
        }
        guard !waiting.isEmpty else { return pieces }
        let rest = last + runner.random.time(upTo: most)
        return pieces + [TimedReply(bytes: waiting, time: rest)]
    }

    // MARK: The adapter and the devices

    /// Pulls the plug now, for so long on the line's clock.
    mutating func unplug(nanoseconds: Int64, now: Int64) {
        unpluggedUntil = now + nanoseconds
        arriving.removeAll()
    }

    /// Puts the plug back if it is time; whether it was.
    mutating func replug(now: Int64) -> Bool {
        guard let until = unpluggedUntil, now >= until else { return false }
        unpluggedUntil = nil
        return true
    }

    private mutating func pullPlug(time: Int64, now: Int64, onlyTimed: Bool = false) {
        guard unpluggedUntil == nil else { return }
        for hit in runner.lineHits(.adapter, time: time, onlyTimed: onlyTimed) {
            unplug(nanoseconds: hit.duration, now: now)
        }
    }

    private mutating func change(_ changes: [FaultRunner.DeviceChange], now: Int64) {
        for change in changes {
            if change.begins {
                device.begin(change.kind, unit: change.unit, value: change.value, now: now)
            } else {
                device.end(change.kind, unit: change.unit, now: now)
            }
        }
    }
}
