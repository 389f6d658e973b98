import Realtime
import ServoProtocol

/// Requests and answers on one bus of Dynamixel 1.0 or Feetech servos, each with a deadline.
///
/// The counterpart of `ServoBus` for protocol 1: trouble with one servo is a value, only trouble
/// with the port is thrown, and before each request what is left of earlier ones is thrown away.
/// Nothing in a frame tells a request from an answer (a ping to servo 1 reads the same as its
/// answer with a voltage error), so an adapter that echoes must be known: see `detectEcho`.
final class Protocol1Bus {
    let port: SerialPort
    let wire: ServoWire
    var timing: BusTiming
    var counters = BusCounters()
    /// Answers are taken to have come no later than this.
    var latestArrival = Int64.max
    /// The outcome of the last exchange with one servo.
    private(set) var alone = ReplySlots(ids: [0], count: 32)
    /// Whether the adapter sends back what is written to it.
    private(set) var echoes = false
    /// Bytes of our own that are still to come back.
    private var echoLeft = 0
    private var decoder = Protocol1Decoder()
    private var writer = Protocol1Writer()

    init(port: SerialPort, wire: ServoWire) {
        self.port = port
        self.wire = wire
        timing = BusTiming(baudRate: port.baudRate)
        timing.statusBytes = Protocol1.shortestFrame
    }

    /// Changes the rate of port and timing.
    func setBaudRate(_ rate: Int) throws(HardwareError) {
        try port.setBaudRate(rate)
        timing.baudRate = rate
    }

    // MARK: Sending

    /// Sends what `build` puts into a frame; `false` if it could not be sent in time.
    func send(
        id: UInt8,
        _ instruction: Protocol1Instruction,
        deadline: Int64,
        _ build: (inout Protocol1Writer) -> Void = { _ in }
    ) throws(HardwareError) -> Bool {
        writer.begin(id: id, instruction)
        build(&writer)
        writer.finish()
        decoder.removeAll()
        try port.flushInput()
        echoLeft = echoes ? writer.bytes.count : 0
        counters.requests += 1
        let sent = try port.write(writer.bytes, deadline: deadline)
        if !sent { counters.sendFailures += 1 }
        return sent
    }

    /// Bytes of the last request.
    var requestBytes: Int { writer.bytes.count }

    // MARK: Receiving

    /// Collects answers until all are in or time is over.
    ///
    /// While nothing has come the wait lasts until `deadline`; after an answer, until the next one
    /// is overdue by `timing.gap`. Answers not in by then are silent, or corrupt if bytes came that
    /// were no answer.
    func receive(into slots: inout ReplySlots, deadline: Int64) throws(HardwareError) {
        let before = decoder.counters
        decoder.answerParameters = slots.count
        decoder.longestFrame = Protocol1.shortestFrame + slots.count
        var limit = deadline
        while slots.openCount > 0 {
            guard try port.read(into: &decoder, deadline: limit) > 0 else { break }
            echoLeft -= decoder.skip(echoLeft)
            let now = MonotonicClock.now()
            if takeFrames(into: &slots, time: min(now, latestArrival)) {
                limit = min(deadline, now + timing.answer(slots.count) + timing.gap)
            }
        }
        while slots.openCount > 0, decoder.pendingBytes > 0 {
            decoder.abandonPartial()
            _ = takeFrames(into: &slots, time: min(MonotonicClock.now(), latestArrival))
        }
        settle(&slots, before: before)
    }

    /// Collects whatever answers come until time is over; missing ones are no trouble.
    func receiveAll(into slots: inout ReplySlots, deadline: Int64) throws(HardwareError) {
        decoder.answerParameters = slots.count
        decoder.longestFrame = Protocol1.shortestFrame + slots.count
        while try port.read(into: &decoder, deadline: deadline) > 0 {
            echoLeft -= decoder.skip(echoLeft)
            _ = takeFrames(into: &slots, time: MonotonicClock.now())
        }
    }

    private func settle(_ slots: inout ReplySlots, before: DecoderCounters) {
        guard slots.openCount > 0 else { return }
        let after = decoder.counters
        let isDamaged =
            after.badChecksums > before.badChecksums || after.abandoned > before.abandoned
            || after.badHeaders > before.badHeaders
        for index in slots.ids.indices where slots.openIndex(of: slots.ids[index]) == index {
            if isDamaged {
                slots.markCorrupt(index)
                counters.corruptions += 1
            } else {
                counters.silences += 1
            }
        }
    }

    /// Files the frames that are complete; whether one was an answer that was waited for.
    private func takeFrames(into slots: inout ReplySlots, time: Int64) -> Bool {
        var progress = false
        while let frame = decoder.nextFrame() {
            guard let index = slots.openIndex(of: frame.id) else {
                counters.strays += 1
                continue
            }
            let error = Protocol1Error(rawValue: frame.code).statusError(on: wire)
            slots.fill(
                index,
                error: error,
                errorByte: frame.code,
                bytes: frame.parameters,
                of: decoder,
                time: time
            )
            count(slots.replies[index], error)
            progress = true
        }
        return progress
    }

    private func count(_ reply: ServoReply, _ error: StatusError) {
        if error.isAlert { counters.alerts += 1 }
        switch reply {
        case .value: counters.answers += 1
        case .error: counters.refusals += 1
        case .corrupt: counters.corruptions += 1
        case .silent: break
        }
    }

    // MARK: Echo

    /// Finds out whether the adapter echoes, by a request that no servo answers: a read by all.
    ///
    /// Waits for `patience` nanoseconds where it does not; to be called once a port is open.
    func detectEcho(patience: Int64) throws(HardwareError) {
        echoes = false
        decoder.answerParameters = nil
        let start = MonotonicClock.now()
        let isSent = try send(
            id: Protocol1.broadcastID,
            .read,
            deadline: start + timing.patience
        ) { writer in
            writer.append(0)
            writer.append(1)
        }
        guard isSent else { return }
        decoder.longestFrame = writer.bytes.count
        let deadline = MonotonicClock.now() + timing.wire(2 * writer.bytes.count) + patience
        while try port.read(into: &decoder, deadline: deadline) > 0 {
            while let frame = decoder.nextFrame() {
                guard frame.id == Protocol1.broadcastID else { continue }
                echoes = true
                return
            }
        }
    }

    // MARK: One servo

    /// One exchange with one servo, repeated up to `attempts` times while it brings nothing.
    ///
    /// Its outcome is in `alone`. Allocates nothing for answers of up to 32 bytes.
    ///
    /// - Parameters:
    ///   - count: bytes of data in the answer.
    ///   - patience: nanoseconds allowed for one try on top of wire time; `nil` for the bus's.
    func ask(
        id: UInt8,
        _ instruction: Protocol1Instruction,
        count: Int,
        attempts: Int = 3,
        patience: Int64? = nil,
        _ build: (inout Protocol1Writer) -> Void = { _ in }
    ) throws(HardwareError) {
        for attempt in 0..<attempts {
            if attempt > 0 { counters.retries += 1 }
            guard
                try begin(id: id, instruction, count: count, patience: patience, build)
            else { continue }
            try finish(patience: patience)
            if alone.openCount == 0, alone.replies[0] != .corrupt { break }
        }
    }

    /// The first half of an exchange with one servo: the request.
    func begin(
        id: UInt8,
        _ instruction: Protocol1Instruction,
        count: Int,
        patience: Int64? = nil,
        _ build: (inout Protocol1Writer) -> Void
    ) throws(HardwareError) -> Bool {
        alone.prepare(id: id, count: count)
        let deadline = MonotonicClock.now() + (patience ?? timing.patience)
        return try send(id: id, instruction, deadline: deadline, build)
    }

    /// The second half: the answer, into `alone`.
    func finish(patience: Int64? = nil) throws(HardwareError) {
        let wire = timing.exchange(requestBytes: requestBytes, dataCount: alone.count)
        let deadline = MonotonicClock.now() + (patience ?? timing.patience) + wire
        try receive(into: &alone, deadline: deadline)
    }

    /// What came of the last exchange with one servo.
    var outcome: SingleReply {
        SingleReply(
            reply: alone.replies[0],
            hasAlert: alone.alerts[0],
            data: alone.replies[0] == .value ? alone.bytes(0) : []
        )
    }

    /// Reads registers.
    func read(
        id: UInt8,
        address: Int,
        count: Int,
        attempts: Int = 3,
        patience: Int64? = nil
    ) throws(HardwareError) -> SingleReply {
        try ask(
            id: id,
            .read,
            count: count,
            attempts: attempts,
            patience: patience
        ) { writer in
            writer.append(UInt8(truncatingIfNeeded: address))
            writer.append(UInt8(truncatingIfNeeded: count))
        }
        return outcome
    }

    /// Reads one register; `nil` if it does not answer.
    func read(id: UInt8, _ register: Register) throws(HardwareError) -> Int? {
        let reply = try read(id: id, address: Int(register.address), count: register.size)
        return reply.reply == .value ? register.value(of: reply.data) : nil
    }

    /// Writes one register; the reply is the servo's confirmation.
    func write(
        id: UInt8,
        _ register: Register,
        _ value: Int,
        attempts: Int = 3
    ) throws(HardwareError) -> SingleReply {
        try put(.write, id: id, register, value, attempts: attempts)
    }

    /// Has a servo hold a register's value back until `action`.
    func regWrite(
        id: UInt8,
        _ register: Register,
        _ value: Int
    ) throws(HardwareError) -> SingleReply {
        try put(.regWrite, id: id, register, value, attempts: 3)
    }

    private func put(
        _ instruction: Protocol1Instruction,
        id: UInt8,
        _ register: Register,
        _ value: Int,
        attempts: Int
    ) throws(HardwareError) -> SingleReply {
        if register.area == .eeprom { counters.eepromWrites += 1 }
        try ask(id: id, instruction, count: 0, attempts: attempts) { writer in
            writer.append(UInt8(truncatingIfNeeded: register.address))
            writer.append(value, as: register)
        }
        return outcome
    }

    /// Writes one register and reads it back, up to three times; whether it holds the value.
    ///
    /// The only proof there is: Feetech servos refuse in silence, and at a low Status Return Level
    /// nobody confirms a write.
    func writeVerified(
        id: UInt8,
        _ register: Register,
        _ value: Int
    ) throws(HardwareError) -> Bool {
        for _ in 0..<3 {
            _ = try write(id: id, register, value, attempts: 1)
            if try read(id: id, register) == value { return true }
        }
        return false
    }
}
