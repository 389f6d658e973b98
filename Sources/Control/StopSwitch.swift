import Synchronization

/// What somebody outside the control thread wants it to do; the strongest wish wins and stays.
///
/// Raw values are bits of their own.
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

    /// Asks for a stop; a stronger earlier wish stays, and so does a weaker one behind it.
    ///
    /// Safe in a signal handler.
    public func ask(_ stop: StopWish) {
        _ = wish.bitwiseOr(stop.rawValue, ordering: .sequentiallyConsistent)
    }

    /// What was asked for, the stronger of two.
    public var asked: StopWish {
        let bits = wish.load(ordering: .acquiring)
        if bits & StopWish.emergency.rawValue != 0 { return .emergency }
        return bits == 0 ? .none : .ordered
    }

    /// Takes an emergency stop back that has been carried out and is latched as a fault, so that a
    /// later one can be told from it; an ordered stop stays.
    public func emergencyIsDone() {
        _ = wish.bitwiseAnd(~StopWish.emergency.rawValue, ordering: .sequentiallyConsistent)
    }
}
