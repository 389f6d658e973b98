import Synchronization

/// What somebody outside the control thread wants it to do; the strongest wish wins and stays.
public enum StopWish: UInt8, Sendable, Comparable {
    /// Go on.
    case none = 0
    /// Stop in order: park, checkpoint, leave.
    case ordered = 1
    /// Emergency stop.
    case emergency = 2

    /// Weaker than.
    public static func < (a: StopWish, b: StopWish) -> Bool { a.rawValue < b.rawValue }
}

/// Carries the wish to stop to the control thread, from signals, commands and other threads.
public final class StopSwitch: Sendable {
    private let wish = Atomic<UInt8>(0)

    /// A switch in its resting position.
    public init() {}

    /// Asks for a stop; a stronger earlier wish stays.
    ///
    /// Safe in a signal handler.
    public func ask(_ stop: StopWish) {
        _ = wish.max(stop.rawValue, ordering: .sequentiallyConsistent)
    }

    /// What was asked for.
    public var asked: StopWish { StopWish(rawValue: wish.load(ordering: .acquiring)) ?? .emergency }
}
