import Foundation
import Glibc
import Testing

@testable import Operator

/// systemd's protocols: sd_notify(3) and the journal's native one.
@Suite("systemd's protocols")
struct ServiceTests {
    private func look(
        _ seconds: Double,
        _ progress: UInt64,
        ready: Bool = true,
        stopping: Bool = false,
        _ status: String = "running"
    ) -> ServiceReport.Look {
        ServiceReport.Look(
            now: Int64((seconds * 1e9).rounded()),
            progress: progress,
            isReady: ready,
            isStopping: stopping,
            status: status
        )
    }

    @Test("READY comes once, after the checks and not before")
    func ready() {
        var report = ServiceReport(watchdogNanoseconds: nil)
        #expect(!report.lines(look(0, 1, ready: false)).contains("READY=1"))
        #expect(report.lines(look(1, 1)).contains("READY=1"))
        #expect(!report.lines(look(2, 2)).contains("READY=1"))
    }

    @Test("a service that is told to stop before it is ready never says that it is")
    func stoppedEarly() {
        var report = ServiceReport(watchdogNanoseconds: nil)
        let lines = report.lines(look(0, 1, stopping: true))
        #expect(lines.contains("STOPPING=1") && !lines.contains("READY=1"))
        #expect(!report.lines(look(1, 2, stopping: true)).contains("STOPPING=1"))
    }

    @Test("WATCHDOG is fed at most four times an interval, and never without progress")
    func watchdog() {
        var report = ServiceReport(watchdogNanoseconds: 8_000_000_000)
        var fed: [Double] = []
        for tenth in 0..<200 {
            let seconds = Double(tenth) / 10
            // The control thread stands still from 10 s to 15 s.
            let progress = seconds < 10 ? tenth : seconds < 15 ? 99 : tenth
            if report.lines(look(seconds, UInt64(progress))).contains("WATCHDOG=1") {
                fed.append(seconds)
            }
        }
        #expect(fed == [0.1, 2.1, 4.1, 6.1, 8.1, 10.1, 15, 17, 19])
    }

    @Test("STATUS comes when it changes, once a second at most, in one line")
    func status() {
        var report = ServiceReport(watchdogNanoseconds: nil)
        #expect(report.lines(look(0, 0, "a\nb")).contains("STATUS=a b"))
        #expect(!report.lines(look(0.5, 0, "c")).contains("STATUS=c"))
        #expect(report.lines(look(1, 0, "c")).contains("STATUS=c"))
        #expect(report.lines(look(3, 0, "c")).isEmpty)
        // A stop is told with its status at once.
        let stop = report.lines(look(3.1, 0, stopping: true, "d"))
        #expect(stop == ["STOPPING=1", "STATUS=d"])
    }

    @Test("a status line names the fault before anything else")
    func statusLine() {
        var state = OperatorState()
        state.phase = "running"
        state.pause = .asked
        #expect(state.statusLine == "running; will pause; episode 0, 0 steps, 0 updates")
        state.prompt = "the claw"
        #expect(state.statusLine == "waits for a person: the claw")
        state.fault = "fault 13 at x: hot"
        state.isFaultLatched = true
        #expect(state.statusLine == "fault 13 at x: hot (latched)")
    }

    /// A datagram socket that a test reads.
    private final class Receiver {
        let descriptor: Int32

        /// Bound to a path, or to an abstract name after `@`.
        init(_ path: String) throws {
            descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
            let bound = try UnixAddress.with(path) { bind(descriptor, $0, $1) }
            try #require(bound == 0, "errno \(errno)")
        }

        deinit { close(descriptor) }

        func receive() -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: 4096)
            let count = recv(descriptor, &bytes, bytes.count, Int32(MSG_DONTWAIT))
            return Array(bytes.prefix(max(0, count)))
        }
    }

    @Test("messages arrive at a path and at an abstract name", arguments: ["/tmp/", "@"])
    func notify(_ place: String) throws {
        let path = place + "sacbot-test-\(UUID().uuidString.prefix(8))"
        let receiver = try Receiver(path)
        defer { unlink(path) }
        let notifier = try #require(
            ServiceNotifier(
                environment: ["NOTIFY_SOCKET": path, "WATCHDOG_USEC": "3000000"],
                processID: 7
            )
        )
        notifier.send(["READY=1", "STATUS=x"])
        #expect(String(decoding: receiver.receive(), as: UTF8.self) == "READY=1\nSTATUS=x")
        #expect(notifier.watchdogNanoseconds == 3_000_000_000)
    }

    @Test("without a service manager there is none; another process's watchdog is not ours")
    func environment() {
        #expect(ServiceNotifier(environment: [:], processID: 7) == nil)
        #expect(ServiceNotifier(environment: ["NOTIFY_SOCKET": "x"], processID: 7) == nil)
        let other = ServiceNotifier(
            environment: ["NOTIFY_SOCKET": "/x", "WATCHDOG_USEC": "1", "WATCHDOG_PID": "8"],
            processID: 7
        )
        #expect(other?.watchdogNanoseconds == nil)
        // Nobody listens there: nothing happens.
        other?.send(["READY=1"])
    }

    @Test("a journal entry: fields a line each, one with line breaks with its length")
    func journal() {
        let plain = JournalSocket.entry("hot", priority: 3, fields: [("SACBOT_FAULT", "13")])
        #expect(
            String(decoding: plain, as: UTF8.self)
                == "MESSAGE=hot\nPRIORITY=3\nSYSLOG_IDENTIFIER=sacbot\nSACBOT_FAULT=13\n"
        )
        // As https://systemd.io/JOURNAL_NATIVE_PROTOCOL has it: name, newline, 64 bits little
        // endian, bytes, newline.
        let long = JournalSocket.entry("a\nb", priority: 6, fields: [])
        let head = Array("MESSAGE\n".utf8) + [3, 0, 0, 0, 0, 0, 0, 0] + Array("a\nb\n".utf8)
        #expect(Array(long.prefix(head.count)) == head)
    }

    @Test("standard error is the journal only if device and inode say so")
    func stream() {
        var status = stat()
        fstat(STDERR_FILENO, &status)
        let own = "\(status.st_dev):\(status.st_ino)"
        #expect(JournalSocket.isStandardError(environment: ["JOURNAL_STREAM": own]))
        #expect(!JournalSocket.isStandardError(environment: ["JOURNAL_STREAM": "1:2"]))
        #expect(!JournalSocket.isStandardError(environment: [:]))
    }
}
