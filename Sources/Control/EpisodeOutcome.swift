public import Robot
public import Safety

/// How an episode ended.
public enum EpisodeEnding: Sendable, Hashable {
    /// A real end that belongs to the task, a fall: nothing is to be earned after it.
    case terminated
    /// The time limit: values go on (bootstrap).
    case truncated
    /// Somebody stopped it in order: what was recorded stays, as truncated.
    case stopped
    /// A fault: the last transition is dropped, the rest kept as truncated.
    case aborted(Fault)

    /// The end as one word for the journal.
    public var word: String {
        switch self {
        case .terminated: "terminated"
        case .truncated: "truncated"
        case .stopped: "stopped"
        case .aborted: "aborted"
        }
    }
}

/// What is kept of an episode as a whole.
public struct EpisodeOutcome: Sendable, Hashable {
    /// The episode's number in its run, from 0.
    public var index: Int
    /// Policy steps taken.
    public var steps: Int
    /// Sum of rewards.
    public var totalReward: Double
    /// The error when it began, signed for an object's angle; `nil` if it could not be read.
    public var startError: Radians?
    /// The error when it ended; `nil` if it could not be read.
    public var finalError: Radians?
    /// Whether the error was below the tolerance at the final step.
    public var successFinal: Bool
    /// Whether it was for all of the last held steps.
    public var successHeld: Bool
    /// Steps whose action the supervisor changed by more than 1 % of its range.
    public var limitedSteps: Int
    /// How it ended.
    public var ending: EpisodeEnding
    /// Updates the acting policy had; `nil` if actions were random.
    public var policyVersion: UInt64?
    /// What the reset before it took.
    public var reset: ResetOutcome
    /// When its first step began, on the body's clock.
    public var start: MonotonicTime
    /// When its last step ended, on the body's clock.
    public var finish: MonotonicTime
    /// What was drawn for its world, by name; empty if worlds are not drawn.
    public var world: [String: Double] = [:]
}

/// One step as replay and journal get it.
public struct TransitionHeader: Sendable, Hashable {
    /// Number of the episode in its run.
    public var episode: Int
    /// Number of the step in its episode.
    public var step: Int
    /// Reward of the step.
    public var reward: Float
    /// True only at a real end, never at a time limit.
    public var terminated: Bool
    /// Whether the episode was cut here.
    public var truncated: Bool
    /// Whether the applied action differs from the proposed one by more than 1 % of range.
    public var limited: Bool
    /// When the step ended, on the body's clock.
    public var time: MonotonicTime

    /// A step.
    public init(
        episode: Int,
        step: Int,
        reward: Float,
        terminated: Bool,
        truncated: Bool,
        limited: Bool,
        time: MonotonicTime
    ) {
        self.episode = episode
        self.step = step
        self.reward = reward
        self.terminated = terminated
        self.truncated = truncated
        self.limited = limited
        self.time = time
    }
}

/// Who takes transitions from the control thread.
public protocol TransitionSink: AnyObject {
    /// Takes one step; `false` if there is no room, which aborts the episode.
    ///
    /// The pictures are the camera's newest frames, without bytes for tasks that have no camera.
    func offer(
        _ header: TransitionHeader,
        observation: Span<Float>,
        picture: Span<UInt8>,
        applied: Span<Float>,
        proposed: Span<Float>,
        next: Span<Float>,
        nextPicture: Span<UInt8>
    ) -> Bool
}
