import ServoProtocol
import Testing

@Suite("Dynamixel 2.0 frames")
struct FrameTests {
    @Test("The check value of CRC-16/UMTS for 123456789 is FEE8")
    func checkValue() {
        #expect(Dynamixel2.checksum(Array("123456789".utf8)) == 0xFEE8)
    }

    @Test("A packet is sent as the manual prints it", arguments: KnownFrame.all)
    func encodes(_ known: KnownFrame) {
        #expect(known.packet.encoded == known.bytes)
    }

    @Test("A frame is understood as what it is", arguments: KnownFrame.all)
    func decodes(_ known: KnownFrame) {
        var decoder = PacketDecoder()
        decoder.append(known.bytes)
        #expect(decoder.next() == known.packet)
        #expect(decoder.next() == nil)
        #expect(decoder.counters.discardedBytes == 0)
    }

    @Test("A frame that comes in two pieces is understood", arguments: KnownFrame.all)
    func split(_ known: KnownFrame) {
        for cut in 1..<known.bytes.count {
            var decoder = PacketDecoder()
            decoder.append(known.bytes[..<cut])
            #expect(decoder.next() == nil)
            decoder.append(known.bytes[cut...])
            #expect(decoder.next() == known.packet)
        }
    }

    @Test("No frame survives a flipped bit", arguments: KnownFrame.all)
    func flippedBit(_ known: KnownFrame) {
        for bit in 0..<(known.bytes.count * 8) {
            var bytes = known.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var decoder = PacketDecoder()
            decoder.append(bytes)
            #expect(decoder.next() == nil, "bit \(bit)")
        }
    }

    @Test("A good frame behind one with a flipped bit is found", arguments: KnownFrame.all)
    func nextAfterFlippedBit(_ known: KnownFrame) {
        for bit in 0..<(known.bytes.count * 8) {
            var bytes = known.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var decoder = PacketDecoder(longestFrame: 64)
            decoder.append(bytes + known.bytes)
            var found = decoder.next()
            // A longer length makes the decoder wait; the bus's time-out ends that.
            if found == nil {
                decoder.abandonPartial()
                found = decoder.next()
            }
            #expect(found == known.packet, "bit \(bit)")
        }
    }

    @Test("Stuffing is what the C++ SDK sends and what the rule says")
    func stuffing() {
        #expect(
            Dynamixel2.stuffed(hexBytes("FF FF FD FD 01")) == hexBytes("FF FF FD FD FD 01")
        )
        #expect(
            Dynamixel2.unstuffed(hexBytes("FF FF FD FD FD 01")) == hexBytes("FF FF FD FD 01")
        )
    }

    @Test("The data that loses a byte in the Robotis SDKs loses none here")
    func stuffingTrap() {
        let data = hexBytes("FF FF FD 00 01 FF FD FD 02")
        #expect(Dynamixel2.unstuffed(Dynamixel2.stuffed(data)) == data)
        var decoder = PacketDecoder()
        decoder.append(StatusPacket(id: 1, parameters: data).encoded())
        #expect(decoder.next() == .status(StatusPacket(id: 1, parameters: data)))
    }

    @Test("A request the Python SDK forgot to stuff is accepted")
    func unstuffedRequest() {
        let body = hexBytes("FF FF FD 00 01 09 00 03 74 00 FF FF FD 00")
        let sum = Dynamixel2.checksum(body)
        var decoder = PacketDecoder()
        decoder.append(body + [UInt8(sum & 0xFF), UInt8(sum >> 8)])
        let expected = InstructionPacket.write(id: 1, address: 116, data: [0xFF, 0xFF, 0xFD, 0])
        #expect(decoder.next() == .instruction(expected))
    }

    @Test("Any data comes out as it went in", arguments: [1, 2, 3] as [UInt64])
    func roundTrip(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        // Few different bytes, so that headers occur by the hundred.
        let alphabet: [UInt8] = [0xFF, 0xFF, 0xFD, 0xFD, 0x00, 0x55]
        for _ in 0..<2_000 {
            let count = Int.random(in: 0...40, using: &random)
            let data = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            var decoder = PacketDecoder()
            decoder.append(StatusPacket(id: 9, parameters: data).encoded())
            #expect(
                decoder.next() == .status(StatusPacket(id: 9, parameters: data)),
                "seed \(seed)"
            )
        }
    }

    @Test("A shared answer of three servos is taken apart")
    func fastSyncAnswer() throws {
        var decoder = PacketDecoder()
        decoder.append(KnownFrame.fastSyncAnswer)
        let status = FastStatus(frame: KnownFrame.fastSyncAnswer)
        #expect(decoder.next() == .fastStatus(status))
        let parts: [FastStatus.Part] = [
            .init(id: 3, data: [166, 0, 0, 0]), .init(id: 7, data: [0x1F, 8, 0, 0]),
            .init(id: 4, data: [0xFF, 3, 0, 0]),
        ]
        #expect(status.parts(dataCounts: [4, 4, 4]) == parts)
        #expect(FastStatus(parts: parts) == status)
    }

    @Test("A shared answer with parts of different lengths is taken apart")
    func fastBulkAnswer() throws {
        let status = FastStatus(frame: KnownFrame.fastBulkAnswer)
        let parts: [FastStatus.Part] = [
            .init(id: 3, data: [166, 0, 0, 0]), .init(id: 7, data: [0xA5, 1]),
            .init(id: 4, data: [0x1F]),
        ]
        #expect(status.parts(dataCounts: [4, 2, 1]) == parts)
        #expect(FastStatus(parts: parts) == status)
        #expect(status.parts(dataCounts: [4, 2, 2]) == nil)
        #expect(status.parts(dataCounts: [4, 1, 2]) == nil)
    }
}
