import Glibc

/// Writes to systemd's journal with fields of our own, by its native protocol.
///
/// Each entry is one datagram of `KEY=value` lines; a value with line breaks is sent with its
/// length (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
public struct JournalSocket: Sendable {
    /// Where journald listens.
    public static let standardPath = "/run/systemd/journal/socket"

    private let sender: DatagramSender

    /// The journal at this path, or `nil` if the machine has no socket left.
    public init?(path: String = JournalSocket.standardPath) {
        guard let sender = DatagramSender(path: path) else { return nil }
        self.sender = sender
    }

    /// Whether standard error goes to the journal: systemd says by device and inode which stream
    /// does.
    public static func isStandardError(environment: [String: String]) -> Bool {
        var status = stat()
        guard let stream = environment["JOURNAL_STREAM"],
            unsafe fstat(STDERR_FILENO, &status) == 0
        else { return false }
        return stream == "\(status.st_dev):\(status.st_ino)"
    }

    /// Writes an entry; false if journald did not take it.
    ///
    /// - Parameters:
    ///   - priority: as in syslog(3): 3 error, 4 warning, 6 information.
    ///   - fields: names of capitals, digits and underscores, with their values.
    public func write(
        _ message: String,
        priority: Int,
        fields: [(name: String, value: String)]
    ) -> Bool {
        sender.send(Self.entry(message, priority: priority, fields: fields))
    }

    static func entry(
        _ message: String,
        priority: Int,
        fields: [(name: String, value: String)]
    ) -> [UInt8] {
        let all =
            [
                ("MESSAGE", message), ("PRIORITY", "\(priority)"),
                ("SYSLOG_IDENTIFIER", "sacbot"),
            ] + fields
        return all.flatMap { name, value in
            value.contains(where: \.isNewline)
                ? long(name, value) : Array("\(name)=\(value)\n".utf8)
        }
    }

    private static func long(_ name: String, _ value: String) -> [UInt8] {
        let bytes = Array(value.utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: bytes.count >> (8 * $0)) }
        return Array("\(name)\n".utf8) + length + bytes + [UInt8(ascii: "\n")]
    }
}
