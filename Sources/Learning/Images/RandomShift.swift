/// Random shifts of a batch's pictures: DrQ's augmentation (Kostrikov et al., 2020).
///
/// As if each picture were padded by four pixels of its edge and cut back at a random place; all
/// frames of an observation move alike, both ends of a transition by themselves.
struct RandomShift {
    /// Pixels that a picture moves at most, either way.
    static let reach = 4

    /// Rows down and columns across, for each picture of the batch.
    private var moves: [(down: Int8, across: Int8)]

    init(count: Int) { moves = Array(repeating: (0, 0), count: count) }

    /// Draws another move for each picture.
    mutating func draw(random: inout RandomSource) {
        let places = 2 * Self.reach + 1
        var moves = moves.mutableSpan
        for index in moves.indices {
            let place = random.index(below: places * places)
            moves[index] = (
                Int8(place / places - Self.reach), Int8(place % places - Self.reach)
            )
        }
    }

    /// Moves the pictures in some rows.
    ///
    /// - Parameter frame: room for one frame.
    func apply(to pictures: ByteMatrix, rows: Range<Int>, layout: ImageLayout, frame: ByteMatrix) {
        precondition(rows.upperBound <= moves.count, "pictures without a move")
        let fits =
            frame.rows == 1 && frame.columns == layout.frameBytes
            && pictures.columns == layout.observationBytes
        precondition(fits, "pictures of another size")
        for row in rows {
            let (down, across) = (Int(moves[row].down), Int(moves[row].across))
            guard down != 0 || across != 0 else { continue }
            for index in 0..<layout.history {
                // Safety: a frame lies within its row, and `frame` is as long as one.
                let start = unsafe pictures.pointer(row: row) + index * layout.frameBytes
                let copy = unsafe frame.pointer(row: 0)
                unsafe copy.update(from: start, count: layout.frameBytes)
                unsafe Self.move(copy, to: start, layout, down, across)
            }
        }
    }

    /// Writes a frame whose pixel at (row, column) is the source's at (row + down, column + across),
    /// or the nearest one there is.
    private static func move(
        _ source: UnsafeMutablePointer<UInt8>,
        to target: UnsafeMutablePointer<UInt8>,
        _ layout: ImageLayout,
        _ down: Int,
        _ across: Int
    ) {
        let rowBytes = layout.width * layout.channels
        let before = min(max(0, -across), layout.width) * layout.channels
        let after = min(max(0, across), layout.width) * layout.channels
        let kept = rowBytes - before - after
        for row in 0..<layout.height {
            let from = min(max(0, row + down), layout.height - 1) * rowBytes
            // Safety: both are frames of `height` rows; before + kept + after is a row.
            let (old, new) = unsafe (source + from, target + row * rowBytes)
            unsafe (new + before).update(from: old + after, count: kept)
            for byte in 0..<before { unsafe new[byte] = old[byte % layout.channels] }
            let edge = rowBytes - layout.channels
            for byte in 0..<after {
                unsafe new[before + kept + byte] = old[edge + byte % layout.channels]
            }
        }
    }
}
