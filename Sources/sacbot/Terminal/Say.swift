import Glibc
import Synchronization

/// Words for the person at the terminal: on standard error, one line each; for a service, in the
/// journal.
enum Say {
    /// How urgent words are, as syslog(3) counts.
    enum Priority: Int, Sendable {
        case error = 3
        case warning = 4
        case note = 6
    }

    /// Takes words with fields of their own instead of standard error; false if it could not.
    typealias Journal = @Sendable (Priority, String, [(name: String, value: String)]) -> Bool

    /// Set by a service whose standard error is the journal.
    static let journal = Mutex<Journal?>(nil)

    /// Something that went wrong for good.
    static func error(_ text: String, _ fields: [(name: String, value: String)] = []) {
        line(.error, text, fields)
    }

    /// Something a person should look at.
    static func warning(_ text: String, _ fields: [(name: String, value: String)] = []) {
        line(.warning, text, fields)
    }

    /// Something to know.
    static func note(_ text: String) { line(.note, text, []) }

    /// What a command was asked for, on standard output, at once: for commands that talk with a
    /// person, where nothing may wait in a buffer.
    static func show(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Whether a progress line stands at the bottom of the terminal and has to be cleared first.
    static let progressShown = Atomic<Bool>(false)

    private static func line(
        _ priority: Priority,
        _ text: String,
        _ fields: [(name: String, value: String)]
    ) {
        if let journal = journal.withLock({ $0 }), journal(priority, text, fields) { return }
        let text = priority == .warning ? "warning: \(text)" : text
        let clear = progressShown.exchange(false, ordering: .relaxed) ? "\r\u{1B}[K" : ""
        write(clear + text + "\n", to: STDERR_FILENO)
    }

    /// Writes all of `text`; a closed terminal is not worth stopping a robot for.
    static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        var sent = 0
        while sent < bytes.count {
            let count = unsafe bytes[sent...].withUnsafeBytes {
                unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
            }
            if count <= 0 { return }
            sent += count
        }
    }
}
