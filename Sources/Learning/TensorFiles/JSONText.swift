/// As much of JSON as a safetensors header uses: objects, strings, and lists of whole numbers.
struct JSONText {
    private let bytes: [UInt8]
    private let fileOffset: Int
    private var position = 0

    /// The text in `bytes`, which begin at `fileOffset` of their file.
    init(_ bytes: [UInt8], fileOffset: Int) {
        self.bytes = bytes
        self.fileOffset = fileOffset
    }

    /// An error at the present place.
    func corrupt(_ reason: String) -> LearningError {
        .corruptFile(reason: reason, byte: fileOffset + position)
    }

    /// Reads an object; `member` reads the value of each key.
    mutating func object(
        _ member: (inout JSONText, String) throws(LearningError) -> Void
    ) throws(LearningError) {
        try expect("{")
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
        } while take(",")
        try expect("}")
    }

    /// Reads a list of whole numbers from 0 on.
    mutating func wholeNumbers() throws(LearningError) -> [Int] {
        var numbers: [Int] = []
        try expect("[")
        if take("]") { return numbers }
        repeat { numbers.append(try wholeNumber()) } while take(",")
        try expect("]")
        return numbers
    }

    /// Reads a string.
    mutating func string() throws(LearningError) -> String {
        try expect("\"")
        var content: [UInt8] = []
        while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
            let byte = bytes[position]
            guard byte >= 0x20 else { throw corrupt("a control character in a string") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                content += try escaped()
            } else {
                content.append(byte)
            }
        }
        try expect("\"")
        guard let text = String(validating: content, as: UTF8.self) else {
            throw corrupt("a string that is not UTF-8")
        }
        return text
    }

    /// Nothing but blanks may be left.
    mutating func end() throws(LearningError) {
        skipBlanks()
        guard position == bytes.count else { throw corrupt("text after the header's end") }
    }

    private mutating func wholeNumber() throws(LearningError) -> Int {
        skipBlanks()
        let start = position
        var value = 0
        while position < bytes.count, let digit = Self.digit(bytes[position]) {
            // Sixteen digits keep every product inside an Int.
            guard position - start < 16 else { throw corrupt("a number of too many digits") }
            value = value * 10 + digit
            position += 1
        }
        guard position > start else { throw corrupt("a whole number is missing") }
        return value
    }

    private static func digit(_ byte: UInt8) -> Int? {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") ? Int(byte) - 48 : nil
    }

    private mutating func escaped() throws(LearningError) -> [UInt8] {
        guard position < bytes.count else { throw corrupt("a string without an end") }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return [byte]
        case UInt8(ascii: "b"): return [0x08]
        case UInt8(ascii: "f"): return [0x0C]
        case UInt8(ascii: "n"): return [0x0A]
        case UInt8(ascii: "r"): return [0x0D]
        case UInt8(ascii: "t"): return [0x09]
        case UInt8(ascii: "u"): return try escapedCharacter()
        default: throw corrupt("an unknown escape in a string")
        }
    }

    private mutating func escapedCharacter() throws(LearningError) -> [UInt8] {
        var code = try codeUnit()
        if code >= 0xD800 && code < 0xDC00 {
            let hasSecond =
                position + 1 < bytes.count && bytes[position] == UInt8(ascii: "\\")
                && bytes[position + 1] == UInt8(ascii: "u")
            guard hasSecond else { throw corrupt("half of a character") }
            position += 2
            let second = try codeUnit()
            guard second >= 0xDC00 && second < 0xE000 else { throw corrupt("half of a character") }
            code = 0x10000 + (code - 0xD800) << 10 + (second - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(code) else { throw corrupt("half of a character") }
        return Array(String(Character(scalar)).utf8)
    }

    private mutating func codeUnit() throws(LearningError) -> UInt32 {
        guard position + 4 <= bytes.count else { throw corrupt("an escape cut short") }
        var code: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
                throw corrupt("an escape that is not hexadecimal")
            }
            code = code << 4 + UInt32(digit)
        }
        position += 4
        return code
    }

    private mutating func skipBlanks() {
        while position < bytes.count, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[position]) {
            position += 1
        }
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipBlanks()
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else {
            return false
        }
        position += 1
        return true
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(LearningError) {
        guard take(character) else { throw corrupt("\"\(character)\" is missing") }
    }

    /// The text as a JSON string.
    static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case let control where control.value < 0x20:
                let digits = String(control.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }
}
