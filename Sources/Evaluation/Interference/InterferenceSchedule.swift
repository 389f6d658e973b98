/// What is done in an evaluation's episodes, and when: drawn from a seed, written down, replayable.
///
/// Episode `index` of a kind has the same start as episode `index` of every other kind and of the
/// episodes without interference. docs/interference.md has the format and the ranges.
public struct InterferenceSchedule: Sendable, Codable, Hashable {
    /// What the file says it is.
    public static let formatName = "sacbot.interference-schedule"
    /// The newest version of the format.
    public static let currentVersion = 1

    /// `sacbot.interference-schedule`.
    public var format: String
    /// The format's version.
    public var version: Int
    /// The robot it was drawn for.
    public var robot: String
    /// The task it was drawn for.
    public var task: String
    /// What it was drawn from.
    public var seed: UInt64
    /// One plan a kind and episode, kinds in the order they are run in.
    public var plans: [EpisodePlan]

    /// A schedule.
    public init(robot: String, task: String, seed: UInt64, plans: [EpisodePlan]) {
        format = Self.formatName
        version = Self.currentVersion
        self.robot = robot
        self.task = task
        self.seed = seed
        self.plans = plans
    }

    /// The kinds, each once, in order.
    public var kinds: [InterferenceKind] {
        var kinds: [InterferenceKind] = []
        for plan in plans where !kinds.contains(plan.kind) { kinds.append(plan.kind) }
        return kinds
    }
}

/// What is done in one episode.
public struct EpisodePlan: Sendable, Codable, Hashable {
    /// What kind of interference it is.
    public var kind: InterferenceKind
    /// The episode's number among its kind's, from 0; it names the start state, too.
    public var episode: Int
    /// What is done, in the order of time; bursts of one kind are several.
    public var events: [InterferenceEvent]

    /// A plan.
    public init(kind: InterferenceKind, episode: Int, events: [InterferenceEvent]) {
        self.kind = kind
        self.episode = episode
        self.events = events
    }
}

/// One interference: from when to when, to what, how strong.
public struct InterferenceEvent: Sendable, Codable, Hashable {
    /// When it begins, seconds after the first step began.
    public var start: Double
    /// When it ends; `nil` lasts to the episode's end.
    public var end: Double?
    /// The joint it is done to, by name; `nil` if it is not about one joint.
    public var joint: String?
    /// How strong, in the unit that docs/interference.md gives for the kind: a torque (N·m), an
    /// angle (rad), a factor, a time (s), a force (N), a mass (kg), a height or rise (m, rad).
    public var amount: Double
    /// A second figure for kinds that have one; `nil` for others.
    public var secondAmount: Double?

    /// An interference.
    public init(
        start: Double,
        end: Double?,
        joint: String? = nil,
        amount: Double,
        secondAmount: Double? = nil
    ) {
        self.start = start
        self.end = end
        self.joint = joint
        self.amount = amount
        self.secondAmount = secondAmount
    }
}
