/// What goes wrong in a soak and when: one fault at a random place in each stretch of time.
struct SoakPlan {
    enum Kind: String, CaseIterable {
        case unplug, reboot, disconnected, garbage, echo
        case brownOut = "brown-out"
        case watchdogTrip = "watchdog-trip"
        case lostReply = "lost-reply"
        case bitFlip = "bit-flip"
        case latencyStall = "latency-stall"
        /// All servos stop where they are: the emulator's process is.
        case frozen

        /// How long it lasts; `nil` for what is over at once or has a time of its own.
        fileprivate var seconds: ClosedRange<Double>? {
            switch self {
            case .reboot, .brownOut, .watchdogTrip: nil
            case .unplug, .disconnected, .frozen: 1...4
            case .garbage, .echo, .lostReply, .bitFlip, .latencyStall: 0.05...3
            }
        }
    }

    private struct Event {
        var kind: Kind
        var time: Double
        var duration: Double
    }

    let seconds: Double
    private let events: [Event]
    private let seed: UInt64
    private var next = 0

    init(seconds: Double, faultEvery: Double, kinds: [Kind], seed: UInt64) {
        self.seconds = seconds
        self.seed = seed
        var generator = SeededGenerator(state: seed)
        // A shuffled pack after the other: every kind comes about as often.
        var pack: [Kind] = []
        events = stride(from: 0, to: seconds - faultEvery / 2, by: faultEvery).map { begin in
            if pack.isEmpty { pack = kinds.shuffled(using: &generator) }
            let kind = pack.removeLast()
            return Event(
                kind: kind,
                time: begin + Double.random(in: 0.3...0.8, using: &generator) * faultEvery,
                duration: kind.seconds.map { Double.random(in: $0, using: &generator) } ?? 0
            )
        }
    }

    var counts: [String: Int] {
        events.reduce(into: [:]) { $0[$1.kind.rawValue, default: 0] += 1 }
    }

    /// The emulator's part of it; `nil` if it has none.
    var yaml: String? {
        let lines = events.filter { $0.kind != .frozen }.map { event in
            let duration = event.duration > 0 ? ", for: \(milliseconds(event.duration))" : ""
            return
                "  - {fault: \(event.kind.rawValue), at: \(milliseconds(event.time))\(duration)}\n"
        }
        return lines.isEmpty ? nil : "seed: \(seed)\nfaults:\n" + lines.joined()
    }

    private func milliseconds(_ seconds: Double) -> String { "\(Int(seconds * 1000)) ms" }

    private var frozen: Double?

    /// How many faults have come since this was last asked.
    mutating func passed(_ time: Double) -> Int {
        let before = next
        while next < events.count, events[next].time <= time {
            if events[next].kind == .frozen { frozen = events[next].duration }
            next += 1
        }
        return next - before
    }

    /// For how long the emulator shall be stopped now, if it shall.
    mutating func takeFreeze() -> Double? {
        defer { frozen = nil }
        return frozen
    }
}
