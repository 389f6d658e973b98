/// What a board says instead of doing what it was asked.
public enum ODriveRefusal: String, Sendable, Hashable, CaseIterable {
    /// No command begins like that; an empty line, too.
    case unknownCommand = "unknown command"
    /// Arguments are missing or no numbers.
    case invalidFormat = "invalid command format"
    /// There is no property of that path.
    case invalidProperty = "invalid property"
    /// The property cannot be read or written as text, for example because it is read-only.
    case notImplemented = "not implemented"
}

/// What one line of a board says.
public enum ODriveAnswer: Sendable, Hashable {
    /// The answer to `f`: turns and turns/s, each NaN or infinite if the board says so.
    case feedback(position: Double, velocity: Double)
    /// The answer to `r`.
    case value(ODriveValue)
    /// The request was not done.
    case refusal(ODriveRefusal)
    /// The board has no axis of that number; the number is the request's own.
    case invalidMotor(Int)
    /// The first answer to `i`, for example 3.6 for 56 V.
    case hardware(major: Int, minor: Int, volts: Int)
    /// The second answer to `i`.
    case firmware(major: Int, minor: Int, revision: Int)
    /// The third answer to `i`, hexadecimal.
    case serialNumber(UInt64)
    /// Another text.
    case other
}

extension ODriveLineParser {
    /// What a line says.
    ///
    /// Allocates nothing.
    public func answer(_ line: Line) -> ODriveAnswer {
        var cursor = Cursor(parser: self, index: line.text.lowerBound, end: line.text.upperBound)
        guard let first = cursor.peek else { return .other }
        switch first {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), ODriveASCII.minus: return cursor.numbers()
        case UInt8(ascii: "i"): return cursor.leadingI()
        case UInt8(ascii: "n"): return cursor.leadingN()
        case UInt8(ascii: "u"): return cursor.refusal(.unknownCommand)
        case UInt8(ascii: "H"): return cursor.hardware()
        case UInt8(ascii: "F"): return cursor.firmware()
        case UInt8(ascii: "S"): return cursor.serialNumber()
        default: return .other
        }
    }

    /// A place in a line that is read from left to right.
    private struct Cursor {
        let parser: ODriveLineParser
        var index: Int
        let end: Int

        var peek: UInt8? { index < end ? parser[index] : nil }
        var isAtEnd: Bool { index == end }

        /// Steps over a text; `false` and no step if something else is there.
        mutating func take(_ text: String) -> Bool {
            var place = index
            for byte in text.utf8 {
                guard place < end, parser[place] == byte else { return false }
                place += 1
            }
            index = place
            return true
        }

        // MARK: Numbers

        /// `pos vel` or one value.
        mutating func numbers() -> ODriveAnswer {
            let start = index
            guard let first = ODriveValue(parser, &index, end: end) else { return .other }
            if isAtEnd {
                return index - start <= ODriveASCII.longestValue ? .value(first) : .other
            }
            guard take(" "), let second = ODriveValue(parser, &index, end: end), isAtEnd,
                first.isFeedback, second.isFeedback
            else { return .other }
            return .feedback(position: first.number, velocity: second.number)
        }

        /// Digits without sign, fifteen at most.
        mutating func digits() -> Int? {
            let start = index
            var value = 0
            while let byte = peek, (0x30...0x39).contains(byte), index - start < 15 {
                value = value * 10 + Int(byte - ODriveASCII.zero)
                index += 1
            }
            return index > start ? value : nil
        }

        // MARK: Words

        func refusal(_ refusal: ODriveRefusal) -> ODriveAnswer {
            var copy = self
            return copy.take(refusal.rawValue) && copy.isAtEnd ? .refusal(refusal) : .other
        }

        /// `invalid ...` or `inf`.
        mutating func leadingI() -> ODriveAnswer {
            if take("invalid motor ") {
                guard let number = digits(), isAtEnd else { return .other }
                return .invalidMotor(number)
            }
            if case .refusal = refusal(.invalidFormat) { return .refusal(.invalidFormat) }
            if case .refusal = refusal(.invalidProperty) { return .refusal(.invalidProperty) }
            return numbers()
        }

        /// `not implemented` or `nan`.
        mutating func leadingN() -> ODriveAnswer {
            if case .refusal(let refusal) = refusal(.notImplemented) { return .refusal(refusal) }
            return numbers()
        }

        mutating func hardware() -> ODriveAnswer {
            guard take("Hardware version: "), let major = digits(), take("."),
                let minor = digits(), take("-"), let volts = digits(), take("V"), isAtEnd
            else { return .other }
            return .hardware(major: major, minor: minor, volts: volts)
        }

        mutating func firmware() -> ODriveAnswer {
            guard take("Firmware version: "), let major = digits(), take("."),
                let minor = digits(), take("."), let revision = digits(), isAtEnd
            else { return .other }
            return .firmware(major: major, minor: minor, revision: revision)
        }

        mutating func serialNumber() -> ODriveAnswer {
            guard take("Serial number: "), !isAtEnd, end - index <= 16 else { return .other }
            var value: UInt64 = 0
            while let byte = peek {
                guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                    return .other
                }
                value = value << 4 | UInt64(digit)
                index += 1
            }
            return .serialNumber(value)
        }
    }
}
