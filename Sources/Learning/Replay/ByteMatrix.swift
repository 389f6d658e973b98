/// Rows of bytes, each on a 64-byte boundary, zero at first, that live as long as the object.
@safe final class ByteMatrix {
    let rows: Int
    let columns: Int
    /// Bytes from one row to the next.
    let stride: Int
    // Safety: owned by this object alone, `rows * stride` bytes long; freed in deinit; every pointer
    // handed out is used within a call that keeps the object alive.
    private let base: UnsafeMutablePointer<UInt8>

    init(rows: Int, columns: Int) {
        precondition(rows >= 0 && columns >= 0, "no matrix of this shape")
        self.rows = rows
        self.columns = columns
        stride = (columns + 63) / 64 * 64
        let count = max(64, rows * stride)
        let raw = UnsafeMutableRawPointer.allocate(byteCount: count, alignment: 64)
        unsafe base = raw.bindMemory(to: UInt8.self, capacity: count)
        unsafe base.initialize(repeating: 0, count: count)
    }

    deinit { unsafe base.deallocate() }

    subscript(row: Int, column: Int) -> UInt8 {
        precondition(column >= 0 && column < columns, "no column \(column)")
        return unsafe pointer(row: row)[column]
    }

    /// The address of a row of `columns` bytes.
    @unsafe func pointer(row: Int) -> UnsafeMutablePointer<UInt8> {
        precondition(row >= 0 && row < rows, "no row \(row)")
        return unsafe base + row * stride
    }
}
