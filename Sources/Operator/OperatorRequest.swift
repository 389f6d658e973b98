/// A request on the control socket: one JSON object on one line.
public struct OperatorRequest: Sendable, Codable {
    /// What may be asked.
    public enum Command: String, Sendable, Codable, CaseIterable {
        /// Tell the state.
        case status
        /// Stop in order: park, checkpoint, leave.
        case stop
        /// Emergency stop.
        case estop
        /// Answer a prompt: it is put right, go on.
        case `continue`
        /// The latched fault was looked into: the robot may be armed again.
        case clearFault = "clear-fault"
        /// Pause after the running episode, as the robot file says.
        case pause
        /// End the pause.
        case resume
        /// Pause with the torque of all joints off.
        case release
        /// Run the newest policy without exploration after the running episode.
        case evaluate
        /// Somebody begins or ends to interfere with the robot by hand.
        case mark
    }

    /// The protocol's version; this one is 1.
    public var version = 1
    /// What is asked.
    public var command: Command
    /// For `evaluate`: how many episodes, `OperatorEvaluation.usualEpisodes` if not said.
    public var episodes: Int?
    /// For `evaluate`: the seed of the start states.
    public var seed: UInt64?
    /// For `mark`: an `OperatorMark`.
    public var mark: String?

    /// A request.
    public init(
        _ command: Command,
        episodes: Int? = nil,
        seed: UInt64? = nil,
        mark: String? = nil
    ) {
        self.command = command
        self.mark = mark
        self.episodes = episodes
        self.seed = seed
    }
}

/// What `mark` marks.
public enum OperatorMark: String, Sendable, Codable, CaseIterable {
    /// An interference by hand begins.
    case begin
    /// It is over.
    case end
}

/// The answer to a request: one JSON object on one line.
public struct OperatorReply: Sendable, Codable {
    /// The protocol's version.
    public var version = 1
    /// Whether the request was carried out.
    public var ok: Bool
    /// Why not, or what was done.
    public var message: String
    /// The state after it.
    public var state: OperatorState

    /// An answer.
    public init(ok: Bool, message: String, state: OperatorState) {
        (self.ok, self.message, self.state) = (ok, message, state)
    }

    /// Reads an answer; a state of another version, which this one cannot read, is left blank: what
    /// was asked for was still done.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        version = try values.decodeIfPresent(Int.self, forKey: .version) ?? 1
        ok = try values.decode(Bool.self, forKey: .ok)
        message = try values.decode(String.self, forKey: .message)
        state = (try? values.decode(OperatorState.self, forKey: .state)) ?? OperatorState()
    }
}
