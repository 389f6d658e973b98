import ServoProtocol
import Testing

@Suite("Finding frames in a stream")
struct DecoderTests {
    private let ping = KnownFrame.requests[0]

    @Test("Garbage that looks like the beginning of a header does not hide a frame")
    func headerLikeGarbage() {
        for garbage in ["FF", "FF FF", "FF FF FD", "FF FF FF", "FD 00", "FF FF FD FD", "00 FF"] {
            var decoder = PacketDecoder()
            decoder.append(hexBytes(garbage) + ping.bytes)
            #expect(decoder.next() == ping.packet, "\(garbage)")
        }
    }

    @Test("IDs 253 and 255 and lengths below three are no headers")
    func impossibleHeaders() {
        for header in ["FF FF FD 00 FD 03 00", "FF FF FD 00 FF 03 00", "FF FF FD 00 01 02 00"] {
            var decoder = PacketDecoder()
            decoder.append(hexBytes(header) + ping.bytes)
            #expect(decoder.next() == ping.packet)
            #expect(decoder.counters.badHeaders == 1)
        }
    }

    @Test("A length above the bound is refused at once, without waiting for the bytes")
    func lengthBound() {
        var decoder = PacketDecoder(longestFrame: 32)
        decoder.append(hexBytes("FF FF FD 00 01 1A 00") + ping.bytes)
        #expect(decoder.next() == ping.packet)
        decoder.longestFrame = 1 << 20
        #expect(decoder.longestFrame == 1024)
    }

    @Test("A status without an error byte is no status")
    func shortStatus() {
        let body = hexBytes("FF FF FD 00 01 03 00 55")
        let sum = Dynamixel2.checksum(body)
        var decoder = PacketDecoder()
        decoder.append(body + [UInt8(sum & 0xFF), UInt8(sum >> 8)])
        #expect(decoder.next() == nil)
    }

    @Test("An unknown instruction is handed over, for the servo to answer error 2")
    func unknownInstruction() {
        let packet = DecodedPacket.unknown(id: 7, instruction: 0x77, parameters: [1, 2])
        var decoder = PacketDecoder()
        decoder.append(packet.encoded)
        #expect(decoder.next() == packet)
    }

    @Test("Frames among garbage are found, in order, in chunks of any size", arguments: 1...8)
    func framesAmongGarbage(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        var stream: [UInt8] = []
        var expected: [DecodedPacket] = []
        for _ in 0..<300 {
            // No FD in the garbage, so that it holds no header of its own.
            let count = Int.random(in: 0...20, using: &random)
            stream += (0..<count).map { _ in UInt8.random(in: 0...0xFC, using: &random) }
            let known = KnownFrame.all.randomElement(using: &random) ?? ping
            stream += known.bytes
            expected.append(known.packet)
        }
        var decoder = PacketDecoder()
        var found: [DecodedPacket] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let count = Int.random(in: 1...30, using: &random)
            decoder.append(rest.prefix(count))
            rest = rest.dropFirst(count)
            while let packet = decoder.next() { found.append(packet) }
        }
        #expect(found == expected, "seed \(seed)")
        let frameBytes = expected.map(\.encoded.count).reduce(0, +)
        #expect(decoder.counters.frames == 300)
        #expect(decoder.counters.discardedBytes == stream.count - frameBytes)
    }

    @Test("No bytes whatever make it trap, and every byte is accounted for", arguments: 1...8)
    func anyBytes(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let alphabet: [UInt8] = [0xFF, 0xFF, 0xFF, 0xFD, 0xFD, 0, 0, 1, 3, 4, 0x55, 0xFE]
        var decoder = PacketDecoder()
        var fed = 0
        var inFrames = 0
        for _ in 0..<5_000 {
            let chunk = (0..<Int.random(in: 1...50, using: &random)).map { _ in
                alphabet.randomElement(using: &random) ?? 0
            }
            decoder.append(chunk)
            fed += chunk.count
            while let frame = decoder.nextFrame() { inFrames += frame.whole.count }
            if Bool.random(using: &random) { decoder.abandonPartial() }
            #expect(decoder.pendingBytes <= 1024 + 50)
        }
        let accounted = decoder.counters.discardedBytes + inFrames + decoder.pendingBytes
        #expect(accounted == fed, "seed \(seed)")
    }

    @Test("A reader that never asks does not make the buffer grow without end")
    func boundedBuffer() {
        var decoder = PacketDecoder()
        for _ in 0..<100 { decoder.append([UInt8](repeating: 0x11, count: 4096)) }
        #expect(decoder.pendingBytes <= 65_536)
    }
}
