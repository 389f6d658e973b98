/// A moment on a clock that never goes back, in nanoseconds since an arbitrary start.
///
/// On hardware it is `CLOCK_MONOTONIC`; in simulation it is the simulated time. Nothing in this
/// module reads a clock: moments come in as arguments.
@frozen public struct MonotonicTime: Sendable, BitwiseCopyable, Comparable, Hashable {
    /// Nanoseconds since the clock's start.
    public var nanoseconds: Int64

    /// A moment `nanoseconds` after the clock's start.
    @inlinable public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

    /// Earlier than.
    @inlinable public static func < (a: MonotonicTime, b: MonotonicTime) -> Bool {
        a.nanoseconds < b.nanoseconds
    }

    /// The moment `nanoseconds` later.
    @inlinable public static func + (a: MonotonicTime, nanoseconds: Int64) -> MonotonicTime {
        MonotonicTime(nanoseconds: a.nanoseconds + nanoseconds)
    }

    /// Seconds from `earlier` to this moment; negative if this moment is the earlier one.
    @inlinable public func seconds(since earlier: MonotonicTime) -> Seconds {
        Double(nanoseconds - earlier.nanoseconds) * 1e-9
    }
}
