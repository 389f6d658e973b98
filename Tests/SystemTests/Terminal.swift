import Glibc
import Testing

/// A pseudo-terminal with nobody behind it but the test.
final class Terminal {
    /// What a program opens.
    let path: String
    /// Our end.
    let keyboard: Int32

    init() throws {
        keyboard = open("/dev/ptmx", O_RDWR | O_NOCTTY | O_CLOEXEC)
        try #require(keyboard >= 0)
        // TIOCSPTLCK and TIOCGPTN (linux/tty_ioctl): what unlockpt and ptsname do, which Swift does
        // not import.
        var locked: Int32 = 0
        var number: UInt32 = 0
        try #require(ioctl(keyboard, 0x4004_5431, &locked) == 0)
        try #require(ioctl(keyboard, 0x8004_5430, &number) == 0)
        path = "/dev/pts/\(number)"
    }

    /// Hangs up.
    func close() { Glibc.close(keyboard) }

    /// Types a line.
    func type(_ text: String) throws {
        let bytes = Array((text + "\n").utf8)
        try #require(write(keyboard, bytes, bytes.count) == bytes.count)
    }
}
