import Glibc
import Realtime

/// Processor time of the calling thread alone, in nanoseconds: what a host spends on its bus must
/// not include what the emulator spends in the same process.
func threadProcessorTime() -> Int64 {
    var time = timespec()
    unsafe clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// How long `work` takes, in nanoseconds.
func nanoseconds(_ work: () throws -> Void) rethrows -> Int64 {
    let start = MonotonicClock.now()
    try work()
    return MonotonicClock.now() - start
}

/// How long the calling thread computes for `work`, in nanoseconds; waiting does not count.
func processorNanoseconds(_ work: () throws -> Void) rethrows -> Int64 {
    let start = threadProcessorTime()
    try work()
    return threadProcessorTime() - start
}

/// Seconds on the monotonic clock.
enum MonotonicSeconds {
    static func now() -> Double { Double(MonotonicClock.now()) * 1e-9 }
}

/// The environment this program was started with.
enum Environment {
    static subscript(name: String) -> String? {
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }
}
