import Foundation
import Synchronization
import Testing

@testable import Realtime

/// What a thread saw of itself and was refused.
private final class Seen: Sendable {
    let refusals = Mutex<[RealtimeRefusal]>([])
    let text = Mutex<[String]>([])

    /// Runs `look` on a thread with this priority.
    func on(_ priority: ThreadPriority, _ look: @escaping @Sendable () -> [String]) -> [String] {
        WorkThread(
            name: "seen",
            priority: priority,
            refused: { refusal in self.refusals.withLock { $0.append(refusal) } },
            body: {
                let lines = look()
                self.text.withLock { $0 = lines }
            }
        ).join()
        return text.withLock { $0 }
    }
}

private func file(_ path: String) -> String {
    (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
}

/// A line of /proc/PID/status without its name.
private func status(_ key: String, of path: String = "/proc/self/status") -> String {
    file(path).split(separator: "\n").first { $0.hasPrefix(key + ":") }
        .map { $0.dropFirst(key.count + 1).trimmingCharacters(in: .whitespaces) } ?? ""
}

@Suite("Threads that have to be on time")
struct ThreadTests {
    static let mayUseFIFO: Bool = {
        let seen = Seen()
        _ = seen.on(ThreadPriority(fifo: 1)) { [] }
        return seen.refusals.withLock { $0.isEmpty }
    }()

    @Test("SCHED_FIFO, its priority, one processor, no timer slack", .enabled(if: mayUseFIFO))
    func everything() {
        let seen = Seen()
        let lines = seen.on(ThreadPriority(fifo: 7, cpu: 0)) {
            // proc(5): field 40 of stat is rt_priority, 41 the policy; SCHED_FIFO is 1.
            let stat = file("/proc/thread-self/stat").split(separator: ")").last ?? ""
            let fields = stat.split(separator: " ")
            let link = try? FileManager.default.destinationOfSymbolicLink(
                atPath: "/proc/thread-self"
            )
            let threadID = link?.split(separator: "/").last ?? ""
            // The first field behind the name is number 3.
            return [
                String(fields[40 - 3]), String(fields[41 - 3]),
                status("Cpus_allowed_list", of: "/proc/thread-self/status"),
                file("/proc/\(threadID)/timerslack_ns"),
            ]
        }
        #expect(lines.prefix(3) == ["7", "1", "0"])
        // prctl(2): one nanosecond; proc(5): a real-time thread's slack counts as 0.
        #expect(["0\n", "1\n"].contains(lines[3]), "\(lines[3])")
        #expect(seen.refusals.withLock { $0 } == [])
    }

    @Test("a processor that is not there is refused in words, and the thread runs all the same")
    func noSuchProcessor() {
        let seen = Seen()
        let lines = seen.on(ThreadPriority(fifo: nil, cpu: 1023)) { ["ran"] }
        #expect(lines == ["ran"])
        let refusals = seen.refusals.withLock { $0 }
        #expect(refusals == [.cpu(1023, errno: EINVAL)])
        let text = refusals.map(\.description).joined()
        #expect(text.contains("processor 1023") && text.contains("realtime: {cpu: ...}"))
    }

    @Test(
        "the process is locked in memory, later memory only as far as it is used",
        .enabled(if: geteuid() == 0, "needs root")
    )
    func locked() async {
        await #expect(processExitsWith: .success) {
            guard ProcessMemory.lock() == nil else {
                // No right to lock even as root, in some containers: nothing to see here.
                exit(status("VmLck") == "0 kB" ? 0 : 2)
            }
            func kilobytes(_ key: String) -> Int { Int(status(key).split(separator: " ")[0]) ?? -1 }
            let (before, locked) = (kilobytes("VmRSS"), kilobytes("VmLck"))
            // 256 MB that nobody touches.
            let place = mmap(
                nil,
                256 << 20,
                PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS,
                -1,
                0
            )
            exit(place != MAP_FAILED && locked > 0 && kilobytes("VmRSS") - before < 20_000 ? 0 : 1)
        }
    }

    @Test(
        "where locked memory has a limit nothing is locked, and the words say how to lift it",
        .enabled(if: geteuid() == 0, "needs root, to give it up")
    )
    func limited() async {
        await #expect(processExitsWith: .success) {
            // Large enough for all there is now, so that only later allocations would fail.
            var limit = rlimit(rlim_cur: 64 << 30, rlim_max: 64 << 30)
            setrlimit(__rlimit_resource_t(8), &limit)
            guard setuid(65534) == 0 else { exit(3) }
            let refusal = ProcessMemory.lock()
            let text = refusal?.description ?? ""
            let isRight = refusal == .memory(errno: EPERM) && text.contains("LimitMEMLOCK=infinity")
            exit(isRight && status("VmLck") == "0 kB" ? 0 : 1)
        }
    }
}
