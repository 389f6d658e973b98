public import Robot

/// Makes a policy's frame of a camera's picture: cuts a part out and shrinks it.
///
/// Every pixel of the frame is the mean of the part of the picture it covers, partly covered
/// pixels counted by their share, in whole numbers: the same picture gives the same bytes on every
/// machine. Real and simulated pictures go through the same code. Allocates nothing once it has
/// seen a picture of some size.
public struct FrameShaper: Sendable {
    /// The frame's size.
    public let size: PictureSize

    private let crop: PictureCrop
    private var source = PictureSize(width: 0, height: 0)
    private var window = Window()
    private var columns: [Share] = []
    private var rowSums: [UInt32] = []
    private var sums: [UInt64] = []

    /// The part of the picture that is used, in pixels.
    private struct Window {
        var left = 0
        var top = 0
        var width = 0
        var height = 0
    }

    /// How much of a source pixel's weight goes to one frame pixel.
    private struct Share {
        var source: Int
        var target: Int
        var weight: UInt32
    }

    /// A shaper for frames of `size` that show `crop`.
    public init(size: PictureSize, crop: PictureCrop = PictureCrop()) {
        precondition(size.width > 0 && size.height > 0, "an empty frame")
        self.size = size
        self.crop = crop
        rowSums = Array(repeating: 0, count: size.width * 3)
        sums = Array(repeating: 0, count: size.byteCount)
    }

    /// Writes the frame of a picture to `frame`, its rows from above, red, green, blue.
    ///
    /// Traps if there are too few bytes for the picture, or not `size.byteCount` for the frame.
    ///
    /// - Parameters:
    ///   - picture: rows of RGB pixels from above.
    ///   - picturesSize: the picture's size.
    ///   - stride: bytes from one row to the next.
    public mutating func shape(
        _ picture: Span<UInt8>,
        size picturesSize: PictureSize,
        stride: Int,
        into frame: inout MutableSpan<UInt8>
    ) {
        let isWhole =
            picture.count >= stride * (picturesSize.height - 1) + picturesSize.width * 3
            && stride >= picturesSize.width * 3 && picturesSize.width > 0
            && picturesSize.height > 0
        precondition(isWhole, "too few bytes for the picture")
        let fits = frame.count == size.byteCount
        precondition(fits, "a frame of another size")
        if picturesSize != source { prepare(picturesSize) }
        for index in sums.indices { sums[index] = 0 }
        let (from, to) = (window.height, size.height)
        for row in 0..<from {
            sumRow(picture, at: (window.top + row) * stride)
            // In units of 1/to of a source row, this row is [row * to, (row + 1) * to) and frame
            // row y is [y * from, (y + 1) * from).
            var y = row * to / from
            while y < to, y * from < (row + 1) * to {
                let overlap = min((row + 1) * to, (y + 1) * from) - max(row * to, y * from)
                add(UInt64(overlap), toRow: y)
                y += 1
            }
        }
        let area = UInt64(window.width * window.height)
        for index in sums.indices {
            frame[index] = UInt8(truncatingIfNeeded: (sums[index] + area / 2) / area)
        }
    }

    private mutating func sumRow(_ picture: Span<UInt8>, at start: Int) {
        for index in rowSums.indices { rowSums[index] = 0 }
        for share in columns {
            let at = start + share.source
            rowSums[share.target] &+= share.weight &* UInt32(picture[at])
            rowSums[share.target + 1] &+= share.weight &* UInt32(picture[at + 1])
            rowSums[share.target + 2] &+= share.weight &* UInt32(picture[at + 2])
        }
    }

    private mutating func add(_ weight: UInt64, toRow row: Int) {
        let start = row * size.width * 3
        for index in rowSums.indices { sums[start + index] &+= weight &* UInt64(rowSums[index]) }
    }

    /// Where the window lies in pictures of this size, and which column goes where.
    private mutating func prepare(_ picture: PictureSize) {
        source = picture
        window.left = min(Int((crop.left * Double(picture.width)).rounded()), picture.width - 1)
        window.top = min(Int((crop.top * Double(picture.height)).rounded()), picture.height - 1)
        let width = Int((crop.width * Double(picture.width)).rounded())
        let height = Int((crop.height * Double(picture.height)).rounded())
        window.width = min(max(width, 1), picture.width - window.left)
        window.height = min(max(height, 1), picture.height - window.top)
        let (from, to) = (window.width, size.width)
        columns.removeAll(keepingCapacity: true)
        for column in 0..<from {
            var x = column * to / from
            while x < to, x * from < (column + 1) * to {
                let overlap = min((column + 1) * to, (x + 1) * from) - max(column * to, x * from)
                columns.append(
                    Share(
                        source: (window.left + column) * 3,
                        target: x * 3,
                        weight: UInt32(overlap)
                    )
                )
                x += 1
            }
        }
    }
}
