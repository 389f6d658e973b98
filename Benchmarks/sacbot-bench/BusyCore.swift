import Glibc

/// Another process that computes on the last core, in the bursts for which it is wanted.
///
/// It ends with this object, and by itself when this process is gone.
final class BusyCore {
    private let child: pid_t

    init() throws {
        guard let program = unsafe realpath("/proc/self/exe", nil) else {
            throw BenchFailure("this program cannot be found: errno \(errno)")
        }
        defer { unsafe free(program) }
        // Swift does not see sched_setaffinity; every Linux has this program.
        let last = sysconf(Int32(_SC_NPROCESSORS_ONLN)) - 1
        child = try ChildProcess.start(
            ["taskset", "-c", "\(last)", unsafe String(cString: program)]
                + [Probe.option, Probe.spin.rawValue]
        )
        kill(child, SIGSTOP)
    }

    deinit {
        kill(child, SIGKILL)
        ChildProcess.reap(child)
    }

    /// Keeps the core busy during `work`, and from others' point of view as this process' bursts.
    func whileBusy<Result>(_ work: () throws -> Result) throws -> Result {
        if Undisturbed.isWanted {
            // Above our own bursts, or these would push it aside.
            guard Undisturbed.setPriority(Undisturbed.priority + 1, of: child) else {
                throw BenchFailure("BENCH_FIFO=1 needs root: errno \(errno)")
            }
        }
        kill(child, SIGCONT)
        defer { kill(child, SIGSTOP) }
        return try work()
    }

    /// The other process's side.
    static func spin() -> Never {
        let parent = getppid()
        var counter: UInt64 = 0
        while true {
            // A number the compiler cannot know keeps the loop.
            for _ in 0..<100_000 { counter = counter &* 6_364_136_223_846_793_005 &+ 1 }
            if getppid() != parent || counter == 1 { exit(0) }
        }
    }
}
