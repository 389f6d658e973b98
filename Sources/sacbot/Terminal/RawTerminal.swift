import Glibc

/// A terminal that hands over each key and shows a full screen; put back on every way out.
///
/// Also on a crash: handlers for the signals a broken program dies of put it back first. (After
/// SIGKILL nobody can; `reset` then helps.)
final class RawTerminal {
    private let isRestored = Flag()

    private final class Flag { var isSet = false }

    /// Takes the terminal; `nil` if standard input is none.
    init?() {
        var usual = termios()
        guard unsafe tcgetattr(STDIN_FILENO, &usual) == 0 else { return nil }
        unsafe SavedTerminal.settings = usual
        unsafe SavedTerminal.isTaken = true
        for number in [SIGSEGV, SIGBUS, SIGILL, SIGTRAP, SIGABRT, SIGFPE, SIGQUIT] {
            signal(number) { number in
                SavedTerminal.putBack()
                signal(number, SIG_DFL)
                raise(number)
            }
        }
        var raw = usual
        unsafe cfmakeraw(&raw)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw)
        // Another screen, so that what was there comes back; no cursor.
        Say.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[2J", to: STDOUT_FILENO)
    }

    deinit { restore() }

    /// Puts the terminal back; later calls do nothing.
    func restore() {
        guard !isRestored.isSet else { return }
        isRestored.isSet = true
        SavedTerminal.putBack()
    }

    /// Rows of the terminal, 24 if it does not say.
    var rows: Int {
        var size = winsize()
        guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_row > 0 else {
            return 24
        }
        return Int(size.ws_row)
    }

    /// The keys pressed within some milliseconds, `nil` when the terminal is gone.
    func keys(waiting milliseconds: Int32) -> [JogKey]? {
        var descriptor = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        guard unsafe poll(&descriptor, 1, milliseconds) > 0 else { return [] }
        var chunk = [UInt8](repeating: 0, count: 128)
        let count = unsafe chunk.withUnsafeMutableBytes {
            unsafe read(STDIN_FILENO, $0.baseAddress, $0.count)
        }
        if count > 0 { return JogKey.keys(in: chunk[..<count]) }
        return count < 0 && errno == EINTR ? [] : nil
    }

    /// Draws a screen over the old one.
    func draw(_ lines: [String]) {
        let text = lines.map { "\r\($0)\u{1B}[K\n" }.joined()
        Say.write("\u{1B}[H" + text + "\u{1B}[J", to: STDOUT_FILENO)
    }
}

/// What a signal handler needs to put the terminal back.
private enum SavedTerminal {
    // Safety: written once, by the main thread, before the handlers that read it are in place.
    nonisolated(unsafe) static var settings = termios()
    // Safety: written by the main thread only; a handler that sees the old value does nothing or
    // puts the terminal back twice, which is harmless.
    nonisolated(unsafe) static var isTaken = false
    /// Cursor on, usual screen.
    private static let usualScreen: StaticString = "\u{1B}[?25h\u{1B}[?1049l"

    /// Uses only what a signal handler may call.
    static func putBack() {
        guard unsafe isTaken else { return }
        unsafe isTaken = false
        _ = unsafe write(STDOUT_FILENO, usualScreen.utf8Start, usualScreen.utf8CodeUnitCount)
        _ = unsafe tcsetattr(STDIN_FILENO, TCSANOW, &settings)
    }
}
