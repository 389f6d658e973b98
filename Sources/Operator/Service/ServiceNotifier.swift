/// Tells systemd how the service is, as sd_notify(3) does.
public struct ServiceNotifier: Sendable {
    /// How often systemd wants a sign of life, nanoseconds; `nil` if it does not watch.
    public let watchdogNanoseconds: Int64?
    private let sender: DatagramSender

    /// A notifier as the environment asks for it; `nil` where no service manager listens.
    ///
    /// - Parameter processID: a watchdog for another process is none for this one.
    public init?(environment: [String: String], processID: Int32) {
        guard let path = environment["NOTIFY_SOCKET"], path.hasPrefix("/") || path.hasPrefix("@"),
            let sender = DatagramSender(path: path)
        else { return nil }
        self.sender = sender
        let isOurs = environment["WATCHDOG_PID"].map { $0 == "\(processID)" } ?? true
        let microseconds = environment["WATCHDOG_USEC"].flatMap { Int64($0) }
        watchdogNanoseconds = isOurs ? microseconds.map { $0 * 1000 } : nil
    }

    /// Sends lines of `KEY=value` in one message.
    public func send(_ lines: [String]) {
        guard !lines.isEmpty else { return }
        sender.send(Array(lines.joined(separator: "\n").utf8))
    }
}
