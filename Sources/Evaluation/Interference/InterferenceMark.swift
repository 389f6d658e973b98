import Synchronization

/// What a person says of an interference by hand: it goes on, or not.
///
/// Set from the terminal, the control socket or a signal; read by the control thread every tick.
public final class InterferenceMark: Sendable {
    private let on = Atomic<Bool>(false)

    /// A mark that is off.
    public init() {}

    /// Whether the person interferes now.
    public var isOn: Bool { on.load(ordering: .relaxed) }

    /// Says that it begins or ends.
    public func set(_ isOn: Bool) { on.store(isOn, ordering: .relaxed) }

    /// Begins it, or ends it if it had begun.
    ///
    /// - Returns: whether it is on now.
    @discardableResult
    public func toggle() -> Bool { on.logicalXor(true, ordering: .relaxed).newValue }
}
