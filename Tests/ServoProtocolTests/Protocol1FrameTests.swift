import ServoProtocol
import Testing

@Suite("Dynamixel 1.0 and Feetech frames")
struct Protocol1FrameTests {
    @Test("A packet is sent as the manual prints it", arguments: KnownProtocol1Frame.all)
    func encodes(_ known: KnownProtocol1Frame) {
        #expect(known.packet.encoded() == known.bytes)
    }

    @Test("A frame is understood as what it is", arguments: KnownProtocol1Frame.all)
    func decodes(_ known: KnownProtocol1Frame) {
        var decoder = Protocol1Decoder()
        decoder.append(known.bytes)
        #expect(decoder.next() == known.packet)
        #expect(decoder.next() == nil)
        #expect(decoder.counters.discardedBytes == 0)
    }

    @Test("A frame that comes in two pieces is understood", arguments: KnownProtocol1Frame.all)
    func split(_ known: KnownProtocol1Frame) {
        for cut in 1..<known.bytes.count {
            var decoder = Protocol1Decoder()
            decoder.append(known.bytes[..<cut])
            #expect(decoder.next() == nil)
            decoder.append(known.bytes[cut...])
            #expect(decoder.next() == known.packet)
        }
    }

    @Test("No frame survives a flipped bit with its length", arguments: KnownProtocol1Frame.all)
    func flippedBit(_ known: KnownProtocol1Frame) {
        for bit in 0..<(known.bytes.count * 8) {
            var bytes = known.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var decoder = Protocol1Decoder()
            // As a host asks: the length is known.
            if known.packet.code < 0x80 {
                decoder.answerParameters = known.packet.parameters.count
            }
            decoder.append(bytes)
            #expect(decoder.next() == nil, "bit \(bit)")
        }
    }

    @Test("A good frame behind one with a flipped bit is found", arguments: KnownProtocol1Frame.all)
    func nextAfterFlippedBit(_ known: KnownProtocol1Frame) {
        for bit in 0..<(known.bytes.count * 8) {
            var bytes = known.bytes
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            var decoder = Protocol1Decoder(longestFrame: known.bytes.count)
            if known.packet.code < 0x80 {
                decoder.answerParameters = known.packet.parameters.count
            }
            decoder.append(bytes + known.bytes)
            var found = decoder.next()
            if found == nil {
                decoder.abandonPartial()
                found = decoder.next()
            }
            #expect(found == known.packet, "bit \(bit)")
        }
    }

    @Test("Garbage that looks like the beginning of a header does not hide a frame")
    func headerLikeGarbage() {
        let ping = KnownProtocol1Frame.dynamixel[0]
        for garbage in ["FF", "FF FF", "FF FF FF", "FF 00", "FF FF 01 01", "FF FF 01 00", "FE"] {
            var decoder = Protocol1Decoder()
            decoder.append(hexBytes(garbage) + ping.bytes)
            #expect(decoder.next() == ping.packet, "\(garbage)")
        }
    }

    @Test("A length above the bound is refused at once, without waiting for the bytes")
    func lengthBound() {
        let ping = KnownProtocol1Frame.dynamixel[0]
        var decoder = Protocol1Decoder(longestFrame: 16)
        decoder.append(hexBytes("FF FF 01 0D") + ping.bytes)
        #expect(decoder.next() == ping.packet)
        #expect(decoder.counters.badHeaders == 1)
        decoder.longestFrame = 1 << 20
        #expect(decoder.longestFrame == 259)
    }

    @Test("A host takes answers of the length it asked for, and refusals without data")
    func answerLength() {
        let position = Protocol1Packet.status(id: 1, parameters: [0x18, 0x05])
        let refusal = Protocol1Packet.status(id: 1, error: .range)
        var decoder = Protocol1Decoder()
        decoder.answerParameters = 1
        decoder.append(position.encoded() + refusal.encoded())
        #expect(decoder.next() == refusal)
        #expect(decoder.next() == nil)
    }

    @Test("A long frame of 259 bytes goes both ways")
    func longest() {
        let packet = Protocol1Packet(id: 9, code: 0, parameters: [UInt8](repeating: 7, count: 253))
        var decoder = Protocol1Decoder()
        decoder.append(packet.encoded())
        #expect(decoder.next() == packet)
    }

    @Test("A reader that never asks does not make the buffer grow without end")
    func boundedBuffer() {
        var decoder = Protocol1Decoder()
        for _ in 0..<100 { decoder.append([UInt8](repeating: 0x11, count: 4096)) }
        #expect(decoder.pendingBytes <= 65_536)
    }

    @Test("Conditions of the servo are told apart from refusals of a request")
    func errors() {
        let both: Protocol1Error = [.overload, .range]
        #expect(both.statusError(on: .dynamixel1) == StatusError(.dataRange, alert: true))
        #expect(both.hardwareErrors(on: .dynamixel1) == .overload)
        let angle = Protocol1Error(rawValue: 0x02)
        #expect(angle.statusError(on: .dynamixel1) == StatusError(.dataLimit))
        #expect(angle.statusError(on: .feetechLittleEndian) == StatusError(alert: true))
        #expect(angle.hardwareErrors(on: .feetechLittleEndian) == .motorEncoder)
        let unknown = Protocol1Error(rawValue: 0x40)
        #expect(unknown.statusError(on: .dynamixel1) == StatusError(.instruction))
        #expect(Protocol1Error().statusError(on: .dynamixel1) == StatusError())
    }
}

@Suite("Numbers in Dynamixel 1.0 and Feetech registers")
struct Protocol1NumberTests {
    @Test(
        "A sign of its own and a magnitude, as LeRobot and the e-manual have them",
        arguments: [
            (SignMagnitude.bit15, -100, 0x8064), (.bit15, 100, 0x64), (.bit11, -100, 0x0864),
            (.bit10, -5, 0x0405), (.bit10, 1023, 0x03FF), (.bit10, -1023, 0x07FF),
            (.bit15, 0, 0), (.bit15, -32_767, 0xFFFF),
        ]
    )
    func signs(_ encoding: SignMagnitude, _ value: Int, _ raw: Int) {
        #expect(encoding.raw(value) == raw)
        #expect(encoding.value(raw) == value)
    }

    @Test("Every number that has room comes back; one beyond becomes the largest")
    func allValues() {
        for encoding in [SignMagnitude.bit10, .bit11, .bit15] {
            for value in -encoding.largest...encoding.largest {
                let back = encoding.value(encoding.raw(value))
                if back != value { Issue.record("\(encoding) \(value) became \(back)") }
            }
            #expect(encoding.value(encoding.raw(encoding.largest + 1)) == encoding.largest)
            #expect(encoding.value(encoding.raw(Int.min)) == -encoding.largest)
        }
        // Minus zero, and bits above the sign.
        #expect(SignMagnitude.bit10.value(0x0400) == 0)
        #expect(SignMagnitude.bit10.value(0xF8FF) == 255)
    }

    @Test("STS words have the low byte first, SCS words the high one")
    func byteOrders() throws {
        let sts = try #require(ControlTable.sts3215.register(.goalPosition))
        #expect(sts.bytes(of: 2048) == [0x00, 0x08])
        #expect(sts.bytes(of: -100) == [0x64, 0x80])
        #expect(sts.value(of: [0x64, 0x80]) == -100)
        let scs = try #require(ControlTable.scs0009.register(.goalPosition))
        #expect(scs.bytes(of: 512) == [0x02, 0x00])
        #expect(scs.value(of: [0x02, 0x00]) == 512)
        let offset = try #require(ControlTable.sts3215.register(.homingOffset))
        #expect(offset.bytes(of: -100) == [0x64, 0x08])
    }

    @Test("A writer puts registers into a frame as the manual prints it")
    func writer() throws {
        let sts = try #require(ControlTable.sts3215.register(.goalPosition))
        var writer = Protocol1Writer()
        writer.begin(id: 1, .write)
        writer.append(UInt8(sts.address))
        writer.append(-100, as: sts)
        writer.finish()
        #expect(writer.bytes == hexBytes("FF FF 01 05 03 2A 64 80 E8"))
        let scs = try #require(ControlTable.scs0009.register(.goalPosition))
        writer.begin(id: 1, .write)
        writer.append(UInt8(scs.address))
        writer.append(512, as: scs)
        writer.finish()
        #expect(writer.bytes == hexBytes("FF FF 01 05 03 2A 02 00 CA"))
    }
}
