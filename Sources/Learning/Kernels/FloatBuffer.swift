/// Floats on a 64-byte boundary, zero at first, that live as long as the object.
///
/// The length is rounded up to whole cache lines, so a kernel may touch the last one entirely.
@safe final class FloatBuffer {
    /// How many floats there are, a multiple of 16.
    let count: Int
    // Safety: owned by this object alone; freed in deinit; every pointer handed out is used
    // within a call that keeps the object alive.
    private let base: UnsafeMutablePointer<Float>

    init(count: Int) {
        precondition(count >= 0, "a buffer of \(count) floats")
        self.count = max(16, (count + 15) / 16 * 16)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: self.count * 4, alignment: 64)
        unsafe base = raw.bindMemory(to: Float.self, capacity: self.count)
        unsafe base.initialize(repeating: 0, count: self.count)
    }

    deinit { unsafe base.deallocate() }

    subscript(index: Int) -> Float {
        get {
            precondition(index >= 0 && index < count, "no float \(index)")
            return unsafe base[index]
        }
        set {
            precondition(index >= 0 && index < count, "no float \(index)")
            unsafe base[index] = newValue
        }
    }

    /// The address of one float, for a kernel that touches `length` floats from there.
    @unsafe func pointer(at offset: Int, length: Int) -> UnsafeMutablePointer<Float> {
        precondition(offset >= 0 && length >= 0 && offset + length <= count, "outside the buffer")
        return unsafe base + offset
    }

    /// Sets every float to zero.
    func clear() { unsafe base.update(repeating: 0, count: count) }

    /// Takes over all floats of a buffer of the same length.
    func copy(from other: FloatBuffer) {
        precondition(count == other.count, "buffers of \(count) and \(other.count) floats")
        unsafe base.update(from: other.base, count: count)
    }

    /// Takes over the first floats of a buffer that is at least as long.
    func copy(startOf other: FloatBuffer) {
        precondition(count <= other.count, "the start of \(other.count) floats, not \(count)")
        unsafe base.update(from: other.base, count: count)
    }

    /// Some of the floats as an array.
    func values(at offset: Int, count: Int) -> [Float] {
        unsafe Array(UnsafeBufferPointer(start: pointer(at: offset, length: count), count: count))
    }

    /// Stores floats from `offset` on.
    func set(_ values: [Float], at offset: Int) {
        for (index, value) in values.enumerated() { self[offset + index] = value }
    }
}

/// A row-major matrix that lies in a buffer.
struct Matrix {
    let buffer: FloatBuffer
    let offset: Int
    let rows: Int
    let columns: Int
    /// Floats from one row to the next, a multiple of 16.
    let stride: Int

    /// The matrix at `offset`.
    ///
    /// Traps when its last row, padded to 16 floats, is not in the buffer.
    init(_ buffer: FloatBuffer, offset: Int = 0, rows: Int, columns: Int, stride: Int) {
        precondition(rows >= 0 && columns >= 0 && stride >= columns, "no matrix of this shape")
        self.buffer = buffer
        self.offset = offset
        self.rows = rows
        self.columns = columns
        self.stride = stride
        precondition(offset >= 0 && offset + footprint <= buffer.count, "matrix outside its buffer")
    }

    /// A matrix of zeros in a buffer of its own.
    init(rows: Int, columns: Int) {
        let stride = Matrix.stride(columns)
        self.init(
            FloatBuffer(count: rows * stride),
            rows: rows,
            columns: columns,
            stride: stride
        )
    }

    /// Floats a kernel may touch, from the first on.
    var footprint: Int {
        guard rows > 0 else { return 0 }
        let touched = offset % 16 == 0 ? (columns + 15) / 16 * 16 : columns
        return (rows - 1) * stride + touched
    }

    /// The first `count` rows.
    func firstRows(_ count: Int) -> Matrix {
        Matrix(buffer, offset: offset, rows: count, columns: columns, stride: stride)
    }

    /// Some of the rows.
    func rows(_ rows: Range<Int>) -> Matrix { rowsFrom(rows.lowerBound).firstRows(rows.count) }

    /// Some of the columns; the first must be a multiple of 16 but for `Kernels.transpose`.
    func columns(_ columns: Range<Int>) -> Matrix {
        Matrix(
            buffer,
            offset: offset + columns.lowerBound,
            rows: rows,
            columns: columns.count,
            stride: stride
        )
    }

    /// The rows from `first` on.
    func rowsFrom(_ first: Int) -> Matrix {
        Matrix(
            buffer,
            offset: offset + first * stride,
            rows: rows - first,
            columns: columns,
            stride: stride
        )
    }

    /// The columns from `first` on; off the 64-byte boundary, so only for `Kernels.transpose`.
    func columnsFrom(_ first: Int) -> Matrix { columns(first..<columns) }

    /// Overwrites the start of a row.
    @unsafe func setRow(_ row: Int, from source: UnsafePointer<Float>, count: Int) {
        precondition(row >= 0 && row < rows && count <= columns, "no such part of a row")
        let target = unsafe buffer.pointer(at: offset + row * stride, length: count)
        unsafe target.update(from: source, count: count)
    }

    /// Sets every entry, padding left alone, row by row.
    func fill(_ value: (_ row: Int, _ column: Int) -> Float) {
        for row in 0..<rows {
            for column in 0..<columns { self[row, column] = value(row, column) }
        }
    }

    subscript(row: Int, column: Int) -> Float {
        get { buffer[offset + row * stride + column] }
        nonmutating set { buffer[offset + row * stride + column] = newValue }
    }

    /// The row distance for this many columns: whole cache lines.
    static func stride(_ columns: Int) -> Int { max(16, (columns + 15) / 16 * 16) }
}
