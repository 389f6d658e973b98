import Realtime
import ServoProtocol

/// Requests to an ODrive board and its answers on one port, each with a deadline.
///
/// Every request carries a checksum, so every answer does. `ODriveDialogue` says whose an answer
/// is. No line is ever sent on suspicion: a lone line end would have the board do what is left of a
/// line that was broken off, without a checksum to stop it; left alone, the rest makes the next
/// line's checksum wrong and goes down with it.
final class ODriveBus {
    let port: SerialPort
    var timing: BusTiming
    private(set) var counters = BusCounters()
    private(set) var dialogue = ODriveDialogue()
    /// Axes whose watchdogs are fed with every exchange outside the tick.
    var fed: [Bool] = Array(repeating: false, count: ODriveASCII.axisCount)
    private var parser = ODriveLineParser()
    private var writer = ODriveRequestWriter()
    /// Set points go out between two exchanges and are not part of either.
    private var setPoints = ODriveRequestWriter()
    private var answersAwaited = 0

    init(port: SerialPort) {
        self.port = port
        timing = BusTiming(baudRate: port.baudRate)
    }

    // MARK: An exchange

    /// Begins an exchange; questions that are not answered yet are given up.
    func begin() {
        writer.removeAll()
        if let fence = dialogue.begin() {
            counters.retries += 1
            writer.feedback(axis: fence)
        }
        answersAwaited = 0
    }

    /// Feeds an axis's watchdog with the exchange.
    func askNothing(feeding axis: Int) { writer.feedWatchdog(axis: axis) }

    /// Asks where an axis is.
    func askFeedback(axis: Int) {
        dialogue.expect(.feedback)
        answersAwaited += 1
        writer.feedback(axis: axis)
    }

    /// Asks for a property.
    func askValue(_ path: String) {
        dialogue.expect(.value)
        answersAwaited += 1
        writer.read(path)
    }

    /// Sends the exchange; `false` if it could not be sent in time.
    ///
    /// In step nothing can be on its way, so what has arrived by now is noise.
    @discardableResult
    func send(deadline: Int64) throws(HardwareError) -> Bool {
        parser.removeAll()
        try port.flushInput()
        counters.requests += 1
        let sent = try port.write(writer.bytes, deadline: deadline)
        if !sent { counters.sendFailures += 1 }
        return sent
    }

    /// Collects answers until every question has its own or time is over.
    func receive(deadline: Int64) throws(HardwareError) {
        let before = parser.counters
        let strays = dialogue.strays
        while !dialogue.isComplete {
            guard try port.read(into: &parser, deadline: deadline) > 0 else { break }
            let now = MonotonicClock.now()
            while let line = parser.next() { dialogue.hear(parser.answer(line), time: now) }
        }
        dialogue.conclude()
        settle(before, strays)
    }

    private func settle(_ before: ODriveLineCounters, _ strays: Int) {
        var answered = 0
        for question in dialogue.questions {
            guard let answer = question.answer else { continue }
            if case .refusal = answer { counters.refusals += 1 }
            answered += 1
        }
        counters.answers += answered
        counters.strays += dialogue.strays - strays
        let missing = max(answersAwaited - answered, 0)
        let after = parser.counters
        let damaged =
            after.badChecksums - before.badChecksums + after.badLines - before.badLines
            + after.missingChecksums - before.missingChecksums + after.tooLong - before.tooLong
        counters.corruptions += min(damaged, missing)
        counters.silences += missing - min(damaged, missing)
    }

    /// The answer that is certainly a question's, by its place in the exchange.
    func answer(_ place: Int) -> (answer: ODriveAnswer, time: Int64)? {
        guard place < dialogue.questions.count, let answer = dialogue.questions[place].answer
        else { return nil }
        return (answer, dialogue.questions[place].time)
    }

    // MARK: Set points

    /// Begins set points.
    func beginSetPoints() { setPoints.removeAll() }

    /// Position control at these turns, without feed-forward.
    ///
    /// The zeros are sent because a feed-forward that is left out stays what it was.
    func setPoint(axis: Int, turns: Double) {
        setPoints.position(axis: axis, turns: turns, velocity: 0, torque: 0)
    }

    /// Feeds an axis's watchdog.
    func feed(axis: Int) { setPoints.feedWatchdog(axis: axis) }

    /// Sends what was begun with `beginSetPoints`; nobody answers.
    func sendSetPoints(deadline: Int64) throws(HardwareError) {
        guard !setPoints.bytes.isEmpty else { return }
        if try !port.write(setPoints.bytes, deadline: deadline) { counters.sendFailures += 1 }
    }

    // MARK: Outside the tick

    /// How a property answered.
    enum Outcome: Sendable, Hashable {
        /// With this value.
        case value(ODriveValue)
        /// The board refused.
        case refused(ODriveRefusal)
        /// Not at all, or not certainly.
        case silent
    }

    /// One exchange, repeated while it brings nothing.
    private func exchange(
        attempts: Int,
        patience: Int64?,
        _ build: () -> Void
    ) throws(HardwareError) {
        for attempt in 0..<attempts {
            if attempt > 0 { counters.retries += 1 }
            begin()
            for axis in fed.indices where fed[axis] { askNothing(feeding: axis) }
            build()
            let bytes = writer.bytes.count + ODriveASCII.longestAnswer * (answersAwaited + 1)
            let deadline =
                MonotonicClock.now() + (patience ?? timing.patience) + timing.wire(bytes)
            guard try send(deadline: deadline) else { continue }
            try receive(deadline: deadline)
            if dialogue.isComplete { return }
        }
    }

    /// Reads a property.
    func read(
        _ path: String,
        attempts: Int = 3,
        patience: Int64? = nil
    ) throws(HardwareError) -> Outcome {
        try exchange(attempts: attempts, patience: patience) { askValue(path) }
        return outcome(0)
    }

    private func outcome(_ place: Int) -> Outcome {
        switch answer(place)?.answer {
        case .value(let value): .value(value)
        case .refusal(let refusal): .refused(refusal)
        default: .silent
        }
    }

    /// Writes a property and reads another, or the same, right behind it.
    ///
    /// What is written goes out again with every attempt: writing twice does no harm here.
    func write(
        _ path: String,
        _ value: Double,
        thenRead other: String? = nil,
        attempts: Int = 3
    ) throws(HardwareError) -> Outcome {
        try exchange(attempts: attempts, patience: nil) {
            dialogue.expect(.refusalIfAny)
            writer.write(path, value)
            askValue(other ?? path)
        }
        return outcome(1)
    }

    /// Who a board says it is.
    struct Identity: Sendable, Hashable {
        var hardware: (major: Int, minor: Int, volts: Int)
        var firmware: (major: Int, minor: Int, revision: Int)
        var serialNumber: UInt64

        /// The firmware's version.
        var version: String { "\(firmware.major).\(firmware.minor).\(firmware.revision)" }

        static func == (a: Self, b: Self) -> Bool {
            a.hardware == b.hardware && a.firmware == b.firmware
                && a.serialNumber == b.serialNumber
        }

        func hash(into hasher: inout Hasher) { hasher.combine(serialNumber) }
    }

    /// Asks the board who it is; `nil` if it does not say.
    func identify(
        attempts: Int = 3,
        patience: Int64? = nil
    ) throws(HardwareError) -> Identity? {
        try exchange(attempts: attempts, patience: patience) {
            for kind in [ODriveDialogue.Kind.hardware, .firmware, .serialNumber] {
                dialogue.expect(kind)
            }
            answersAwaited += 3
            writer.info()
        }
        guard case .hardware(let major, let minor, let volts) = answer(0)?.answer,
            case .firmware(let release, let feature, let revision) = answer(1)?.answer,
            case .serialNumber(let serial) = answer(2)?.answer
        else { return nil }
        return Identity(
            hardware: (major, minor, volts),
            firmware: (release, feature, revision),
            serialNumber: serial
        )
    }

    /// Changes the rate of port and timing.
    func setBaudRate(_ rate: Int) throws(HardwareError) {
        try port.setBaudRate(rate)
        timing.baudRate = rate
    }
}
