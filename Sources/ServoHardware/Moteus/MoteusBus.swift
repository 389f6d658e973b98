import Realtime
import ServoProtocol

/// How one moteus answered in a burst.
enum MoteusOutcome: Sendable, Hashable {
    /// It was not asked.
    case idle
    /// It was asked and has not answered yet.
    case open
    /// With a frame.
    case value
    /// Not at all.
    case silent
    /// With damaged bytes.
    case corrupt
    /// The adapter did not send the request.
    case refused
}

/// What came back from one controller, kept from burst to burst.
struct MoteusSlot {
    let id: UInt8
    var outcome = MoteusOutcome.idle
    /// The reply, if the outcome is `value`.
    var frame = CANFrame(id: 0)
    /// When it was complete, nanoseconds on CLOCK_MONOTONIC.
    var time: Int64 = 0
    /// Bursts in a row in which it was asked and gave nothing usable.
    var silentBursts = 0

    init(id: UInt8) { self.id = id }
}

/// Requests and replies of moteus controllers through one fdcanusb or UART, each with a deadline.
///
/// A burst is one write of all `can send` lines, after which `OK` lines and replies are collected
/// as they come: the adapter sends the next frame while an answer is on its way. Trouble with one
/// controller is its slot's outcome; only trouble with the port is thrown. Replies have no number:
/// one that is a whole burst late is taken for that burst's, unless it came before the next request
/// went out, which throws it away.
final class MoteusBus {
    let port: SerialPort
    private(set) var slots: [MoteusSlot]
    var timing: BusTiming
    var counters = BusCounters()
    private var decoder = FdcanusbDecoder(needsChecksums: false)
    private var writer: FdcanusbWriter
    /// The slot of each line of the burst; `OK` and `ERR` come in the lines' order.
    private var lines: [Int] = []
    private var acknowledged = 0
    private var openCount = 0

    init(port: SerialPort, ids: [UInt8]) {
        self.port = port
        slots = ids.map { MoteusSlot(id: $0) }
        timing = BusTiming(baudRate: port.baudRate)
        writer = FdcanusbWriter(addsChecksums: false, frames: max(ids.count, 1))
        lines.reserveCapacity(max(ids.count, 1))
    }

    /// Whether lines carry check sums both ways.
    var usesChecksums: Bool { writer.addsChecksums }

    /// Controllers by whom nothing usable has come for so many bursts in a row, all of them.
    var silentBurstsOfAll: Int { slots.map(\.silentBursts).min() ?? 0 }

    /// Finds out whether the other side signs its lines, and from then on does so too.
    ///
    /// A moteus on a UART signs everything, and refuses what is not signed once a host has signed;
    /// an fdcanusb on USB knows no check sums. Switches the adapter's bus on if it is off, unless
    /// another `command` is given.
    ///
    /// - Returns: whether anybody answered.
    @discardableResult
    func detectChecksums(by command: String = "can on") throws(HardwareError) -> Bool {
        writer.addsChecksums = false
        decoder.needsChecksums = false
        try port.flushInput()
        decoder.removeAll()
        writer.removeAll()
        // Ends what an earlier owner may have left half said.
        writer.line("")
        writer.line(command)
        let deadline = MonotonicClock.now() + timing.patience
        guard try port.write(writer.bytes, deadline: deadline) else { return false }
        while try port.read(into: &decoder, deadline: deadline) > 0 {
            while let line = decoder.next() {
                switch line {
                case .ok, .error:
                    writer.addsChecksums = decoder.checksum == .correct
                    decoder.needsChecksums = writer.addsChecksums
                    return true
                default: continue
                }
            }
        }
        return false
    }

    // MARK: Bursts

    /// Begins a burst: what is left of the last one is forgotten.
    func begin() {
        writer.removeAll()
        lines.removeAll(keepingCapacity: true)
        acknowledged = 0
        openCount = 0
        for place in slots.indices { slots[place].outcome = .idle }
    }

    /// Adds a frame for one controller.
    ///
    /// A controller answers one frame a burst; the others must not want a reply.
    func add(_ place: Int, wantsReply: Bool, _ build: (inout MoteusFrame) -> Void) {
        var frame = MoteusFrame(to: slots[place].id, wantsReply: wantsReply)
        build(&frame)
        frame.finish()
        writer.send(frame.frame)
        lines.append(place)
        guard wantsReply, slots[place].outcome != .open else { return }
        slots[place].outcome = .open
        openCount += 1
    }

    /// Sends the burst.
    func send(deadline: Int64) throws(HardwareError) {
        guard !lines.isEmpty else { return }
        try port.flushInput()
        decoder.removeAll()
        counters.requests += lines.count
        guard try port.write(writer.bytes, deadline: deadline) else {
            counters.sendFailures += 1
            return
        }
    }

    /// Collects replies until all are in or time is over.
    ///
    /// While nothing has come the wait lasts until `deadline`; then until the next line is overdue
    /// by `timing.gap`.
    func collect(deadline: Int64) throws(HardwareError) {
        var limit = deadline
        var isDamaged = false
        while openCount > 0 {
            guard try port.read(into: &decoder, deadline: limit) > 0 else { break }
            let now = MonotonicClock.now()
            while let line = decoder.next() { take(line, at: now, &isDamaged) }
            limit = min(deadline, now + timing.gap)
        }
        settle(isDamaged)
    }

    /// Sends the burst and collects its replies.
    func exchange(deadline: Int64) throws(HardwareError) {
        try send(deadline: deadline)
        try collect(deadline: deadline)
    }

    private func take(_ line: Fdcanusb.Line, at now: Int64, _ isDamaged: inout Bool) {
        switch line {
        case .ok: acknowledged += 1
        case .error:
            if acknowledged < lines.count { refuse(lines[acknowledged]) }
            acknowledged += 1
        case .received(let frame): file(frame, at: now)
        case .damaged: isDamaged = true
        case .send, .badSend, .words: counters.strays += 1
        }
    }

    private func refuse(_ place: Int) {
        counters.refusals += 1
        guard slots[place].outcome == .open else { return }
        slots[place].outcome = .refused
        openCount -= 1
    }

    private func file(_ frame: CANFrame, at now: Int64) {
        let source = UInt8(truncatingIfNeeded: frame.id >> 8 & 0x7F)
        for place in slots.indices where slots[place].id == source && isOpen(place) {
            slots[place].frame = frame
            slots[place].time = now
            slots[place].outcome = .value
            openCount -= 1
            counters.answers += 1
            return
        }
        counters.strays += 1
    }

    private func isOpen(_ place: Int) -> Bool { slots[place].outcome == .open }

    private func settle(_ isDamaged: Bool) {
        for place in slots.indices {
            switch slots[place].outcome {
            case .idle: continue
            case .value: slots[place].silentBursts = 0
            case .open where isDamaged:
                slots[place].outcome = .corrupt
                counters.corruptions += 1
                slots[place].silentBursts += 1
            case .open:
                slots[place].outcome = .silent
                counters.silences += 1
                slots[place].silentBursts += 1
            default: slots[place].silentBursts += 1
            }
        }
        openCount = 0
    }
}
