import Synchronization

/// A queue of fixed-size records of floats from one thread to another, without locks or allocation.
///
/// One thread offers, one thread takes. A full ring refuses; it never overwrites.
@safe public final class FloatRing: @unchecked Sendable {
    // Safety: `head` is written by the taker, `tail` by the offerer; a slot belongs to the offerer
    // until `tail` passes it and to the taker until `head` passes it.
    private let slots: UnsafeMutableBufferPointer<Float>
    private let head = Atomic<Int>(0)
    private let tail = Atomic<Int>(0)

    /// Floats in one record.
    public let recordSize: Int
    /// Records the ring holds.
    public let capacity: Int

    /// A ring of `capacity` records of `recordSize` floats.
    public init(recordSize: Int, capacity: Int) {
        precondition(recordSize > 0 && capacity > 0)
        self.recordSize = recordSize
        self.capacity = capacity
        unsafe slots = .allocate(capacity: recordSize * capacity)
        unsafe slots.initialize(repeating: 0)
    }

    deinit { unsafe slots.deallocate() }

    /// Records waiting to be taken.
    public var count: Int { tail.load(ordering: .acquiring) - head.load(ordering: .acquiring) }

    /// Copies one record in; `false` if the ring is full.
    ///
    /// Traps if the size is wrong.
    public func offer(_ record: Span<Float>) -> Bool {
        let size = record.count
        precondition(size == recordSize, "record of the wrong size")
        let end = tail.load(ordering: .relaxed)
        guard end - head.load(ordering: .acquiring) < capacity else { return false }
        let base = (end % capacity) * recordSize
        for index in 0..<size { unsafe slots[base + index] = record[index] }
        tail.store(end + 1, ordering: .releasing)
        return true
    }

    /// Hands the oldest record to `use` and drops it; `false` if there is none.
    public func take(_ use: (Span<Float>) -> Void) -> Bool {
        let start = head.load(ordering: .relaxed)
        guard start < tail.load(ordering: .acquiring) else { return false }
        let base = (start % capacity) * recordSize
        unsafe use(UnsafeBufferPointer(rebasing: slots[base..<base + recordSize]).span)
        head.store(start + 1, ordering: .releasing)
        return true
    }
}
