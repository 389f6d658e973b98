import Synchronization

/// The newest record of bytes, with a note beside it, from one writing thread to one reading thread.
///
/// What `Latest` is for small values, this is for pictures: three slots rotate, neither side ever
/// waits, and nothing is allocated after it was made.
@safe public final class LatestBytes<Note: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // Safety: a slot changes hands only through `spare`; each index is held by exactly one side.
    private let bytes: UnsafeMutablePointer<UInt8>
    private let notes: UnsafeMutablePointer<Note>
    private let spare = Atomic<UInt8>(1)
    /// The writer's.
    private var writing: UInt8 = 0
    /// The reader's.
    private var reading: UInt8 = 2
    private var hasRead = false

    /// Bytes in one record.
    public let count: Int

    private static var freshBit: UInt8 { 0x80 }

    /// A mailbox for records of `count` bytes, in which nothing was put yet.
    ///
    /// - Parameter blank: fills the notes; no reader sees it.
    public init(count: Int, blank: Note) {
        precondition(count > 0, "a record of no bytes")
        self.count = count
        unsafe bytes = .allocate(capacity: 3 * count)
        unsafe bytes.initialize(repeating: 0, count: 3 * count)
        unsafe notes = .allocate(capacity: 3)
        unsafe notes.initialize(repeating: blank, count: 3)
    }

    deinit {
        unsafe bytes.deallocate()
        unsafe notes.deallocate()
    }

    /// Lets `fill` write a record, then makes it the newest; for the writing thread only.
    public func publish(_ fill: (inout MutableSpan<UInt8>) -> Note) {
        // Safety: the slot is the writer's alone until it is exchanged below.
        let slot = unsafe UnsafeMutableBufferPointer(
            start: bytes + Int(writing) * count,
            count: count
        )
        var span = unsafe slot.mutableSpan
        unsafe notes[Int(writing)] = fill(&span)
        let previous = spare.exchange(writing | Self.freshBit, ordering: .acquiringAndReleasing)
        writing = previous & ~Self.freshBit
    }

    /// Shows the newest record to `use`, the one of last time if none came since; for the reading
    /// thread only.
    ///
    /// - Returns: what `use` returned, `nil` if no record ever came.
    public func read<Result>(_ use: (Note, Span<UInt8>) -> Result) -> Result? {
        if spare.load(ordering: .relaxed) & Self.freshBit != 0 {
            let previous = spare.exchange(reading, ordering: .acquiringAndReleasing)
            reading = previous & ~Self.freshBit
            hasRead = true
        }
        guard hasRead else { return nil }
        let slot = unsafe UnsafeBufferPointer(start: bytes + Int(reading) * count, count: count)
        return unsafe use(notes[Int(reading)], slot.span)
    }
}
