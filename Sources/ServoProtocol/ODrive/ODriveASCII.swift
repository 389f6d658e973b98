/// Sizes and sums of ODrive's ASCII protocol, firmware 0.5.x.
public enum ODriveASCII {
    /// Longest request in bytes, line feed included; the board drops a longer one.
    public static let longestRequest = 256
    /// Longest answer in bytes, CR and LF included; the board cuts a longer one.
    public static let longestAnswer = 64
    /// Longest text of a property's value; the board cuts a longer one without a word.
    public static let longestValue = 9
    /// Motors on one board, numbered from 0.
    public static let axisCount = 2
    /// UART_A's rate from the factory, in bits per second.
    public static let factoryRate = 115_200

    static let asterisk: UInt8 = 0x2A
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let minus: UInt8 = 0x2D
    static let point: UInt8 = 0x2E
    static let zero: UInt8 = 0x30

    /// XOR of all bytes, which a line carries in decimal behind its `*`.
    ///
    /// It sees every change of an odd number of bits in one bit position, so every single flip; two
    /// flips of the same bit position in two bytes cancel out.
    public static func checksum(_ bytes: some Sequence<UInt8>) -> UInt8 {
        var sum: UInt8 = 0
        for byte in bytes { sum ^= byte }
        return sum
    }
}
