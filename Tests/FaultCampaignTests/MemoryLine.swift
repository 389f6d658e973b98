import Glibc
import Realtime

@testable import ServoEmulator
@testable import ServoHardware

/// A serial line in memory between the host's port and emulated servos.
///
/// It is what `EmulatedLine` is without the pseudo-terminal: the same `FaultyLine`, driven by the
/// host's own calls instead of a thread. Its time stands still while the host works and jumps to the
/// next byte, or to the end of the host's patience, when the host waits: silence costs nothing and
/// the same seed gives the same bytes.
final class MemoryLine: SerialLine {
    /// The wire and the servos.
    var line: FaultyLine<WatchedCore>
    /// The line's time, nanoseconds.
    var now: Int64 = 0
    /// Whether the adapter is out.
    var isPulled = false

    let descriptor: Int32 = -1
    private var rate = 0

    init(core: WatchedCore, plan: FaultPlan) {
        line = FaultyLine(device: core, isInstant: true, plan: plan)
    }

    func setBaudRate(_ rate: Int) -> Int32 {
        self.rate = rate
        return 0
    }

    func lock() -> Int32 { 0 }

    func flushInput() -> Int32 {
        if isPulled { return -EIO }
        while line.arrival(by: now) != nil {}
        return 0
    }

    /// One reply, or one piece of one, at a time.
    func read(into buffer: UnsafeMutableRawBufferPointer) -> Int32 {
        if isPulled { return -EIO }
        guard let bytes = line.arrival(by: now) else { return 0 }
        buffer.copyBytes(from: bytes)
        return Int32(bytes.count)
    }

    func write(_ buffer: UnsafeRawBufferPointer) -> Int32 {
        if isPulled { return -EIO }
        line.receive(Array(buffer), rate: rate, now: now)
        return Int32(buffer.count)
    }

    func wait(writing: Bool, deadline: Int64) -> Int32 {
        if isPulled { return POLLHUP }
        if writing { return POLLOUT }
        let left = patience(until: deadline)
        guard let next = line.nextArrival, next <= now + left else {
            now += left
            return 0
        }
        now = max(now, next)
        return POLLIN
    }

    /// What is left until the deadline, in whole 16 ms: how busy the machine is shall not matter.
    private func patience(until deadline: Int64) -> Int64 {
        let left = max(0, deadline - MonotonicClock.now())
        return (left + 15_999_999) / 16_000_000 * 16_000_000
    }

    func close() {}
}
