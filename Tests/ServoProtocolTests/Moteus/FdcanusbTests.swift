import Glibc
import ServoProtocol
import Testing

@Suite("fdcanusb lines")
struct FdcanusbTests {
    /// From the maker's UART documentation.
    static let vectors = [
        "can send 8001 11001F01130D BF *AD", "can send 8001 01000011001F01130D505050 BF *CF",
    ]

    /// Lines that others wrote, with a check sum.
    static let checked: [String] =
        vectors
        + [
            "OK", "ERR not in BusOn state", "rcv 0100 2404000A005000000170FF230D181400 e B F r",
            "can on", "can send 0001 01000A b",
        ].map(signed)

    /// Remainders of all halves of a byte, as the maker's library prints them.
    static let table: [UInt8] = [
        0x00, 0x97, 0xB9, 0x2E, 0xE5, 0x72, 0x5C, 0xCB, 0x5D, 0xCA, 0xE4, 0x73, 0xB8, 0x2F, 0x01,
        0x96,
    ]

    /// A line with the check sum that the maker's library computes, half a byte at a time.
    static func signed(_ line: String) -> String {
        var sum: UInt8 = 0
        for byte in (line + " ").utf8 {
            sum = table[Int(sum >> 4 ^ byte >> 4)] ^ sum << 4
            sum = table[Int(sum >> 4 ^ byte & 0xF)] ^ sum << 4
        }
        let digits = String(sum, radix: 16, uppercase: true)
        return line + " *" + (digits.count == 1 ? "0" : "") + digits
    }

    static func decoder(_ text: String, needsChecksums: Bool = false) -> FdcanusbDecoder {
        var decoder = FdcanusbDecoder(needsChecksums: needsChecksums)
        decoder.append(text.utf8)
        return decoder
    }

    @Test("of commands are what the maker's library sends, check sum included")
    func sends() {
        var writer = FdcanusbWriter(addsChecksums: true)
        var query = MoteusFrame(to: 1, wantsReply: true)
        MoteusQuery().append(to: &query)
        query.finish()
        writer.send(query.frame)
        var stop = MoteusFrame(to: 1, wantsReply: true)
        stop.set(.stopped)
        MoteusQuery().append(to: &stop)
        stop.finish()
        writer.send(stop.frame)
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == Self.vectors.map { $0 + "\n" }.joined())
    }

    @Test("without check sums have none, and an adapter ends them with CRLF")
    func plain() {
        var writer = FdcanusbWriter(addsChecksums: false, endsWithReturn: true)
        var frame = CANFrame(id: 0x100)
        frame.append(0xA5)
        writer.received(frame)
        frame.id = 0x7F
        frame.truncate(to: 0)
        frame.switchesBitRate = false
        writer.received(frame)
        writer.line("OK")
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == "rcv 0100 A5 e B F r\r\nrcv 7F e b F r\r\nOK\r\n")
    }

    @Test("of frames come out as they went in", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        for _ in 0..<500 {
            var frame = CANFrame(id: UInt32.random(in: 0...0x1FFF_FFFF, using: &random))
            frame.isFD = Bool.random(using: &random)
            frame.switchesBitRate = Bool.random(using: &random)
            for _ in 0..<Int.random(in: 1...64, using: &random) {
                frame.append(UInt8.random(in: 0...255, using: &random))
            }
            let signs = Bool.random(using: &random)
            var writer = FdcanusbWriter(addsChecksums: signs)
            writer.received(frame)
            writer.send(frame)
            var decoder = FdcanusbDecoder(needsChecksums: signs)
            decoder.append(writer.bytes)
            guard case .received(let first) = decoder.next(),
                case .send(var second) = decoder.next()
            else {
                Issue.record("seed \(seed)")
                return
            }
            #expect(first == frame, "seed \(seed)")
            // On the way out F says FD; without it the adapter's setting holds.
            second.isFD = frame.isFD
            #expect(second == frame, "seed \(seed)")
        }
    }

    @Test("of received frames are read as READMEs and firmware print them")
    func receives() throws {
        for (line, id, count) in [
            ("rcv 100 2404000a005000000170ff230d181400", 0x100, 16),
            ("rcv 8001 01 E B F r x0", 0x8001, 1),
            ("rcv 01 AABB e b f r f3 t123456", 1, 2),
            ("rcv 00000100 00 e B F R x-1", 0x100, 1),
            ("rcv 100 E B F r", 0x100, 0),
        ] {
            var decoder = Self.decoder(line + "\r\n")
            guard case .received(let frame) = decoder.next() else {
                Issue.record("\(line)")
                continue
            }
            #expect(frame.id == UInt32(id) && frame.count == count, "\(line)")
        }
    }

    @Test(
        "that no adapter prints are damaged",
        arguments: [
            "rcv", "rcv ", "rcv 100 ABC", "rcv 100 GG", "rcv XYZ 00", "rcv 100 00 Q",
            "rcv 123456789 00", "rcv FFFFFFFF 00", "rcv 100 00 jAD",
            "rcv 100 " + String(repeating: "00", count: 65),
        ]
    )
    func malformed(line: String) {
        var decoder = Self.decoder(line + "\n")
        guard case .damaged(.malformed) = decoder.next() else {
            Issue.record("\(line)")
            return
        }
        #expect(decoder.counters.malformed == 1)
    }

    @Test(
        "that an adapter refuses are refused in its words",
        arguments: [
            ("can send", "insufficient options"), ("can send 8001", "insufficient options"),
            ("can send XX 00", "bad id"), ("can send 123456789 00", "bad id"),
            ("can std 8001 00", "bad id"), ("can send 1 000", "data invalid length"),
            ("can send 1 GG", "invalid data"), ("can send 1 00 Q", "unknown flag"),
        ]
    )
    func refused(line: String, words: String) {
        var decoder = Self.decoder(line + "\n")
        guard case .badSend(let problem) = decoder.next() else {
            Issue.record("\(line)")
            return
        }
        #expect(problem.rawValue == words)
    }

    @Test("of errors and other commands keep their words")
    func texts() {
        var decoder = Self.decoder("ERR not in BusOn state\r\ncan on\nconf get id.id\nOK\n")
        guard case .error = decoder.next() else {
            Issue.record("no error")
            return
        }
        #expect(decoder.text == "ERR not in BusOn state")
        for words in ["can on", "conf get id.id"] {
            guard case .words = decoder.next() else {
                Issue.record("\(words)")
                return
            }
            #expect(decoder.text == words)
        }
        guard case .ok = decoder.next() else {
            Issue.record("no OK")
            return
        }
        let rest = decoder.next()
        #expect(rest == nil)
    }

    @Test("with a check sum survive no flipped bit", arguments: checked)
    func flippedBit(line: String) {
        let bytes = Array((line + "\r\n").utf8)
        let good = Array((Self.signed("OK") + "\r\n").utf8)
        for bit in 0..<(bytes.count * 8) {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << UInt8(bit % 8)
            var decoder = FdcanusbDecoder(needsChecksums: true)
            // Twice what comes after: a lost line end may cost the line behind it.
            decoder.append(flipped + good + good)
            var taken: [String] = []
            var words = ""
            while let next = decoder.next() {
                if case .damaged = next { continue }
                words = decoder.text
                taken.append(words)
            }
            let isLineEnd = bit / 8 >= bytes.count - 2
            // A flipped line end damages the line, unless the other of the two still ends it.
            let allowed = isLineEnd ? ["OK", String(line.dropLast(4))] : ["OK"]
            #expect(taken.allSatisfy { allowed.contains($0) }, "bit \(bit): \(taken)")
            #expect(taken.last == "OK", "bit \(bit)")
        }
    }

    @Test("with a wrong check sum are refused even where none is needed", arguments: checked)
    func wrongChecksum(line: String) {
        var bytes = Array((line + "\n").utf8)
        bytes[1] ^= 0x01
        var decoder = FdcanusbDecoder(needsChecksums: false)
        decoder.append(bytes)
        guard case .damaged(.wrongChecksum) = decoder.next() else {
            Issue.record("\(line)")
            return
        }
        #expect(decoder.counters.badChecksums == 1)
    }

    @Test("come in pieces of any size", arguments: 1...7)
    func pieces(size: Int) {
        var decoder = FdcanusbDecoder(needsChecksums: true)
        var rest = Array(Self.checked.joined(separator: "\r\n").utf8 + [10])[...]
        var lines = 0
        while !rest.isEmpty {
            decoder.append(rest.prefix(size))
            rest = rest.dropFirst(size)
            while let line = decoder.next() {
                if case .damaged = line { Issue.record("damaged") }
                lines += 1
            }
        }
        #expect(lines == Self.checked.count)
    }

    @Test("are found again after garbage, however long")
    func resynchronises() {
        for garbage in [1, 100, 256, 257, 10_000] {
            var decoder = FdcanusbDecoder(needsChecksums: true)
            let noise = [UInt8](repeating: UInt8(ascii: "#"), count: garbage)
            for start in stride(from: 0, to: noise.count, by: 64) {
                decoder.append(noise[start..<min(start + 64, noise.count)])
                while let line = decoder.next() {
                    guard case .damaged = line else {
                        Issue.record("garbage taken")
                        return
                    }
                }
                #expect(decoder.pendingBytes <= Fdcanusb.longestLine + 64)
            }
            decoder.append(("\n" + Self.signed("OK") + "\n").utf8)
            var found = 0
            while let line = decoder.next() {
                if case .ok = line { found += 1 }
            }
            #expect(found == 1, "\(garbage) bytes of garbage")
        }
    }

    @Test("of any bytes are never taken unless their check sum is right, nor do they trap")
    func fuzz() {
        let inputs = getenv("SACBOT_FUZZ_INPUTS").flatMap { Int(String(cString: $0)) } ?? 20_000
        let seed: UInt64 = 0x6D6F_7465_7573
        var random = SeededGenerator(seed: seed)
        let seeds = Self.checked.map { Array(($0 + "\r\n").utf8) }
        var decoder = FdcanusbDecoder(needsChecksums: true)
        var loose = FdcanusbDecoder(needsChecksums: false)
        var bytes: [UInt8] = []
        var judge = LineJudge()
        var taken = 0
        for _ in 0..<inputs {
            let source = seeds[Int(truncatingIfNeeded: random.next() % UInt64(seeds.count))]
            bytes.removeAll(keepingCapacity: true)
            bytes.append(contentsOf: source)
            mutate(&bytes, random.next())
            decoder.append(bytes)
            while let line = decoder.next() {
                if case .damaged = line { continue }
                taken += 1
                look(line)
            }
            for byte in bytes { judge.take(byte) }
            loose.append(bytes)
            while let line = loose.next() { look(line) }
        }
        #expect(taken + decoder.counters.malformed == judge.correct, "seed \(seed)")
        // Most inputs are damaged, but not all.
        #expect(taken > inputs / 100, "seed \(seed): \(taken)")
    }

    /// Up to three changes, as the bits say: a bit, a byte, a cut, or none.
    private func mutate(_ bytes: inout [UInt8], _ bits: UInt64) {
        var bits = bits
        for _ in 0..<(bits & 3) {
            bits >>= 2
            let place = Int(bits >> 8 & 0xFF) % max(bytes.count, 1)
            guard place < bytes.count else { return }
            switch bits & 3 {
            case 0: bytes[place] ^= 1 << UInt8(bits >> 2 & 7)
            case 1: bytes[place] = UInt8(truncatingIfNeeded: bits >> 20)
            case 2: bytes.removeSubrange(place...)
            default: bytes.insert(UInt8(truncatingIfNeeded: bits >> 20), at: place)
            }
            bits >>= 16
        }
    }

    /// Takes a frame apart as a host or a controller would.
    private func look(_ line: Fdcanusb.Line) {
        switch line {
        case .received(let frame), .send(let frame):
            var items = MoteusSubframes(frame)
            var count = 0
            while items.next() != nil { count += 1 }
            if count > 64 { Issue.record("more items than bytes") }
        default: break
        }
    }
}

/// Counts lines whose check sum is right, in its own way: by dividing whole lines.
private struct LineJudge {
    var correct = 0
    private var line: [UInt8] = []

    mutating func take(_ byte: UInt8) {
        guard byte == 10 || byte == 13 else {
            line.append(byte)
            return
        }
        if line.count <= 256, isSigned { correct += 1 }
        line.removeAll(keepingCapacity: true)
    }

    /// The last three bytes are `*` and the check sum of the rest, by the maker's table of halves.
    private var isSigned: Bool {
        guard line.count >= 3, line[line.count - 3] == 0x2A else { return false }
        var sum: UInt8 = 0
        for byte in line.dropLast(3) {
            sum = FdcanusbTests.table[Int(sum >> 4 ^ byte >> 4)] ^ sum << 4
            sum = FdcanusbTests.table[Int(sum >> 4 ^ byte & 0xF)] ^ sum << 4
        }
        let digits = Array("0123456789ABCDEF".utf8)
        return line[line.count - 2] == digits[Int(sum >> 4)]
            && line[line.count - 1] == digits[Int(sum & 0xF)]
    }
}
