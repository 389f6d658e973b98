import Glibc
import Synchronization

/// Words for the person at the terminal: on standard error, one line each.
enum Say {
    /// Something a person should look at.
    static func warning(_ text: String) { line("warning: \(text)") }

    /// Something to know.
    static func note(_ text: String) { line(text) }

    /// What a command was asked for, on standard output, at once: for commands that talk with a
    /// person, where nothing may wait in a buffer.
    static func show(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Whether a progress line stands at the bottom of the terminal and has to be cleared first.
    static let progressShown = Atomic<Bool>(false)

    private static func line(_ text: String) {
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
