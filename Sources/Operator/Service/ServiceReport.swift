/// What systemd is told, and when: a function of what the program says about itself.
///
/// WATCHDOG=1 goes out only when the control thread has got on since the last one. A control thread
/// that stands still is therefore noticed however well everything else works.
public struct ServiceReport: Sendable {
    /// What the program says about itself.
    public struct Look: Sendable {
        /// The monotonic clock, nanoseconds.
        public var now: Int64
        /// Rises as long as the control thread gets on.
        public var progress: UInt64
        /// Whether the first checks are done.
        public var isReady: Bool
        /// Whether the program is about to leave.
        public var isStopping: Bool
        /// One line for people.
        public var status: String

        /// A look.
        public init(
            now: Int64,
            progress: UInt64,
            isReady: Bool,
            isStopping: Bool,
            status: String
        ) {
            (self.now, self.progress, self.isReady) = (now, progress, isReady)
            (self.isStopping, self.status) = (isStopping, status)
        }
    }

    private let feedNanoseconds: Int64
    private var isReady = false
    private var isStopping = false
    private var status = ""
    private var statusAt: Int64?
    private var fedProgress: UInt64 = 0
    private var fedAt: Int64?

    /// How often a status that keeps changing is told.
    static let statusNanoseconds: Int64 = 1_000_000_000

    /// A report for a watchdog that wants a sign of life this often.
    public init(watchdogNanoseconds: Int64?) {
        // A quarter: three signs may come late or get lost.
        feedNanoseconds = (watchdogNanoseconds ?? 20_000_000_000) / 4
    }

    /// What to tell now; often nothing.
    public mutating func lines(_ look: Look) -> [String] {
        var lines: [String] = []
        if look.isReady, !isReady, !look.isStopping {
            isReady = true
            lines.append("READY=1")
        }
        if look.isStopping, !isStopping {
            isStopping = true
            lines.append("STOPPING=1")
        }
        let isDue = statusAt.map { look.now - $0 >= Self.statusNanoseconds } ?? true
        if look.status != status, isDue || !lines.isEmpty {
            status = look.status
            statusAt = look.now
            lines.append("STATUS=" + Self.line(look.status))
        }
        if look.progress != fedProgress, fedAt.map({ look.now - $0 >= feedNanoseconds }) ?? true {
            fedProgress = look.progress
            fedAt = look.now
            lines.append("WATCHDOG=1")
        }
        return lines
    }

    /// That the configuration is being read again.
    ///
    /// - Parameter now: the monotonic clock, nanoseconds.
    public static func reloading(now: Int64) -> [String] {
        ["RELOADING=1", "MONOTONIC_USEC=\(now / 1000)"]
    }

    /// That it has been, and what came of it.
    public static func reloaded(_ status: String) -> [String] {
        ["READY=1", "STATUS=" + line(status)]
    }

    private static func line(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
}

extension OperatorState {
    /// The state in one line, as `systemctl status` shows it.
    public var statusLine: String {
        if let fault { return "\(fault)" + (isFaultLatched ? " (latched)" : "") }
        if let prompt { return "waits for a person: \(prompt)" }
        var parts = [phase]
        switch pause {
        case .no: break
        case .asked: parts.append("will pause")
        case .paused: parts = ["paused"]
        case .released: parts = ["paused, torque off"]
        }
        parts.append("episode \(episodes), \(steps) steps, \(updates) updates")
        if let recentSuccess { parts.append("held \(Int((recentSuccess * 100).rounded())) %") }
        return parts.joined(separator: "; ")
    }
}
