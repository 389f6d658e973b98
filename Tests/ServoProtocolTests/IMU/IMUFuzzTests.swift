import Foundation
import ServoProtocol
import Testing

/// Any bytes whatever: nothing traps, nothing is accepted that its own check does not hold for.
///
/// `SACBOT_FUZZ_INPUTS` says how many inputs each format gets.
@Suite("IMU decoders and any bytes")
struct IMUFuzzTests {
    static let inputs =
        ProcessInfo.processInfo.environment["SACBOT_FUZZ_INPUTS"].flatMap(Int.init) ?? 20_000

    @Test("UART-RVC", arguments: [UInt64(11)]) func rvc(seed: UInt64) {
        let good = IMUFrames.rvc.map(\.bytes)
        fuzz(seed, good, alphabet: [0xAA, 0xAA, 0xAA, 0, 1, 2, 0xFF]) { bytes in
            var decoder = UARTRVCDecoder(isAligned: true)
            decoder.append(bytes)
            var accepted = 0
            while let frame = decoder.next() {
                accepted += 1
                // What is accepted stands in the input, byte by byte.
                if !Self.contains(bytes, frame.encoded()) { return "seed \(seed): \(frame)" }
            }
            return decoder.counters.frames < accepted ? "more frames than counted" : nil
        }
    }

    @Test("VectorNav", arguments: [UInt64(12)]) func vectorNav(seed: UInt64) {
        let lines = IMUFrames.text.map(\.line) + IMUFrames.replies.map(\.line)
        let good = lines.map(IMUFrames.line) + IMUFrames.binary.map(\.bytes)
        fuzz(seed, good, alphabet: Array("$VN,*+-.0123456789ABCDEF\r\n".utf8) + [0xFA, 1]) {
            bytes in
            var decoder = VectorNavDecoder()
            decoder.append(bytes)
            while let message = decoder.next() {
                if !Self.isChecked(bytes, message) { return "seed \(seed): \(message)" }
            }
            return nil
        }
    }

    @Test("WitMotion", arguments: [UInt64(13)]) func witMotion(seed: UInt64) {
        let good = IMUFrames.witMotion.map(\.bytes)
        fuzz(seed, good, alphabet: [0x55, 0x55, 0x51, 0x52, 0x53, 0x59, 0, 0xFF]) { bytes in
            var decoder = WitMotionDecoder(content: [.angle], isAligned: true)
            decoder.append(bytes)
            while let frame = decoder.next() {
                if !Self.contains(bytes, frame.encoded()) { return "seed \(seed): \(frame)" }
            }
            var joining = WitMotionDecoder()
            joining.append(bytes + bytes)
            while let sample = joining.nextSample() {
                if abs(sample.orientation.normSquared - 1) > 1e-9 { return "seed \(seed): length" }
            }
            return nil
        }
    }

    /// Calls `check` with inputs of three sorts: noise of likely bytes, good frames among noise, good
    /// frames with a few bytes changed; the first complaint ends it.
    private func fuzz(
        _ seed: UInt64,
        _ good: [[UInt8]],
        alphabet: [UInt8],
        _ check: ([UInt8]) -> String?
    ) {
        var random = SeededGenerator(seed: seed)
        for round in 0..<Self.inputs {
            var bytes: [UInt8] = []
            for _ in 0..<(random.next() % 4 + 1) {
                switch random.next() % 3 {
                case 0:
                    for _ in 0..<(random.next() % 24) {
                        let likely = alphabet[Int(random.next() % UInt64(alphabet.count))]
                        bytes.append(
                            random.next() % 4 == 0
                                ? UInt8(truncatingIfNeeded: random.next()) : likely
                        )
                    }
                case 1: bytes += good[Int(random.next() % UInt64(good.count))]
                default:
                    var frame = good[Int(random.next() % UInt64(good.count))]
                    for _ in 0...(random.next() % 3) {
                        let place = Int(random.next() % UInt64(frame.count))
                        frame[place] = UInt8(truncatingIfNeeded: random.next())
                    }
                    bytes += frame
                }
            }
            if let complaint = check(bytes) {
                Issue.record("round \(round): \(complaint): \(bytes)")
                return
            }
        }
    }

    private static func contains(_ bytes: [UInt8], _ part: [UInt8]) -> Bool {
        guard bytes.count >= part.count else { return false }
        return (0...(bytes.count - part.count)).contains { start in
            for index in part.indices where bytes[start + index] != part[index] { return false }
            return true
        }
    }

    /// Looks for the bytes again that a message can have come from, with checks of its own.
    private static func isChecked(_ bytes: [UInt8], _ message: VectorNavMessage) -> Bool {
        let spans = bytes.indices.filter { bytes[$0] == 0x24 || bytes[$0] == 0xFA }
        for start in spans where bytes[start] == 0x24 {
            guard let end = bytes[start...].firstIndex(of: 0x0A), end - start >= 6 else { continue }
            let body = bytes[(start + 1)..<(end - 4)]
            let sum = String(body.reduce(0, ^), radix: 16, uppercase: true)
            let digits = Array((sum.count == 1 ? "0" + sum : sum).utf8)
            if bytes[(end - 4)...end].elementsEqual([0x2A] + digits + [0x0D, 0x0A]) { return true }
        }
        guard case .measurement = message else { return false }
        for start in spans where bytes[start] == 0xFA && bytes.count - start >= 7 {
            let mask = UInt16(bytes[start + 2]) | UInt16(bytes[start + 3]) << 8
            guard let length = VectorNavFields(rawValue: mask).payloadLength,
                start + length + 6 <= bytes.count
            else { continue }
            var sum: UInt32 = 0
            // Bit by bit, unlike the code under test.
            for byte in bytes[(start + 1)..<(start + length + 6)] {
                sum ^= UInt32(byte) << 8
                for _ in 0..<8 { sum = sum & 0x8000 != 0 ? (sum << 1 ^ 0x1021) & 0xFFFF : sum << 1 }
            }
            if sum & 0xFFFF == 0 { return true }
        }
        return false
    }
}
