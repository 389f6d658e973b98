import Realtime
package import Robot

/// What makes a body's ticks follow each other.
public enum TickPacing: Sendable, Hashable {
    /// `CLOCK_MONOTONIC`: ticks come at their time, late ones are skipped.
    case realTime
    /// Each wait ends at once and is one tick later: for emulated servos with a stepped clock.
    case stepped
}

/// The body's clock and its ticks.
package struct TickClock {
    let pacing: TickPacing
    let tickNanoseconds: Int64
    private var next: Int64?
    private var simulated: Int64 = 0

    package init(pacing: TickPacing, tickNanoseconds: Int64) {
        precondition(tickNanoseconds > 0, "a tick must take time")
        self.pacing = pacing
        self.tickNanoseconds = tickNanoseconds
    }

    package func now() -> MonotonicTime {
        MonotonicTime(nanoseconds: pacing == .stepped ? simulated : MonotonicClock.now())
    }

    /// Returns at the next tick; the first is now.
    package mutating func wait() -> TickTiming {
        guard pacing == .realTime else {
            simulated += tickNanoseconds
            return TickTiming(start: now(), skippedTicks: 0)
        }
        let skipped = plan(now: MonotonicClock.now())
        if let next { MonotonicClock.sleep(until: next) }
        let start = now()
        let planned = next ?? start.nanoseconds
        return TickTiming(
            start: start,
            skippedTicks: skipped,
            latenessNanoseconds: start.nanoseconds - planned + Int64(skipped) * tickNanoseconds
        )
    }

    /// Sets the time of the next tick and says how many are over already.
    ///
    /// A tick that is late by less than one tick starts late; the one after it is on time again.
    mutating func plan(now: Int64) -> Int {
        guard let last = next else {
            next = now
            return 0
        }
        let due = last + tickNanoseconds
        let skipped = max(0, (now - due) / tickNanoseconds)
        next = due + skipped * tickNanoseconds
        return Int(skipped)
    }

    /// The time of the next tick, for tests.
    var planned: Int64? { next }
}
