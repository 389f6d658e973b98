/// What the side that learns asks of the side that has the environment.
public enum GymRequest: Sendable, Hashable {
    /// Begin an episode.
    case reset(GymReset)
    /// Act for one step: a number in [-1, 1] for each action.
    case step([Float])
}

/// How an episode is to begin.
public struct GymReset: Sendable, Hashable {
    /// Seeds the environment; `nil` goes on with the stream it has.
    public var seed: UInt64?
    /// Whether the episode is to begin with a freshly made robot, whatever happened before.
    ///
    /// Gymnasium's own environments begin afresh at every reset and do not look at it.
    public var isFresh: Bool
    /// Draws this one episode from the seed's stream of this name instead of the environment's own.
    public var stream: String?

    /// A reset.
    public init(seed: UInt64? = nil, isFresh: Bool = false, stream: String? = nil) {
        self.seed = seed
        self.isFresh = isFresh
        self.stream = stream
    }
}

extension GymRequest {
    static let resetKind = UInt8(ascii: "R")
    static let stepKind = UInt8(ascii: "S")

    var message: Message {
        switch self {
        case .reset(let reset):
            var message = Message(kind: Self.resetKind)
            message.append(flags: [reset.seed != nil, reset.isFresh, reset.stream != nil])
            message.append(reset.seed ?? 0)
            message.append(text: reset.stream ?? "")
            return message
        case .step(let action):
            var message = Message(kind: Self.stepKind)
            for number in action { message.append(number) }
            return message
        }
    }

    init(_ message: Message) throws(GymPipeError) {
        var reader = MessageReader(message)
        switch message.kind {
        case Self.resetKind:
            let flags = try reader.flags(3)
            let seed = try reader.word()
            let stream = reader.text()
            self = .reset(
                GymReset(
                    seed: flags[0] ? seed : nil,
                    isFresh: flags[1],
                    stream: flags[2] ? stream : nil
                )
            )
        case Self.stepKind:
            var action: [Float] = []
            while !reader.isAtEnd { action.append(try reader.float()) }
            self = .step(action)
        default: throw .malformed("a request of kind \(message.kind)")
        }
    }
}
