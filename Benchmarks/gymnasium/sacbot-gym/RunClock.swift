import Realtime

/// Clocks in seconds.
enum RunClock {
    /// Time passed, from any beginning.
    static func seconds() -> Double { Double(MonotonicClock.now()) * 1e-9 }

    /// Processor time of this process, without its children.
    static func processorSeconds() -> Double { Double(MonotonicClock.processorTime()) * 1e-9 }
}
