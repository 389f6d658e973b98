/// A property's value as a board writes it: at most nine characters, cut without a word.
public struct ODriveValue: Sendable, Hashable {
    /// The number; NaN or infinite if the board says so.
    public var number: Double
    /// Digits behind the decimal point; `nil` if there is no point.
    public var decimals: Int?
    /// Characters it was written with, the sign included.
    public var length: Int

    /// The whole number, `nil` for one with decimals, below zero, or that may have been cut.
    ///
    /// Nine characters without a decimal point may be the first nine of more, so nothing can be
    /// said about the bits of such an error word but that there are some.
    public var bits: UInt64? {
        guard decimals == nil, !mayBeCut, number >= 0, number.isFinite else { return nil }
        return UInt64(number)
    }

    /// Whether digits that count may be missing.
    public var mayBeCut: Bool {
        number.isFinite && decimals == nil && length >= ODriveASCII.longestValue
    }

    /// Whether this is the number that was written, as far as its digits tell.
    ///
    /// The board keeps numbers in single precision and shows six decimals, fewer if they do not
    /// fit into nine characters; the last one is rounded or cut, after it was rounded on the way in.
    public func isShowing(_ wanted: Double) -> Bool {
        guard number.isFinite, !mayBeCut else { return number == wanted }
        var unit = 1.0
        for _ in 0..<(decimals ?? 0) { unit /= 10 }
        let single = wanted.magnitude * 0x1p-23
        return (number - wanted).magnitude <= (decimals == nil ? 0 : unit * 1.2) + single
    }

    /// Whether it is written as `f` writes positions: with six decimals, or not a number.
    var isFeedback: Bool { decimals == 6 || !number.isFinite }

    /// Reads a number from `index` on and steps behind it.
    init?(_ parser: ODriveLineParser, _ index: inout Int, end: Int) {
        let start = index
        func byte(_ place: Int) -> UInt8 { place < end ? parser[place] : 0 }
        let isNegative = byte(start) == ODriveASCII.minus
        var place = isNegative ? start + 1 : start
        if let special = Self.special(byte(place), byte(place + 1), byte(place + 2)) {
            index = place + 3
            number = isNegative ? -special : special
            length = index - start
            return
        }
        var value = 0.0
        let firstDigit = place
        while (0x30...0x39).contains(byte(place)) {
            value = value * 10 + Double(byte(place) - ODriveASCII.zero)
            place += 1
        }
        guard place > firstDigit else { return nil }
        if byte(place) == ODriveASCII.point {
            place += 1
            let firstDecimal = place
            var scale = 1.0
            while (0x30...0x39).contains(byte(place)) {
                value = value * 10 + Double(byte(place) - ODriveASCII.zero)
                scale *= 10
                place += 1
            }
            decimals = place - firstDecimal
            value /= scale
        }
        index = place
        number = isNegative ? -value : value
        length = place - start
    }

    private static func special(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Double? {
        switch (a, b, c) {
        case (UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "n")): .nan
        case (UInt8(ascii: "i"), UInt8(ascii: "n"), UInt8(ascii: "f")): .infinity
        default: nil
        }
    }
}
