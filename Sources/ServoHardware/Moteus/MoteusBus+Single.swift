import Realtime
import ServoProtocol

/// Who a moteus says it is.
struct MoteusIdentity: Sendable, Hashable {
    /// The question.
    static func ask(_ frame: inout MoteusFrame) { frame.read(.model, count: 2, as: .int32) }

    /// The answer; `nil` if it does not say.
    init?(_ reply: CANFrame) {
        var model = -1
        var firmware = -1
        var items = MoteusSubframes(reply)
        while let item = items.next() {
            switch item {
            case .reply(.model, let number): model = number.count
            case .reply(.firmware, let number): firmware = number.count
            default: continue
            }
        }
        guard model >= 0 else { return nil }
        self.model = model
        self.firmware = firmware
    }

    /// Board model.
    var model: Int
    /// Firmware, 0xXXYYZZ.
    var firmware: Int

    /// The firmware's version as its maker writes it.
    var version: String { "\(firmware >> 16 & 0xFF).\(firmware >> 8 & 0xFF).\(firmware & 0xFF)" }
}

extension MoteusBus {
    // MARK: One controller, outside the control loop

    /// One exchange with one controller, repeated while it brings nothing; `nil` if it never does.
    func ask(
        _ place: Int,
        attempts: Int = 3,
        _ build: (inout MoteusFrame) -> Void
    ) throws(HardwareError) -> CANFrame? {
        for attempt in 0..<attempts {
            if attempt > 0 { counters.retries += 1 }
            begin()
            add(place, wantsReply: true, build)
            try exchange(deadline: MonotonicClock.now() + timing.patience)
            if slots[place].outcome == .value { return slots[place].frame }
        }
        return nil
    }

    /// What a controller says of itself after doing what `build` adds to the question.
    func state(
        _ place: Int,
        attempts: Int = 3,
        _ build: (inout MoteusFrame) -> Void = { _ in }
    ) throws(HardwareError) -> MoteusState? {
        let reply = try ask(place, attempts: attempts) { frame in
            build(&frame)
            MoteusQuery(includesCurrent: true).append(to: &frame)
        }
        return reply.flatMap { MoteusState($0) }
    }

    /// Who it is; `nil` if it does not say.
    func identify(_ place: Int) throws(HardwareError) -> MoteusIdentity? {
        try ask(place) { MoteusIdentity.ask(&$0) }.flatMap { MoteusIdentity($0) }
    }

    /// Switches a motor off, clearing faults and an expired watchdog; what it says of itself then,
    /// `nil` if it does not answer.
    func stop(_ place: Int) throws(HardwareError) -> MoteusState? {
        try state(place) { $0.set(.stopped) }
    }

    /// Has a controller's console obey a line; its answer without the line end, `nil` if there is
    /// none.
    func console(_ place: Int, _ line: String) throws(HardwareError) -> String? {
        // What an earlier owner asked and never fetched.
        while let old = try poll(place), !old.isEmpty {}
        var rest = Array((line + "\n").utf8)[...]
        while !rest.isEmpty {
            let piece = rest.prefix(MoteusFrame.consoleRoom)
            rest = rest.dropFirst(piece.count)
            // Lost text would be half a line, so the next exchange shows whether it came.
            begin()
            add(place, wantsReply: false) { $0.appendConsole(piece, fromController: false) }
            try send(deadline: MonotonicClock.now() + timing.patience)
        }
        var answer: [UInt8] = []
        for _ in 0..<10 {
            guard let text = try poll(place) else { return nil }
            answer += text
            if let end = answer.firstIndex(where: { $0 == 10 || $0 == 13 }) {
                return String(decoding: answer[..<end], as: UTF8.self)
            }
        }
        return nil
    }

    /// What a console has to say; `nil` if the controller does not answer.
    private func poll(_ place: Int) throws(HardwareError) -> [UInt8]? {
        // A repeated poll would lose what the first reply carried.
        guard let frame = try ask(place, attempts: 1, { $0.pollConsole() }) else { return nil }
        var items = MoteusSubframes(frame)
        while let item = items.next() {
            if case .consoleOutput(let text) = item { return text.map { frame[$0] } }
        }
        return nil
    }

    /// Sets one of a controller's settings until power goes off, and reads it back; whether it is
    /// as wanted.
    ///
    /// Nothing is written to its flash.
    func set(_ place: Int, _ name: String, _ value: Double) throws(HardwareError) -> Bool {
        for _ in 0..<3 {
            if try holds(place, name, value) { return true }
            _ = try console(place, "conf set \(name) \(value)")
        }
        return try holds(place, name, value)
    }

    private func holds(
        _ place: Int,
        _ name: String,
        _ value: Double
    ) throws(HardwareError) -> Bool {
        guard let text = try console(place, "conf get \(name)"), let found = Double(text) else {
            return false
        }
        // Settings are singles, printed with a few digits.
        return abs(found - value) <= 1e-4 * max(abs(value), 0.01)
    }
}
