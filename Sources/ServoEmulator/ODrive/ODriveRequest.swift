import ServoProtocol

/// A line as the board takes it apart before it looks at the command.
struct ODriveRequest: Sendable, Hashable {
    /// The command with its arguments, without comment and checksum.
    var text: [UInt8]
    /// Whether the answer carries a checksum because the request did.
    var hasChecksum: Bool

    /// `nil` if the checksum is wrong; the board then says nothing.
    ///
    /// A comment is cut off first, its `;` and a checksum in it included. The number behind the
    /// first `*` is read as far as it is one. A `*` at the very end is no checksum.
    init?(_ line: [UInt8]) {
        let code = line.prefix { $0 != UInt8(ascii: ";") }
        guard let star = code.firstIndex(of: UInt8(ascii: "*")), star + 1 < code.endIndex else {
            text = Array(code)
            hasChecksum = false
            return
        }
        text = Array(code[..<star])
        hasChecksum = true
        var scanner = ODriveScanner(code[(star + 1)...])
        guard let sum = scanner.unsigned(), sum == UInt32(ODriveASCII.checksum(text)) else {
            return nil
        }
    }
}
