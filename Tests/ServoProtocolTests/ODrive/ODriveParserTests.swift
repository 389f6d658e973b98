import Glibc
import ServoProtocol
import Testing

@Suite("ODrive answers are found in whatever comes")
struct ODriveParserTests {
    static let texts = [
        "0.250000 -0.010000", "-12.500000 100.250000", "0", "2048", "24.123456", "8",
        "unknown command", "invalid motor 47", "invalid property", "Firmware version: 0.5.6",
        "Serial number: 3762364A3137", "0.150000 -0.100000", "1.111111 -1.111111",
    ]

    private func lines(_ bytes: [UInt8], checksum: Bool = true) -> [String] {
        var parser = ODriveLineParser(requiresChecksum: checksum)
        parser.append(bytes)
        return all(&parser)
    }

    private func all(_ parser: inout ODriveLineParser) -> [String] {
        var found: [String] = []
        while let line = parser.next() {
            found.append(String(decoding: line.text.map { parser[$0] }, as: UTF8.self))
        }
        return found
    }

    @Test("every single-bit flip of an answer with checksum is refused", arguments: texts)
    func flips(_ text: String) {
        let good = ODriveText.answer(text, checksum: true)
        #expect(lines(good) == [text])
        for bit in 0..<(8 * good.count) {
            var bytes = good
            bytes[bit / 8] ^= 1 << (bit % 8)
            #expect(lines(bytes) == [], "bit \(bit)")
            // The answer after the next line end is found again.
            let next = ODriveText.answer("8", checksum: true)
            #expect(lines(bytes + next + next).suffix(1) == ["8"], "bit \(bit)")
            #expect(lines(bytes + next).allSatisfy { $0 == "8" }, "bit \(bit)")
        }
    }

    @Test("a line without a checksum is refused when the request had one")
    func missingChecksum() {
        let plain = ODriveText.answer("0.250000 -0.010000", checksum: false)
        #expect(lines(plain) == [])
        #expect(lines(plain, checksum: false) == ["0.250000 -0.010000"])
        var parser = ODriveLineParser()
        parser.append(plain)
        _ = parser.next()
        #expect(parser.counters.missingChecksums == 1)
    }

    @Test("checksums are decimal, without leading zeros, and at most 255")
    func checksumForm() {
        // XOR of the text is 8.
        for sum in ["08", "008", "+8", " 8", "8 ", "0x8", "264", "", "-8", "8.0"] {
            #expect(lines(Array("8\u{30}*\(sum)\r\n".utf8)) == [], "\(sum)")
        }
        #expect(lines(Array("80*8\r\n".utf8)) == ["80"])
    }

    @Test("an answer split anywhere, or byte by byte, is found once it is whole")
    func split() {
        let bytes = Self.texts.flatMap { ODriveText.answer($0, checksum: true) }
        for cut in 0...bytes.count {
            var parser = ODriveLineParser()
            parser.append(bytes[..<cut])
            var found = all(&parser)
            parser.append(bytes[cut...])
            found += all(&parser)
            #expect(found == Self.texts)
        }
        var parser = ODriveLineParser()
        var found: [String] = []
        for byte in bytes {
            parser.append(CollectionOfOne(byte))
            found += all(&parser)
        }
        #expect(found == Self.texts)
    }

    @Test("after garbage the next line that begins behind an LF is found")
    func resync() {
        let good = ODriveText.answer("2048", checksum: true)
        let garbage: [[UInt8]] = [
            [0], [0xFF, 0xFE, 0x0A], Array("***".utf8), Array("\r\n\r\n".utf8), [0x0A, 0x0D],
            Array(repeating: 0x55, count: 63), Array(repeating: 0x55, count: 64),
            Array(repeating: 0x55, count: 65), Array(repeating: 0x2A, count: 5000),
            Array("0.250000 -0.0".utf8), Array("*11\r".utf8),
        ]
        for noise in garbage {
            #expect(lines(noise + good + good).suffix(1) == ["2048"])
            #expect(lines(noise + [0x0A] + good) == ["2048"])
        }
    }

    @Test("64 bytes with CR and LF are an answer, 65 are none, and neither holds up the next")
    func longest() {
        let good = ODriveText.answer("8", checksum: true)
        // 60 letters: XOR 0, so `*0\r\n` makes 64.
        let longest = String(repeating: "A", count: 60)
        let tooLong = String(repeating: "A", count: 61)
        #expect(lines(ODriveText.answer(longest, checksum: true) + good) == [longest, "8"])
        let bytes = Array((tooLong + "*65\r\n").utf8)
        #expect(lines(bytes + good) == ["8"])
        // However the long one is handed over.
        for cut in 0...bytes.count {
            var parser = ODriveLineParser()
            parser.append(bytes[..<cut])
            #expect(parser.next() == nil)
            parser.append(bytes[cut...] + good)
            #expect(all(&parser) == ["8"])
        }
    }

    @Test("nothing grows without bound when nobody asks for lines")
    func bounded() {
        var parser = ODriveLineParser()
        for _ in 0..<100 { parser.append([UInt8](repeating: 0x41, count: 1000)) }
        #expect(parser.pendingBytes <= 16_384)
        parser.append(Array("\r\n".utf8) + ODriveText.answer("8", checksum: true))
        #expect(all(&parser) == ["8"])
    }

    @Test("whatever comes, what is accepted has its own length and checksum")
    func fuzz() {
        let inputs = getenv("SACBOT_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 200_000
        let seed: UInt64 = 0x0D21_7E05
        var fuzz = ODriveFuzz(seed: seed)
        let failure = fuzz.run(inputs: inputs)
        #expect(failure == nil, "seed \(seed)")
        print("ODrive fuzz: \(inputs) inputs, seed \(seed), \(fuzz.accepted) lines accepted")
        #expect(fuzz.accepted > inputs / 10)
    }
}

/// Lines, damaged lines and noise, judged by rules written down a second time.
struct ODriveFuzz {
    private var state: UInt64
    private(set) var accepted = 0
    private var parser = ODriveLineParser()
    private var stream: [UInt8] = []
    private let pool = ODriveParserTests.texts.map { ODriveText.answer($0, checksum: true) }
    private let signs = Array("0123456789.-* \r\n!;naif".utf8)

    init(seed: UInt64) { state = seed }

    private mutating func draw(_ bound: Int) -> Int {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return Int((state >> 11) % UInt64(bound))
    }

    /// Feeds inputs; what went wrong first, `nil` if nothing.
    mutating func run(inputs: Int) -> String? {
        for input in 0..<inputs {
            stream.removeAll(keepingCapacity: true)
            build()
            let isGood = draw(4) == 0
            if isGood { stream += [0x0A] + pool[1] }
            // Handed over in two pieces, cut anywhere.
            let cut = draw(stream.count + 1)
            var last: (Double, Double)?
            for piece in [0..<cut, cut..<stream.count] {
                parser.append(stream[piece])
                while let line = parser.next() {
                    accepted += 1
                    if let fault = judge(line) { return "input \(input): \(fault): \(stream)" }
                    last = nil
                    if case .feedback(let a, let b) = parser.answer(line) { last = (a, b) }
                }
            }
            if isGood, last?.0 != -12.5 || last?.1 != 100.25 {
                return "input \(input): the good line was not found: \(stream)"
            }
            if draw(3) == 0 { parser.removeAll() }
        }
        return nil
    }

    private mutating func build() {
        switch draw(4) {
        case 0:
            for _ in 0..<draw(90) { stream.append(UInt8(draw(256))) }
        case 1:
            for _ in 0..<draw(90) { stream.append(signs[draw(signs.count)]) }
        default:
            for _ in 0...draw(2) { stream += pool[draw(pool.count)] }
            for _ in 0..<draw(4) {
                let place = draw(stream.count)
                switch draw(3) {
                case 0: stream[place] ^= UInt8(1 << draw(8))
                case 1: stream.remove(at: place)
                default: stream.insert(UInt8(draw(256)), at: place)
                }
            }
        }
    }

    private func judge(_ line: ODriveLineParser.Line) -> String? {
        var sum: UInt8 = 0
        var index = line.text.lowerBound
        while index < line.text.upperBound {
            sum ^= parser[index]
            index += 1
        }
        guard line.hasChecksum, line.text.count <= 60 else { return "no checksum or too long" }
        guard parser[index] == 0x2A else { return "no star behind the text" }
        index += 1
        var value = 0
        while parser[index] != 0x0D {
            value = value * 10 + Int(parser[index]) - 0x30
            index += 1
        }
        guard value == Int(sum) else { return "wrong checksum" }
        guard parser[index + 1] == 0x0A, index + 2 - line.text.lowerBound <= 64 else {
            return "wrong end"
        }
        return nil
    }
}
