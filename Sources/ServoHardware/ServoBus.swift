import Realtime
import ServoProtocol

/// Requests and answers on one serial bus, each with a deadline.
///
/// Trouble with one servo is a value (`ServoReply`); only trouble with the port is thrown. While
/// there was trouble lately, what is left of earlier requests is thrown away before each new one. An
/// echo of our own bytes, as some
/// half-duplex adapters give, is recognised as a request and passed over.
final class ServoBus {
    let port: SerialPort
    var timing: BusTiming
    var counters = BusCounters()
    /// Answers are taken to have come no later than this.
    var latestArrival = Int64.max
    /// The outcome of the last exchange with one servo.
    private(set) var alone = ReplySlots(ids: [0], count: 32)
    var decoder = PacketDecoder()
    private var writer = PacketWriter()
    /// Requests before which the port is still emptied: something late may come.
    private var wariness = ServoBus.warinessAfterTrouble

    /// More than a second of any robot's requests: no adapter holds bytes back for longer.
    private static let warinessAfterTrouble = 500

    init(port: SerialPort) {
        self.port = port
        timing = BusTiming(baudRate: port.baudRate)
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
        _ instruction: DynamixelInstruction,
        deadline: Int64,
        _ build: (inout PacketWriter) -> Void
    ) throws(HardwareError) -> Bool {
        writer.begin(id: id, instruction)
        build(&writer)
        writer.finish()
        if decoder.pendingBytes > 0 { beWary() }
        decoder.removeAll()
        if wariness > 0 {
            wariness -= 1
            try port.flushInput()
        }
        counters.requests += 1
        let sent = try port.write(writer.bytes, deadline: deadline)
        if !sent {
            counters.sendFailures += 1
            beWary()
        }
        return sent
    }

    /// Something late or damaged may follow: the port is emptied before requests for a while.
    func beWary() { wariness = Self.warinessAfterTrouble }

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
        decoder.longestFrame = max(64, 2 * (slots.count + 11))
        var limit = deadline
        while slots.openCount > 0 {
            guard try port.read(into: &decoder, deadline: limit) > 0 else { break }
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

    private func settle(_ slots: inout ReplySlots, before: DecoderCounters) {
        let after = decoder.counters
        let isDamaged =
            after.badChecksums > before.badChecksums || after.abandoned > before.abandoned
            || after.badHeaders > before.badHeaders
        if isDamaged { beWary() }
        guard slots.openCount > 0 else { return }
        beWary()
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
            guard frame.isStatus else { continue }
            guard let index = slots.openIndex(of: frame.id) else {
                counters.strays += 1
                beWary()
                doubt(frame, &slots)
                continue
            }
            let error = StatusError(rawValue: decoder[frame.parameters.lowerBound])
            let bytes = (frame.parameters.lowerBound + 1)..<frame.parameters.upperBound
            slots.fill(index, error: error, bytes: bytes, of: decoder, time: time)
            count(slots.replies[index], error)
            progress = true
        }
        return progress
    }

    /// Two answers under one ID that differ: one of them is late, or another servo's, and nobody
    /// knows which.
    private func doubt(_ frame: PacketDecoder.Frame, _ slots: inout ReplySlots) {
        let bytes = (frame.parameters.lowerBound + 1)..<frame.parameters.upperBound
        for index in slots.ids.indices
        where slots.ids[index] == frame.id && slots.replies[index] == .value {
            guard !slots.holds(index, bytes: bytes, of: decoder) else { continue }
            slots.markCorrupt(index)
            counters.corruptions += 1
        }
    }

    func count(_ reply: ServoReply, _ error: StatusError) {
        if error.isAlert { counters.alerts += 1 }
        switch reply {
        case .value: counters.answers += 1
        case .error: counters.refusals += 1
        case .corrupt: counters.corruptions += 1
        case .silent: break
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
        _ instruction: DynamixelInstruction,
        count: Int,
        attempts: Int = 3,
        patience: Int64? = nil,
        _ build: (inout PacketWriter) -> Void = { _ in }
    ) throws(HardwareError) {
        for attempt in 0..<attempts {
            if attempt > 0 { counters.retries += 1 }
            alone.prepare(id: id, count: count)
            let deadline = MonotonicClock.now() + (patience ?? timing.patience)
            guard try send(id: id, instruction, deadline: deadline, build) else { continue }
            let wire = timing.exchange(requestBytes: requestBytes, dataCount: count)
            try receive(into: &alone, deadline: deadline + wire)
            if alone.openCount == 0, alone.replies[0] != .corrupt { break }
        }
    }

    /// As `ask`, with a copy of the outcome.
    func exchange(
        id: UInt8,
        _ instruction: DynamixelInstruction,
        count: Int,
        attempts: Int = 3,
        patience: Int64? = nil,
        _ build: (inout PacketWriter) -> Void = { _ in }
    ) throws(HardwareError) -> SingleReply {
        try ask(
            id: id,
            instruction,
            count: count,
            attempts: attempts,
            patience: patience,
            build
        )
        return SingleReply(
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
        try exchange(
            id: id,
            .read,
            count: count,
            attempts: attempts,
            patience: patience
        ) { writer in
            writer.append(address, size: 2)
            writer.append(count, size: 2)
        }
    }

    /// Writes one register; the reply is the servo's confirmation.
    func write(
        id: UInt8,
        _ register: Register,
        _ value: Int,
        attempts: Int = 3
    ) throws(HardwareError) -> SingleReply {
        if register.area == .eeprom { counters.eepromWrites += 1 }
        return try exchange(id: id, .write, count: 0, attempts: attempts) { writer in
            writer.append(Int(register.address), size: 2)
            writer.append(value, size: register.size)
        }
    }

    /// Asks who has an ID; `nil` if nobody.
    func ping(
        id: UInt8,
        attempts: Int = 3,
        patience: Int64? = nil
    ) throws(HardwareError) -> FoundServo? {
        let reply = try exchange(
            id: id,
            .ping,
            count: 3,
            attempts: attempts,
            patience: patience
        )
        guard reply.reply == .value else { return nil }
        return FoundServo(
            id: id,
            modelNumber: UInt16(reply.data[0]) | UInt16(reply.data[1]) << 8,
            firmware: reply.data[2],
            baudRate: port.baudRate,
            hasAlert: reply.hasAlert
        )
    }

    /// Asks everybody at once and waits as long as 253 servos may need.
    ///
    /// Each servo answers in a time slot of its own; 3 ms a slot is what the Robotis SDK allows.
    func pingAll() throws(HardwareError) -> [FoundServo] {
        let start = MonotonicClock.now()
        let deadline = start + timing.wire(253 * 14) + 253 * 3_000_000 + timing.patience
        let id = Dynamixel2.broadcastID
        guard try send(id: id, .ping, deadline: deadline, { _ in }) else { return [] }
        var found: [FoundServo] = []
        let before = decoder.counters
        decoder.longestFrame = 64
        while try port.read(into: &decoder, deadline: deadline) > 0 {
            while let packet = decoder.next() {
                guard case .status(let status) = packet, status.parameters.count == 3 else {
                    continue
                }
                let model = UInt16(status.parameters[0]) | UInt16(status.parameters[1]) << 8
                found.append(
                    FoundServo(
                        id: status.id,
                        modelNumber: model,
                        firmware: status.parameters[2],
                        baudRate: port.baudRate,
                        hasAlert: status.error.isAlert
                    )
                )
            }
        }
        let after = decoder.counters
        // Two servos of one ID answer on top of each other.
        if after.badChecksums > before.badChecksums || after.badHeaders > before.badHeaders
            || decoder.pendingBytes > 0
        {
            counters.corruptions += 1
        }
        return found.sorted { $0.id < $1.id }
    }

    /// Restarts a servo.
    ///
    /// It does not answer for about half a second after that.
    func reboot(id: UInt8) throws(HardwareError) -> SingleReply {
        try exchange(id: id, .reboot, count: 0)
    }
}

extension ServoBus {
    // MARK: Several servos

    /// Writes one register of several servos at once; nobody confirms.
    func syncWrite(_ register: Register, _ values: [(id: UInt8, value: Int)]) throws(HardwareError)
    {
        if register.area == .eeprom { counters.eepromWrites += values.count }
        let deadline = MonotonicClock.now() + timing.patience
        let id = Dynamixel2.broadcastID
        _ = try send(id: id, .syncWrite, deadline: deadline) { writer in
            writer.append(Int(register.address), size: 2)
            writer.append(register.size, size: 2)
            for (id, value) in values {
                writer.append(id)
                writer.append(value, size: register.size)
            }
        }
    }

    /// Reads one register of several servos; `nil` for those that do not answer.
    ///
    /// - Parameter block: the addresses to ask for; `nil` for the register's own. An answer does not
    ///   say to which question it belongs, so a late one may pass for another's of equal length:
    ///   what torque hangs on is asked for in a block of a length of its own.
    func syncRead(
        _ register: Register,
        _ ids: [UInt8],
        block: Range<Int>? = nil
    ) throws(HardwareError) -> [Int?] {
        let address = Int(register.address)
        let block = block ?? address..<(address + register.size)
        var reader = GroupReader(
            ids: ids,
            address: block.lowerBound,
            count: block.count,
            usesFastRead: false
        )
        let patience = timing.patience + Int64(ids.count) * timing.answer(block.count)
        try reader.read(
            on: self,
            deadline: MonotonicClock.now() + patience + timing.wire(reader.wireBytes)
        )
        return ids.indices.map { index in
            guard reader.slots.replies[index] == .value else { return nil }
            return reader.slots.value(
                index,
                at: address - block.lowerBound,
                size: register.size,
                isSigned: register.isSigned
            )
        }
    }
}

/// How a servo answered to a request of its own.
struct SingleReply {
    var reply: ServoReply
    var hasAlert: Bool
    /// The data, empty unless `reply` is `.value`.
    var data: [UInt8]

    /// The number in the data, `nil` unless `reply` is `.value`.
    func value(isSigned: Bool) -> Int? {
        reply == .value ? Register.value(of: data, isSigned: isSigned) : nil
    }
}
