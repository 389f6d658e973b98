/// Reads a request's arguments the way the board's C library does.
///
/// White space before a number does not count, a number ends where its letters end, and what is
/// behind the last argument is not looked at.
struct ODriveScanner {
    private let bytes: [UInt8]
    private var index = 0

    init(_ bytes: some Sequence<UInt8>) { self.bytes = Array(bytes) }

    private var peek: UInt8 { index < bytes.count ? bytes[index] : 0 }

    private mutating func skipSpace() {
        while peek == 0x20 || (0x09...0x0D).contains(peek) { index += 1 }
    }

    /// Steps over one letter; `false` if another is there.
    mutating func take(_ letter: Unicode.Scalar) -> Bool {
        guard UInt32(peek) == letter.value, index < bytes.count else { return false }
        index += 1
        return true
    }

    /// A number without sign, 32 bits; one below zero wraps round.
    mutating func unsigned() -> UInt32? { integer().map { UInt32(truncatingIfNeeded: $0) } }

    /// A whole number.
    mutating func integer() -> Int64? {
        skipSpace()
        let start = index
        let isNegative = peek == 0x2D
        if peek == 0x2D || peek == 0x2B { index += 1 }
        let firstDigit = index
        var value: Int64 = 0
        while (0x30...0x39).contains(peek) {
            value = value &* 10 &+ Int64(peek - 0x30)
            index += 1
        }
        guard index > firstDigit else {
            index = start
            return nil
        }
        return isNegative ? -value : value
    }

    /// A number in single precision; `inf` and `nan` are numbers.
    mutating func float() -> Double? {
        skipSpace()
        let rest = bytes[index...].prefix { !($0 == 0x20 || (0x09...0x0D).contains($0)) }
        // The longest beginning that is a number.
        var length = rest.count
        while length > 0 {
            let text = String(decoding: rest.prefix(length), as: UTF8.self)
            if let value = Float(text) {
                index += length
                return Double(value)
            }
            length -= 1
        }
        return nil
    }

    /// Letters up to the next white space.
    mutating func word() -> String? {
        skipSpace()
        let start = index
        while index < bytes.count, !(peek == 0x20 || (0x09...0x0D).contains(peek)) { index += 1 }
        return index > start ? String(decoding: bytes[start..<index], as: UTF8.self) : nil
    }
}

/// Writes numbers the way the board's C library does.
enum ODrivePrinter {
    /// With six decimals.
    static func decimal(_ value: Double) -> String {
        let value = Double(Float(value))
        if value.isNaN { return "nan" }
        if value.isInfinite { return value < 0 ? "-inf" : "inf" }
        let sign = value.sign == .minus ? "-" : ""
        // Single precision has no decimals any more where this would not fit.
        guard value.magnitude < 1e12 else {
            return sign + String(UInt64(min(value.magnitude, 1e19))) + ".000000"
        }
        let millionths = UInt64((value.magnitude * 1e6).rounded(.toNearestOrEven))
        let decimals = String(millionths % 1_000_000)
        let zeros = String(repeating: "0", count: 6 - decimals.count)
        return sign + String(millionths / 1_000_000) + "." + zeros + decimals
    }
}
