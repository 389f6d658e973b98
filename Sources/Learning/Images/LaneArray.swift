import CKernels

/// One layer's numbers of sixteen pictures, a lane each, where they lie in a buffer.
///
/// An element is one number of each picture: 16 floats. Elements lie as rows, columns, channels,
/// with `border` rows and columns of zeros around them.
struct LaneArray {
    /// Pictures that are worked on at a time.
    static let lanes = Int(CK_PICTURE_LANES)

    let buffer: FloatBuffer
    /// Floats before the first element, the border's included.
    let offset: Int
    let rows: Int
    let columns: Int
    let channels: Int
    let border: Int

    /// The array at `offset`.
    ///
    /// Traps when it does not end within the buffer.
    init(
        _ buffer: FloatBuffer,
        offset: Int,
        rows: Int,
        columns: Int,
        channels: Int,
        border: Int
    ) {
        precondition(rows > 0 && columns > 0 && channels > 0 && border >= 0, "an empty picture")
        self.buffer = buffer
        self.offset = offset
        (self.rows, self.columns) = (rows, columns)
        (self.channels, self.border) = (channels, border)
        precondition(offset >= 0 && offset + floats <= buffer.count, "lanes outside their buffer")
    }

    /// An array of zeros in a buffer of its own.
    init(rows: Int, columns: Int, channels: Int, border: Int) {
        let count = Self.floats(rows: rows, columns: columns, channels: channels, border: border)
        self.init(
            FloatBuffer(count: count),
            offset: 0,
            rows: rows,
            columns: columns,
            channels: channels,
            border: border
        )
    }

    /// Floats that an array of this size takes.
    static func floats(rows: Int, columns: Int, channels: Int, border: Int) -> Int {
        (rows + 2 * border) * (columns + 2 * border) * channels * lanes
    }

    /// Floats that it takes.
    var floats: Int {
        Self.floats(rows: rows, columns: columns, channels: channels, border: border)
    }

    /// Elements from one row to the next.
    var rowStride: Int { (columns + 2 * border) * channels }

    /// The address of an element, for a kernel that stays within the array.
    ///
    /// Rows and columns count from the first one within the border.
    @unsafe func pointer(row: Int, column: Int) -> UnsafeMutablePointer<Float> {
        let place = (row + border) * rowStride + (column + border) * channels
        precondition(place >= 0 && place * Self.lanes < floats, "no row \(row), column \(column)")
        let start = unsafe buffer.pointer(at: offset, length: floats)
        return unsafe start + place * Self.lanes
    }

    /// Its elements as a matrix of one row each, to be turned; only without a border.
    var flat: Matrix {
        precondition(border == 0, "a border would be turned along")
        return Matrix(
            buffer,
            offset: offset,
            rows: rows * columns * channels,
            columns: Self.lanes,
            stride: Self.lanes
        )
    }
}
