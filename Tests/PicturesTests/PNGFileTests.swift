import Foundation
import Pictures
import Robot
import Testing

@Suite("PNG")
struct PNGFileTests {
    /// Big-endian, as PNG has all its numbers (W3C PNG specification, section 7.1).
    private func number(_ bytes: [UInt8], at place: Int) -> Int {
        bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
    }

    @Test("bytes in memory are those of the file, of the size and kind asked for")
    func bytes() throws {
        let size = PictureSize(width: 7, height: 5)
        let pixels = (0..<size.byteCount).map { UInt8($0 * 37 & 255) }
        let bytes = try PNGFile.bytes(pixels, size: size)
        #expect(bytes.prefix(8) == [137, 80, 78, 71, 13, 10, 26, 10])
        #expect(number(bytes, at: 16) == 7 && number(bytes, at: 20) == 5)
        // Eight bits, colour type 2: red, green, blue.
        #expect(bytes[24] == 8 && bytes[25] == 2)
        let path = FileManager.default.temporaryDirectory
            .appendingPathComponent("sacbot-\(UUID().uuidString).png").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try PNGFile.write(pixels, size: size, to: path)
        #expect(FileManager.default.contents(atPath: path).map { [UInt8]($0) } == bytes)
    }

    @Test("noise, which nothing can make smaller, fits, too")
    func noise() throws {
        let size = PictureSize(width: 272, height: 204)
        var state: UInt64 = 1
        let pixels = (0..<size.byteCount).map { _ -> UInt8 in
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return UInt8(truncatingIfNeeded: state >> 56)
        }
        let bytes = try PNGFile.bytes(pixels, size: size)
        #expect(bytes.count > size.byteCount && bytes.suffix(8).prefix(4) == [73, 69, 78, 68])
    }
}
