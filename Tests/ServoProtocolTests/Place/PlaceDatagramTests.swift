import Testing

@testable import ServoProtocol

@Suite("Datagrams that say where a robot is")
struct PlaceDatagramTests {
    /// Made by Python's `struct.pack` and `zlib.crc32` from the sender in docs/speed-sensor.md.
    private static let fromPython =
        "5342504c01001f00070000000000000079df0d8648700000000000000000f83f000000000000d0bf"
        + "9a9999999999c93f000000000000e03f0000803e000040bf0000000075eacd2a"

    private static var bytes: [UInt8] {
        let digits = Array(fromPython)
        return stride(from: 0, to: digits.count, by: 2).map {
            UInt8(String(digits[$0...$0 + 1]), radix: 16) ?? 0
        }
    }

    @Test("what another program packs is read, and packed the same")
    func vector() throws {
        let found = try #require(PlaceDatagram(Self.bytes, count: 72))
        #expect(found.flags == [.place, .height, .heading, .velocity, .sharedClock])
        #expect(found.sequence == 7 && found.time == 123_456_789_012_345)
        #expect(found.place == SIMD3(1.5, -0.25, 0.2) && found.heading == 0.5)
        #expect(found.velocity == SIMD2(0.25, -0.75))
        #expect(found.bytes == Self.bytes)
    }

    @Test("every flipped bit, and every other length, is refused")
    func damage() {
        for place in 0..<72 * 8 {
            var bytes = Self.bytes
            bytes[place / 8] ^= 1 << UInt8(place % 8)
            let found = PlaceDatagram(bytes, count: 72)
            #expect(found == nil, "bit \(place)")
        }
        for count in [0, 1, 71, 73] {
            let found = PlaceDatagram(Self.bytes + [0], count: count)
            #expect(found == nil)
        }
        let short = PlaceDatagram([1, 2], count: 72)
        #expect(short == nil)
    }

    // The check value of CRC-32 in every catalogue.
    @Test("the checksum is that of zlib")
    func checksum() {
        #expect(PlaceDatagram.crc(Array("123456789".utf8), count: 9) == 0xCBF4_3926)
    }
}
