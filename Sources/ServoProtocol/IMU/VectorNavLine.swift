/// A line of VectorNav's ASCII protocol: `$`, fields with commas between, `*`, two digits, CR LF.
///
/// The digits are the exclusive or of everything between `$` and `*`, in upper-case hexadecimal.
/// `*XX`, which devices take from a host as "not checked", is no line: a damaged one must not pass.
enum VectorNavLine {
    /// The longest line taken for one, in bytes.
    static let longest = 320

    /// A whole line around the fields.
    static func encoded(_ body: String) -> [UInt8] {
        let bytes = Array(body.utf8)
        let sum = bytes.reduce(0, ^)
        return [UInt8(ascii: "$")] + bytes
            + [UInt8(ascii: "*"), hexDigit(sum >> 4), hexDigit(sum & 15), 0x0D, 0x0A]
    }

    /// What a search for the line at the window's start came to.
    enum Search {
        /// More bytes are needed.
        case unfinished
        /// This is no line; that many bytes cannot begin one.
        case broken(length: Int)
        /// The fields lie in `body`; the line has `length` bytes.
        case found(body: Range<Int>, length: Int)
    }

    /// Looks for a line that begins at the window's start.
    static func search(_ window: borrowing ByteWindow) -> Search {
        var index = 1
        while index < window.count {
            let byte = window[index]
            if byte == 0x0A { return ended(window, length: index + 1) }
            if byte == UInt8(ascii: "$") { return .broken(length: index) }
            let isText = (0x20...0x7E).contains(byte) || byte == 0x0D
            if !isText || index >= longest { return .broken(length: 1) }
            index += 1
        }
        return .unfinished
    }

    /// The shortest line is `$V*00` with its end.
    private static func ended(_ window: borrowing ByteWindow, length: Int) -> Search {
        let star = length - 5
        guard star >= 2, window[length - 2] == 0x0D, window[star] == UInt8(ascii: "*"),
            let high = hexValue(window[star + 1]), let low = hexValue(window[star + 2])
        else { return .broken(length: 1) }
        var sum: UInt8 = 0
        for index in 1..<star { sum ^= window[index] }
        guard sum == high << 4 | low else { return .broken(length: 1) }
        return .found(body: 1..<star, length: length)
    }

    /// A number of digits with a sign, a point and no exponent; `nil` for everything else.
    ///
    /// Exact up to rounding: at most 15 digits make a whole number that a `Double` holds, and the
    /// power of ten divides it once.
    static func number(_ window: borrowing ByteWindow, _ range: Range<Int>) -> Double? {
        var index = range.lowerBound
        guard index < range.upperBound else { return nil }
        let isNegative = window[index] == UInt8(ascii: "-")
        if isNegative || window[index] == UInt8(ascii: "+") { index += 1 }
        var digits = 0
        var whole: Int64 = 0
        var scale: Double = 1
        var isBehindPoint = false
        while index < range.upperBound {
            let byte = window[index]
            if byte == UInt8(ascii: "."), !isBehindPoint {
                isBehindPoint = true
            } else {
                guard (0x30...0x39).contains(byte), digits < 15 else { return nil }
                whole = whole * 10 + Int64(byte - 0x30)
                digits += 1
                if isBehindPoint { scale *= 10 }
            }
            index += 1
        }
        guard digits > 0 else { return nil }
        let value = Double(whole) / scale
        return isNegative ? -value : value
    }

    /// A number as devices write it: always a sign, leading zeros, so many digits.
    static func shown(_ value: Double, whole: Int, decimals: Int) -> String {
        let scale = (0..<decimals).reduce(1.0) { scale, _ in scale * 10 }
        let bound = Double(Int64.max / 2)
        let scaled = Int64(min(max((abs(value) * scale).rounded(), 0), bound))
        let digits = String(scaled)
        let padded = String(repeating: "0", count: max(0, whole + decimals - digits.count)) + digits
        return (value.sign == .minus ? "-" : "+") + padded.dropLast(decimals) + "."
            + padded.suffix(decimals)
    }

    private static func hexDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x41 + value - 10
    }

    /// Upper case only: a flipped bit must not make the same digit in lower case.
    static func hexValue(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 0x30...0x39: byte - 0x30
        case 0x41...0x46: byte - 0x41 + 10
        default: nil
        }
    }
}
