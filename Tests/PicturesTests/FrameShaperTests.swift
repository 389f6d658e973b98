import Pictures
import Robot
import Testing

@Suite("Cutting out and shrinking")
struct FrameShaperTests {
    private func shaped(
        _ picture: [UInt8],
        _ width: Int,
        _ height: Int,
        to size: PictureSize,
        crop: PictureCrop = PictureCrop(),
        stride: Int? = nil
    ) -> [UInt8] {
        var shaper = FrameShaper(size: size, crop: crop)
        var frame = [UInt8](repeating: 0, count: size.byteCount)
        var span = frame.mutableSpan
        shaper.shape(
            picture.span,
            size: PictureSize(width: width, height: height),
            stride: stride ?? width * 3,
            into: &span
        )
        return frame
    }

    @Test("a picture of the frame's size is the frame")
    func same() {
        let picture = (0..<(4 * 2 * 3)).map { UInt8($0 * 7) }
        #expect(shaped(picture, 4, 2, to: PictureSize(width: 4, height: 2)) == picture)
    }

    @Test("shrinking by whole numbers is the mean of each block, colour by colour")
    func wholeBlocks() {
        // Two blocks of 2x2; red 0 10 20 30 and 100 100 101 101, green all 7, blue 255 and 0.
        let red: [UInt8] = [0, 10, 100, 100, 20, 30, 101, 101]
        let blue: [UInt8] = [255, 255, 0, 0, 255, 255, 0, 0]
        let picture = (0..<8).flatMap { [red[$0], 7, blue[$0]] as [UInt8] }
        // Means 15 and 100.5, the half rounded up.
        #expect(
            shaped(picture, 4, 2, to: PictureSize(width: 2, height: 1)) == [15, 7, 255, 101, 7, 0]
        )
    }

    @Test("a pixel that two frame pixels share counts by its share")
    func shares() {
        // Three columns to two: (2/3 a + 1/3 b) / 1 and the mirror image of it.
        let picture: [UInt8] = [90, 0, 0, 30, 0, 0, 210, 0, 0]
        #expect(
            shaped(picture, 3, 1, to: PictureSize(width: 2, height: 1)) == [70, 0, 0, 150, 0, 0]
        )
        // The same three as rows.
        #expect(
            shaped(picture, 1, 3, to: PictureSize(width: 1, height: 2)) == [70, 0, 0, 150, 0, 0]
        )
    }

    @Test("a crop is a part of the picture, and bytes behind a row are not pixels")
    func crop() {
        // 4x4 with the pixel's number as red; rows are padded to 16 bytes with 255.
        var picture: [UInt8] = []
        for row in 0..<4 {
            for column in 0..<4 { picture += [UInt8(row * 4 + column), 0, 0] }
            picture += [255, 255, 255, 255]
        }
        let part = PictureCrop(left: 0.5, top: 0.25, width: 0.5, height: 0.5)
        let frame = shaped(
            picture,
            4,
            4,
            to: PictureSize(width: 2, height: 2),
            crop: part,
            stride: 16
        )
        #expect(stride(from: 0, to: 12, by: 3).map { frame[$0] } == [6, 7, 10, 11])
    }

    @Test("every size agrees with areas computed pixel by pixel", arguments: 0..<20)
    func property(seed: Int) {
        var random = SystemSeeded(state: UInt64(seed) &+ 77)
        let (width, height) = (
            Int.random(in: 1...50, using: &random), Int.random(in: 1...50, using: &random)
        )
        let size = PictureSize(
            width: Int.random(in: 1...20, using: &random),
            height: Int.random(in: 1...20, using: &random)
        )
        let picture = (0..<(width * height * 3)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        let frame = shaped(picture, width, height, to: size)
        for y in 0..<size.height {
            for x in 0..<size.width {
                for colour in 0..<3 {
                    let mean = Self.mean(picture, width, height, size, x, y, colour)
                    let got = Double(frame[(y * size.width + x) * 3 + colour])
                    #expect((got - mean).magnitude <= 0.5 + 1e-9, "seed \(seed) at \(x) \(y)")
                }
            }
        }
    }

    /// The mean over the frame pixel's area, from the definition.
    private static func mean(
        _ picture: [UInt8],
        _ width: Int,
        _ height: Int,
        _ size: PictureSize,
        _ x: Int,
        _ y: Int,
        _ colour: Int
    ) -> Double {
        let (dx, dy) = (Double(width) / Double(size.width), Double(height) / Double(size.height))
        var (sum, area) = (0.0, 0.0)
        for row in 0..<height {
            let tall = min(Double(row + 1), Double(y + 1) * dy) - max(Double(row), Double(y) * dy)
            if tall <= 0 { continue }
            for column in 0..<width {
                let wide =
                    min(Double(column + 1), Double(x + 1) * dx)
                    - max(Double(column), Double(x) * dx)
                if wide <= 0 { continue }
                sum += wide * tall * Double(picture[(row * width + column) * 3 + colour])
                area += wide * tall
            }
        }
        return sum / area
    }
}

/// SplitMix64, so that a failing seed can be run again.
struct SystemSeeded: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }
}
