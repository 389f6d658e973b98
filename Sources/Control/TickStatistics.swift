public import Realtime
import Robot
import Synchronization

/// Where the time of the control thread's ticks goes.
///
/// Written by the control thread, without locks or allocation; any thread reads meanwhile. Durations
/// are of `CLOCK_MONOTONIC` whatever the body's clock is. The first tick after something that takes
/// many by design, such as arming, is not counted.
public final class TickStatistics: Sendable {
    /// How long after its time a tick began, skipped ticks included; 0 in simulation.
    public let lateness = LatencyHistogram()
    /// Reading the robot.
    public let read = LatencyHistogram()
    /// From the reading to the wanted positions: observation, policy, reward.
    public let decide = LatencyHistogram()
    /// The supervisor.
    public let judge = LatencyHistogram()
    /// Handing the goals to the servos.
    public let write = LatencyHistogram()
    /// All of it, from the tick's begin to the goals' end.
    public let work = LatencyHistogram()

    private let progressCount = Atomic<UInt64>(0)
    private let skips = Atomic<Int>(0)
    private let overruns = Atomic<Int>(0)
    private let tickNanoseconds: Int64

    init(tickNanoseconds: Int64) { self.tickNanoseconds = tickNanoseconds }

    /// Ticks that were skipped because the one before was late.
    public var skippedTicks: Int { skips.load(ordering: .relaxed) }
    /// Ticks whose work took longer than a tick.
    public var overrunTicks: Int { overruns.load(ordering: .relaxed) }

    /// Rises as long as the control thread gets on with its work.
    ///
    /// With every tick, and while it waits for something that may take long: what a watchdog is fed
    /// by.
    public var progress: UInt64 { progressCount.load(ordering: .relaxed) }

    func progressed() { progressCount.wrappingAdd(1, ordering: .relaxed) }

    func skipped(_ ticks: Int) { skips.wrappingAdd(ticks, ordering: .relaxed) }

    func worked(_ nanoseconds: Int64) {
        work.record(nanoseconds)
        if nanoseconds > tickNanoseconds { overruns.wrappingAdd(1, ordering: .relaxed) }
    }
}

/// The control thread's stopwatch within one tick.
struct TickStopwatch {
    /// When the tick began; `nil` while none is to be counted.
    private var start: Int64?
    private var last: Int64 = 0

    /// A tick begins; `isCounted` is false where a delay is expected.
    mutating func begin(_ timing: TickTiming, isCounted: Bool, _ statistics: TickStatistics) {
        start = nil
        guard isCounted else { return }
        last = MonotonicClock.now()
        start = last
        statistics.lateness.record(timing.latenessNanoseconds)
        if timing.skippedTicks > 0 { statistics.skipped(timing.skippedTicks) }
    }

    /// A stage has ended; the next begins.
    mutating func end(_ stage: borrowing LatencyHistogram) {
        guard start != nil else { return }
        let now = MonotonicClock.now()
        stage.record(now - last)
        last = now
    }

    /// The tick's work has ended.
    mutating func end(_ statistics: TickStatistics) {
        guard let start else { return }
        statistics.worked(last - start)
        self.start = nil
    }
}
