/// A short fingerprint of a file's bytes, for the record of what a run was made with.
///
/// FNV-1a with 64 bits: the same on every machine and in every version. It tells edits apart; it
/// does not defend against somebody who wants two files to look the same.
public struct ContentHash: Sendable, Hashable, CustomStringConvertible {
    /// The hash as a number.
    public let value: UInt64

    /// The hash of these bytes.
    public init(_ bytes: some Sequence<UInt8>) {
        // Offset basis and prime of draft-eastlake-fnv.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        value = hash
    }

    /// Sixteen hexadecimal digits.
    public var description: String {
        let digits = String(value, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
