/// The text protocol of mjbots' fdcanusb adapter, which a moteus on a plain UART speaks too.
///
/// One line a command; LF or CRLF ends it (fdcanusb README; moteus docs, UART integration).
public enum Fdcanusb {
    /// The longest line, its end not counted: `can send`, eight digits of ID, 64 bytes, flags and
    /// check sum come to 160.
    public static let longestLine = 256

    /// The check sum after one more byte: CRC-8, polynomial 97 hex, highest bit first, initially 0.
    ///
    /// It goes over everything before the `*`, the blank included.
    @inlinable
    public static func checksum(_ byte: UInt8, from sum: UInt8 = 0) -> UInt8 {
        var sum = sum ^ byte
        for _ in 0..<8 { sum = sum & 0x80 == 0 ? sum << 1 : sum << 1 ^ 0x97 }
        return sum
    }

    /// The check sum of some bytes.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt8 {
        bytes.reduce(0) { checksum($1, from: $0) }
    }

    /// A line's check sum.
    public enum Checksum: Sendable, Hashable {
        /// There was none.
        case absent
        /// It was right.
        case correct
    }

    /// What a line is.
    public enum Line: Sendable {
        /// `OK`: the last command was taken.
        case ok
        /// `ERR`: it was not; the words are the decoder's `text`.
        case error
        /// `rcv`: a frame came from the bus.
        case received(CANFrame)
        /// `can send`: the host wants a frame sent.
        case send(CANFrame)
        /// A `can send` that the adapter must refuse.
        case badSend(SendProblem)
        /// Any other words, `can on` for example; they are the decoder's `text`.
        case words
        /// A line that is not what its sender wrote.
        case damaged(Damage)
    }

    /// Why a line cannot be trusted.
    public enum Damage: Sendable, Hashable {
        /// The check sum is wrong.
        case wrongChecksum
        /// There should be one and is not.
        case noChecksum
        /// A `rcv` line that no adapter prints.
        case malformed
        /// More than `longestLine` bytes.
        case tooLong
    }

    /// Why a `can send` is refused; the raw value is what the adapter says.
    public enum SendProblem: String, Sendable, Hashable {
        /// No ID or no data.
        case insufficientOptions = "insufficient options"
        /// A letter that is no flag.
        case unknownFlag = "unknown flag"
        /// The ID is no hexadecimal number of up to 29 bits.
        case badID = "bad id"
        /// An odd number of digits, or more than 64 bytes.
        case invalidLength = "data invalid length"
        /// Something that is no hexadecimal digit.
        case invalidData = "invalid data"
    }
}
