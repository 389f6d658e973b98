import ServoProtocol
import Testing

extension PacketDecoder: FuzzedDecoder {
    static var fuzzed: PacketDecoder { PacketDecoder(longestFrame: 64) }

    mutating func take(_ bytes: [UInt8]) { append(bytes) }
    // Its check sum needs no help.
    mutating func expect(_ frame: [UInt8]?) {}
    mutating func nextRange() -> Range<Int>? { nextFrame()?.whole }

    static func isFrame(_ bytes: ArraySlice<UInt8>) -> Bool {
        let frame = Array(bytes)
        guard frame.count >= 10, frame[0] == 0xFF, frame[1] == 0xFF, frame[2] == 0xFD,
            frame[3] == 0, frame[4] != 0xFF, frame[4] != 0xFD,
            Int(frame[5]) + 256 * Int(frame[6]) + 7 == frame.count
        else { return false }
        // The e-manual's rule, bit by bit, not the table of the program.
        var sum: UInt16 = 0
        for byte in frame.dropLast(2) {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : (sum << 1) ^ 0x8005 }
        }
        return frame[frame.count - 2] == UInt8(sum & 0xFF)
            && frame[frame.count - 1] == UInt8(sum >> 8)
    }

    static func frame(_ random: inout SeededGenerator, into bytes: inout [UInt8]) {
        var writer = FuzzWriters.packet
        let number = random.next()
        let id = UInt8(truncatingIfNeeded: number) % 253
        let isStatus = number & 0x100 != 0
        writer.begin(
            id: id,
            instruction: isStatus ? 0x55 : UInt8(truncatingIfNeeded: number >> 16) & 0x9A
        )
        if isStatus { writer.append(0) }
        for index in 0..<(Int(number >> 40) % 14) {
            // Now and then bytes that have to be stuffed.
            let next = random.next()
            let special: [4 of UInt8] = [0xFF, 0xFF, 0xFD, 0x00]
            writer.append(next & 3 == 0 ? special[index & 3] : UInt8(truncatingIfNeeded: next >> 8))
        }
        writer.finish()
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: writer.bytes)
    }
}

extension Protocol1Decoder: FuzzedDecoder {
    static var fuzzed: Protocol1Decoder { Protocol1Decoder(longestFrame: 48) }

    mutating func take(_ bytes: [UInt8]) { append(bytes) }
    mutating func expect(_ frame: [UInt8]?) {
        answerParameters = frame.map { $0.count - Protocol1.shortestFrame }
    }
    mutating func nextRange() -> Range<Int>? { nextFrame()?.whole }

    static func isFrame(_ bytes: ArraySlice<UInt8>) -> Bool {
        let frame = Array(bytes)
        guard frame.count >= 6, frame[0] == 0xFF, frame[1] == 0xFF, frame[2] != 0xFF,
            Int(frame[3]) + 4 == frame.count
        else { return false }
        let sum = frame.dropFirst(2).reduce(0) { $0 + Int($1) }
        // ID to check sum add up to FF in the low byte.
        return sum & 0xFF == 0xFF
    }

    static func frame(_ random: inout SeededGenerator, into bytes: inout [UInt8]) {
        var writer = FuzzWriters.protocol1
        let number = random.next()
        writer.begin(
            id: UInt8(truncatingIfNeeded: number) % 254,
            code: UInt8(truncatingIfNeeded: number >> 16) & 0x7F
        )
        for _ in 0..<(Int(number >> 40) % 14) {
            let next = random.next()
            writer.append(next & 3 == 0 ? 0xFF : UInt8(truncatingIfNeeded: next >> 8))
        }
        writer.finish()
        bytes.removeAll(keepingCapacity: true)
        bytes.append(contentsOf: writer.bytes)
    }
}

/// Writers to copy from.
private enum FuzzWriters {
    static let packet = PacketWriter()
    static let protocol1 = Protocol1Writer()
}

@Suite("Parsers and any bytes whatever")
struct FuzzTests {
    @Test("Dynamixel 2.0: nothing wrong is taken and nothing good is lost")
    func dynamixel2() {
        var fuzz = FrameFuzz<PacketDecoder>(seed: 20)
        fuzz.run(inputs: FrameFuzz<PacketDecoder>.inputCount)
        show("Dynamixel 2.0", fuzz.report)
        #expect(fuzz.report.problems.isEmpty)
        #expect(fuzz.report.accepted > fuzz.report.inputs / 8)
    }

    @Test("Dynamixel 1.0 and Feetech: nothing wrong is taken and nothing good is lost")
    func protocol1() {
        var fuzz = FrameFuzz<Protocol1Decoder>(seed: 10)
        fuzz.run(inputs: FrameFuzz<Protocol1Decoder>.inputCount)
        show("protocol 1", fuzz.report)
        #expect(fuzz.report.problems.isEmpty)
        #expect(fuzz.report.accepted > fuzz.report.inputs / 8)
    }

    private func show<D: FuzzedDecoder>(_ name: String, _ report: FrameFuzz<D>.Report) {
        print(
            "\(name): \(report.inputs) inputs, \(report.accepted) frames taken, "
                + "\(report.flipped) flipped bits, \(report.accidents) shorter frames in them"
        )
    }
}
