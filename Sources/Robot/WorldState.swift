/// All numbers by which a simulated world goes on exactly where it was, in named parts.
///
/// A part is a row of 64-bit words. Numbers are kept by their bits, so nothing is rounded on the way
/// to a file and back.
public struct WorldState: Sendable, Hashable {
    /// The parts by name.
    public var parts: [String: [UInt64]]

    /// A state of these parts.
    public init(parts: [String: [UInt64]] = [:]) { self.parts = parts }
}

/// Why a world could not take over a saved state.
public enum WorldProblem: Error, Sendable, Hashable, CustomStringConvertible {
    /// The saved state lacks a part.
    case missing(part: String)
    /// A part has more, fewer or other numbers than this world would have written.
    case doesNotFit(part: String)
    /// The world is a real one.
    case notSimulated

    /// What is wrong, for a person.
    public var description: String {
        switch self {
        case .missing(let part): "it says nothing of \"\(part)\""
        case .doesNotFit(let part): "what it says of \"\(part)\" is about something else"
        case .notSimulated: "a real robot cannot be put back to where it was"
        }
    }
}

/// A body whose whole world can be saved and put back: a simulated one.
public protocol RestorableBody: RobotBody {
    /// Carries everything that the body's future depends on to or from a saved state.
    ///
    /// After `WorldTransfer.problem` was set on the way back, the body must not be used any more.
    func carry(_ world: inout WorldTransfer)
}
