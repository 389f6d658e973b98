/// Rising row numbers of a batch, in a fixed place for the kernels.
@safe final class RowList {
    /// How many rows are listed.
    private(set) var count = 0
    /// Every listed row is below this.
    let bound: Int
    // Safety: owned by this object alone, `bound` numbers long, freed in deinit.
    private let storage: UnsafeMutablePointer<Int32>

    /// An empty list of rows below `bound`.
    init(bound: Int) {
        self.bound = bound
        unsafe storage = .allocate(capacity: bound)
        unsafe storage.initialize(repeating: 0, count: bound)
    }

    deinit { unsafe storage.deallocate() }

    /// The rows, for a kernel that looks at the first `count`.
    @unsafe var pointer: UnsafePointer<Int32> { unsafe UnsafePointer(storage) }

    /// One listed row.
    subscript(index: Int) -> Int {
        precondition(index >= 0 && index < count, "no entry \(index)")
        return unsafe Int(storage[index])
    }

    /// Forgets all rows.
    func removeAll() { count = 0 }

    /// Lists one more row, which must be above the last.
    func append(_ row: Int) {
        precondition(row < bound && count < bound, "no row \(row)")
        precondition(row > (unsafe count > 0 ? Int(storage[count - 1]) : -1), "rows must rise")
        unsafe storage[count] = Int32(row)
        count += 1
    }
}
