import Control
public import Learning
import Robot

/// How a transition lies in the ring between control thread and learner: a row of floats.
///
/// Whole numbers and times are split into parts that a float holds exactly (below 2^24).
public struct TransitionLayout: Sendable, Hashable {
    /// Numbers in one observation.
    public let observationCount: Int
    /// Numbers in one action.
    public let actionCount: Int
    /// The camera frames that come with it; `nil` for a task without a camera.
    public let image: ImageLayout?

    /// A layout for these sizes.
    public init(observationCount: Int, actionCount: Int, image: ImageLayout? = nil) {
        self.image = image
        self.observationCount = observationCount
        self.actionCount = actionCount
    }

    static let headerSize = 9

    /// Floats in one record.
    public var size: Int { nextPicture.upperBound }
    /// Bytes of one frame.
    public var pictureBytes: Int { image?.frameBytes ?? 0 }
    var observation: Range<Int> { Self.headerSize..<Self.headerSize + observationCount }
    var next: Range<Int> { observation.upperBound..<observation.upperBound + observationCount }
    var applied: Range<Int> { next.upperBound..<next.upperBound + actionCount }
    var proposed: Range<Int> { applied.upperBound..<applied.upperBound + actionCount }

    var picture: Range<Int> { proposed.upperBound..<proposed.upperBound + pictureFloats }
    var nextPicture: Range<Int> { picture.upperBound..<picture.upperBound + pictureFloats }
    private var pictureFloats: Int { (pictureBytes + 2) / 3 }

    /// Three bytes a float: below 2^24, so exact.
    func encode(_ picture: Span<UInt8>, into row: inout [Float], _ range: Range<Int>) {
        var index = 0
        for place in range {
            var number: UInt32 = 0
            for shift in 0..<3 where index + shift < picture.count {
                number |= UInt32(picture[index + shift]) << UInt32(8 * shift)
            }
            row[place] = Float(number)
            index += 3
        }
    }

    /// The bytes of a picture in a row; `bytes` are `pictureBytes`.
    func picture(_ row: Span<Float>, _ range: Range<Int>, into bytes: inout [UInt8]) {
        var index = 0
        for place in range {
            let number = UInt32(row[place])
            for shift in 0..<3 where index + shift < bytes.count {
                bytes[index + shift] = UInt8(truncatingIfNeeded: number >> UInt32(8 * shift))
            }
            index += 3
        }
    }

    func encode(_ header: TransitionHeader, into row: inout [Float]) {
        row[0] = Float(header.episode)
        row[1] = Float(header.step)
        row[2] = header.reward
        row[3] = header.terminated ? 1 : 0
        row[4] = header.truncated ? 1 : 0
        row[5] = header.limited ? 1 : 0
        let time = header.time.nanoseconds
        row[6] = Float(time >> 44)
        row[7] = Float((time >> 22) & 0x3F_FFFF)
        row[8] = Float(time & 0x3F_FFFF)
    }

    func header(_ row: Span<Float>) -> TransitionHeader {
        let time = Int64(row[6]) << 44 | Int64(row[7]) << 22 | Int64(row[8])
        return TransitionHeader(
            episode: Int(row[0]),
            step: Int(row[1]),
            reward: row[2],
            terminated: row[3] != 0,
            truncated: row[4] != 0,
            limited: row[5] != 0,
            time: MonotonicTime(nanoseconds: time)
        )
    }
}
