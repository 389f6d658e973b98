import ServoProtocol

/// Bytes a host receives, and when the last of them is there.
public struct TimedReply: Sendable, Hashable {
    /// One status, or several servos' shared one, or two that collided.
    public var bytes: [UInt8]
    /// Nanoseconds on the clock that `now` was given on.
    public var time: Int64

    /// A reply.
    public init(bytes: [UInt8], time: Int64) {
        self.bytes = bytes
        self.time = time
    }

    /// What arrives if two speak at once: open-drain outputs make the AND of their bytes.
    func collided(with other: TimedReply) -> TimedReply {
        var merged = bytes.count >= other.bytes.count ? bytes : other.bytes
        for position in 0..<min(bytes.count, other.bytes.count) {
            merged[position] = bytes[position] & other.bytes[position]
        }
        return TimedReply(bytes: merged, time: max(time, other.time))
    }
}

/// One pair of wires on which one speaks at a time, ten bit times a byte.
struct BusLine: Sendable {
    let timing: EmulatorOptions.Timing
    var baudRate = 1_000_000
    /// When the wires fall silent.
    private(set) var freeAt = Int64.min

    /// How long some bytes take.
    func duration(bytes: Int) -> Int64 {
        switch timing {
        case .honest: Int64(bytes) * 10 * 1_000_000_000 / Int64(max(1, baudRate))
        case .instant: 0
        }
    }

    /// A request that the host hands over at `now`; returns when its last byte is on the wire.
    ///
    /// A host that does not wait for replies is queued behind them, as its adapter would.
    mutating func request(bytes: Int, now: Int64) -> Int64 {
        freeAt = max(now, freeAt) + duration(bytes: bytes)
        return freeAt
    }

    /// Silence until `time`.
    mutating func wait(until time: Int64) { freeAt = max(freeAt, time) }

    /// Silence for a while, under honest timing.
    mutating func wait(nanoseconds: Int64) {
        if timing == .honest { freeAt += nanoseconds }
    }

    /// A reply that starts now; returns when its last byte is on the wire.
    mutating func reply(bytes: Int) -> Int64 {
        freeAt += duration(bytes: bytes)
        return freeAt
    }
}
