import Glibc
import Synchronization

/// One line of standard error that is written over; nothing where there is no terminal.
struct ChangingLine {
    /// Whether standard error is a terminal.
    let isTerminal = isatty(STDERR_FILENO) != 0

    /// Puts `text` in the place of what stood there.
    func show(_ text: String) {
        guard isTerminal else { return }
        Say.write("\r\u{1B}[K" + text, to: STDERR_FILENO)
        Say.progressShown.store(true, ordering: .relaxed)
    }

    /// Takes the line away.
    func clear() {
        guard isTerminal, Say.progressShown.exchange(false, ordering: .relaxed) else { return }
        Say.write("\r\u{1B}[K", to: STDERR_FILENO)
    }
}
