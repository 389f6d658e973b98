/// One message as it goes over a pipe: a kind and a body, little-endian throughout.
struct Message: Hashable {
    var kind: UInt8
    var body: [UInt8] = []

    mutating func append(_ number: UInt32) { append(UInt64(number), bytes: 4) }

    mutating func append(_ number: UInt64) { append(number, bytes: 8) }

    mutating func append(_ number: Float) { append(UInt64(number.bitPattern), bytes: 4) }

    mutating func append(_ number: Double) { append(number.bitPattern, bytes: 8) }

    mutating func append(text: String) { body += Array(text.utf8) }

    /// One byte, the first flag in its lowest bit.
    mutating func append(flags: [Bool]) {
        var byte: UInt8 = 0
        for (bit, flag) in flags.enumerated() where flag { byte |= 1 << bit }
        body.append(byte)
    }

    private mutating func append(_ number: UInt64, bytes: Int) {
        for place in 0..<bytes { body.append(UInt8(truncatingIfNeeded: number >> (8 * place))) }
    }
}

/// Takes a message's body apart from the front.
struct MessageReader {
    private let body: [UInt8]
    private var place = 0

    init(_ message: Message) { body = message.body }

    var isAtEnd: Bool { place == body.count }

    mutating func halfWord() throws(GymPipeError) -> UInt32 { UInt32(try number(bytes: 4)) }

    mutating func word() throws(GymPipeError) -> UInt64 { try number(bytes: 8) }

    mutating func float() throws(GymPipeError) -> Float {
        Float(bitPattern: try halfWord())
    }

    mutating func double() throws(GymPipeError) -> Double { Double(bitPattern: try word()) }

    mutating func flags(_ count: Int) throws(GymPipeError) -> [Bool] {
        let byte = try number(bytes: 1)
        guard byte >> count == 0 else { throw .malformed("unknown flags \(byte)") }
        return (0..<count).map { byte >> $0 & 1 == 1 }
    }

    /// All that is left.
    mutating func text() -> String {
        defer { place = body.count }
        return String(decoding: body[place...], as: UTF8.self)
    }

    private mutating func number(bytes: Int) throws(GymPipeError) -> UInt64 {
        guard body.count - place >= bytes else {
            throw .malformed("a message of \(body.count) bytes is cut short")
        }
        var number: UInt64 = 0
        for byte in 0..<bytes { number |= UInt64(body[place + byte]) << (8 * byte) }
        place += bytes
        return number
    }
}
