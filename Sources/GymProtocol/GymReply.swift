/// What the side that has the environment answers.
public enum GymReply: Sendable, Hashable {
    /// Says once, before any request, what is to be seen and done: a JSON object.
    ///
    /// `name`, `observations` and `actions` (how many numbers), `info` (what the outcome's further
    /// numbers are called), and whatever else the environment wants to tell.
    case hello([UInt8])
    /// What a reset or a step led to.
    case outcome(GymOutcome)
    /// Why the request could not be carried out.
    case refusal(String)
}

/// What a reset or a step led to.
public struct GymOutcome: Sendable, Hashable {
    /// What is seen now.
    public var observation: [Float]
    /// The step's reward; 0 after a reset.
    public var reward: Double
    /// A true end, after which nothing more is to be earned.
    public var isTerminated: Bool
    /// The episode was cut by a limit; what could still be earned counts.
    public var isTruncated: Bool
    /// Further numbers, named in the hello; NaN where there is none.
    public var info: [Double]

    /// An outcome.
    public init(
        observation: [Float],
        reward: Double = 0,
        isTerminated: Bool = false,
        isTruncated: Bool = false,
        info: [Double]
    ) {
        self.observation = observation
        self.reward = reward
        self.isTerminated = isTerminated
        self.isTruncated = isTruncated
        self.info = info
    }
}

extension GymReply {
    static let helloKind = UInt8(ascii: "H")
    static let outcomeKind = UInt8(ascii: "O")
    static let refusalKind = UInt8(ascii: "E")

    var message: Message {
        switch self {
        case .hello(let json): return Message(kind: Self.helloKind, body: json)
        case .refusal(let text):
            return Message(kind: Self.refusalKind, body: Array(text.utf8))
        case .outcome(let outcome):
            var message = Message(kind: Self.outcomeKind)
            message.append(outcome.reward)
            message.append(flags: [outcome.isTerminated, outcome.isTruncated])
            message.append(UInt32(outcome.observation.count))
            for number in outcome.observation { message.append(number) }
            for number in outcome.info { message.append(number) }
            return message
        }
    }

    init(_ message: Message) throws(GymPipeError) {
        var reader = MessageReader(message)
        switch message.kind {
        case Self.helloKind: self = .hello(message.body)
        case Self.refusalKind: self = .refusal(reader.text())
        case Self.outcomeKind: self = .outcome(try Self.outcome(&reader))
        default: throw .malformed("a reply of kind \(message.kind)")
        }
    }

    private static func outcome(_ reader: inout MessageReader) throws(GymPipeError) -> GymOutcome {
        let reward = try reader.double()
        let flags = try reader.flags(2)
        let count = try reader.halfWord()
        var outcome = GymOutcome(
            observation: [],
            reward: reward,
            isTerminated: flags[0],
            isTruncated: flags[1],
            info: []
        )
        for _ in 0..<count { outcome.observation.append(try reader.float()) }
        while !reader.isAtEnd { outcome.info.append(try reader.double()) }
        return outcome
    }
}
