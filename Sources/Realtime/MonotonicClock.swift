import CRealtime

/// The only place that reads a clock.
public enum MonotonicClock {
    /// `CLOCK_MONOTONIC` in nanoseconds.
    public static func now() -> Int64 { sacbot_monotonic() }

    /// CPU time this process has used, in nanoseconds.
    public static func processorTime() -> Int64 { sacbot_cpu_time() }

    /// Returns at `deadline` (nanoseconds on `CLOCK_MONOTONIC`), at once if it has passed.
    public static func sleep(until deadline: Int64) { sacbot_sleep_until(deadline) }
}
