import Synchronization

/// The newest value of something, handed from one writing thread to one reading thread.
///
/// Three slots rotate: the writer fills one, the reader holds one, the third waits. Neither side
/// ever waits for the other; a slow reader skips values instead of queueing them.
@safe public final class Latest<Value: BitwiseCopyable & Sendable>: @unchecked Sendable {
    // Safety: a slot changes hands only through `spare`; each index is held by exactly one side.
    private let slots: UnsafeMutablePointer<Value>
    private let spare = Atomic<UInt8>(1)
    /// The writer's.
    private var writing: UInt8 = 0
    /// The reader's.
    private var reading: UInt8 = 2

    private static var freshBit: UInt8 { 0x80 }

    /// A mailbox in which nothing was put yet.
    ///
    /// - Parameter blank: fills the slots; no reader sees it.
    public init(blank: Value) {
        unsafe slots = .allocate(capacity: 3)
        unsafe slots.initialize(repeating: blank, count: 3)
    }

    deinit { unsafe slots.deallocate() }

    /// Makes `value` the newest one; for the writing thread only.
    public func publish(_ value: Value) {
        unsafe slots[Int(writing)] = value
        let previous = spare.exchange(writing | Self.freshBit, ordering: .acquiringAndReleasing)
        writing = previous & ~Self.freshBit
    }

    /// The newest value, or `nil` if none came since the last call; for the reading thread only.
    public func takeIfNew() -> Value? {
        guard spare.load(ordering: .relaxed) & Self.freshBit != 0 else { return nil }
        let previous = spare.exchange(reading, ordering: .acquiringAndReleasing)
        reading = previous & ~Self.freshBit
        return unsafe slots[Int(reading)]
    }
}
