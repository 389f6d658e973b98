import Learning
import Testing

@testable import Training

@Suite("Pictures on their way to the learner")
struct PictureLayoutTests {
    @Test("every byte comes out as it went in, whatever the number of bytes")
    func exact() {
        for (width, channels) in [(8, 3), (8, 1), (11, 1), (9, 4)] {
            let image = ImageLayout(height: 8, width: width, channels: channels)
            let layout = TransitionLayout(observationCount: 2, actionCount: 1, image: image)
            let count = 8 * width * channels
            #expect(layout.pictureBytes == count)
            #expect(layout.size == 9 + 4 + 2 + 2 * ((count + 2) / 3))
            var row = [Float](repeating: -1, count: layout.size)
            let one = (0..<count).map { UInt8(truncatingIfNeeded: $0 * 37 + 255) }
            let two = one.map { 255 - $0 }
            layout.encode(one.span, into: &row, layout.picture)
            layout.encode(two.span, into: &row, layout.nextPicture)
            var (first, second) = (
                [UInt8](repeating: 9, count: count), [UInt8](repeating: 9, count: count)
            )
            layout.picture(row.span, layout.picture, into: &first)
            layout.picture(row.span, layout.nextPicture, into: &second)
            #expect(first == one && second == two)
            #expect(row.allSatisfy { $0 == $0.rounded() && $0 < 16_777_216 })
        }
    }
}
