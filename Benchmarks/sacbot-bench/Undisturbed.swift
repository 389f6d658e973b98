import Glibc

/// Bursts that nothing else on the machine interrupts, if `BENCH_FIFO=1` asks for them.
///
/// All threads of this process then run before every ordinary one, which needs the right to do so
/// (root), and as long again they all wait, so that others get on and the kernel's limit for such
/// threads (0.95 s in each second) is not reached. Bursts must be well below a second.
enum Undisturbed {
    /// Between those of the kernel's own threads (50) and ordinary ones.
    static let priority: Int32 = 20

    static let isWanted = Environment["BENCH_FIFO"] == "1"

    static func run<Result>(_ burst: () throws -> Result) throws -> Result {
        guard isWanted else { return try burst() }
        let start = MonotonicSeconds.now()
        try setPriority(priority)
        defer {
            try? setPriority(0)
            usleep(UInt32(max(0, MonotonicSeconds.now() - start) * 1e6))
        }
        return try burst()
    }

    /// Gives every thread of this process a real-time priority, or with 0 takes it away.
    private static func setPriority(_ priority: Int32) throws {
        for thread in threads() {
            guard setPriority(priority, of: thread) || errno == ESRCH else {
                throw BenchFailure("BENCH_FIFO=1 needs root: errno \(errno)")
            }
        }
    }

    /// Gives one thread, of whatever process, a real-time priority; whether that was allowed.
    static func setPriority(_ priority: Int32, of thread: pid_t) -> Bool {
        var parameter = sched_param()
        parameter.sched_priority = priority
        let policy = priority == 0 ? SCHED_OTHER : SCHED_FIFO
        return unsafe sched_setscheduler(thread, policy, &parameter) == 0
    }

    private static func threads() -> [pid_t] {
        guard let folder = unsafe opendir("/proc/self/task") else { return [] }
        defer { unsafe closedir(folder) }
        var found: [pid_t] = []
        while let entry = unsafe readdir(folder) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let thread = pid_t(name) { found.append(thread) }
        }
        return found
    }
}
