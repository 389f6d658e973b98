/// A figure with its 95 % bootstrap interval.
public struct Estimate: Sendable, Codable, Hashable {
    /// The figure.
    public var value: Double
    /// The interval's lower end.
    public var low: Double
    /// The interval's upper end.
    public var high: Double

    /// A figure and its interval.
    public init(value: Double, low: Double, high: Double) {
        self.value = value
        self.low = low
        self.high = high
    }
}

/// What one policy did under one kind of interference.
public struct KindResult: Sendable, Codable, Hashable {
    /// The policy's index in `EvaluationDocument.policies`.
    public var policy: Int
    /// The kind's name, or `none` for the episodes without.
    public var kind: String
    /// Episodes run to their end or to an abort.
    public var episodes: Int
    /// Share of episodes that held success to their end; aborted ones failed.
    public var success: Estimate
    /// The same of the episodes with the same starts without interference.
    public var successWithout: Estimate
    /// `success / success_without` over the same starts; `nil` if that is nothing to divide by.
    public var retention: Estimate?
    /// Mean share of time in success from the interference's beginning on.
    public var score: Estimate
    /// Seconds from the interference's end (its beginning, if it lasts) until success holds again:
    /// interquartile mean of the episodes that recovered; `nil` if none did.
    public var recoverySeconds: Estimate?
    /// Episodes that recovered.
    public var recovered: Int
    /// Interquartile mean over the episodes of the worst deviation since the interference began.
    public var worstDeviation: Estimate?
    /// Interquartile mean over the episodes of the largest current of any actuated joint, A.
    public var peakCurrent: Estimate?
    /// Mean number of steps an episode that the supervisor changed since the interference began.
    public var interventions: Estimate
    /// Episodes that the supervisor aborted; they count as failures.
    public var aborted: Int
    /// Episodes that ended because the robot fell; they count as failures.
    public var fallen: Int

    /// A row.
    public init(
        policy: Int,
        kind: String,
        episodes: Int,
        success: Estimate,
        successWithout: Estimate,
        retention: Estimate?,
        score: Estimate,
        recoverySeconds: Estimate?,
        recovered: Int,
        worstDeviation: Estimate?,
        peakCurrent: Estimate?,
        interventions: Estimate,
        aborted: Int,
        fallen: Int
    ) {
        self.policy = policy
        self.kind = kind
        self.episodes = episodes
        self.success = success
        self.successWithout = successWithout
        self.retention = retention
        self.score = score
        self.recoverySeconds = recoverySeconds
        self.recovered = recovered
        self.worstDeviation = worstDeviation
        self.peakCurrent = peakCurrent
        self.interventions = interventions
        self.aborted = aborted
        self.fallen = fallen
    }
}

/// What one policy did over all kinds together, as rliable aggregates runs over tasks: an episode is
/// a run, a kind is a task, the bootstrap draws within each kind.
public struct OverallResult: Sendable, Codable, Hashable {
    /// The policy's index in `EvaluationDocument.policies`.
    public var policy: Int
    /// Interquartile mean of the scores of all episodes of all kinds.
    public var scoreInterquartileMean: Estimate
    /// Mean of the same.
    public var scoreMean: Estimate
    /// Share of success over all kinds.
    public var success: Estimate

    /// A row.
    public init(
        policy: Int,
        scoreInterquartileMean: Estimate,
        scoreMean: Estimate,
        success: Estimate
    ) {
        self.policy = policy
        self.scoreInterquartileMean = scoreInterquartileMean
        self.scoreMean = scoreMean
        self.success = success
    }
}

/// One episode of an evaluation.
public struct EpisodeRow: Sendable, Codable, Hashable {
    /// The policy's index in `EvaluationDocument.policies`.
    public var policy: Int
    /// The kind's name, or `none`.
    public var kind: String
    /// The episode's number among its kind's; the same number is the same start.
    public var episode: Int
    /// Its number in the evaluation's journal.
    public var journalEpisode: Int
    /// What was done and when; by hand as marked.
    public var events: [InterferenceEvent]
    /// Steps taken.
    public var steps: Int
    /// The error when it began, `nil` if it was not read.
    public var startError: Double?
    /// The error when it ended, `nil` if it was not read.
    public var finalError: Double?
    /// Sum of rewards.
    public var totalReward: Double
    /// Whether success was held to the end.
    public var succeeded: Bool
    /// terminated, truncated, stopped or aborted.
    public var end: String
    /// Number of the fault that aborted it; `nil` if none did.
    public var fault: Int?
    /// Share of the time since the interference began (or of the whole episode without) in success;
    /// time that an abort or a fall took away counts as failed.
    public var score: Double
    /// Seconds until success held again, `nil` if it never did.
    public var recoverySeconds: Double?
    /// Worst deviation since the interference began, `nil` if it was not read.
    public var worstDeviation: Double?
    /// Largest current of any actuated joint since then, A.
    public var peakCurrent: Double
    /// Steps since then that the supervisor changed.
    public var interventions: Int
    /// Mean speed along the track, m/s, for walking; `nil` for others.
    public var speed: Double?
    /// What `randomise:` drew, by name; empty without.
    public var world: [String: Double]

    /// A row.
    public init(
        policy: Int,
        kind: String,
        episode: Int,
        journalEpisode: Int,
        events: [InterferenceEvent],
        steps: Int,
        startError: Double?,
        finalError: Double?,
        totalReward: Double,
        succeeded: Bool,
        end: String,
        fault: Int?,
        score: Double,
        recoverySeconds: Double?,
        worstDeviation: Double?,
        peakCurrent: Double,
        interventions: Int,
        speed: Double?,
        world: [String: Double]
    ) {
        self.policy = policy
        self.kind = kind
        self.episode = episode
        self.journalEpisode = journalEpisode
        self.events = events
        self.steps = steps
        self.startError = startError
        self.finalError = finalError
        self.totalReward = totalReward
        self.succeeded = succeeded
        self.end = end
        self.fault = fault
        self.score = score
        self.recoverySeconds = recoverySeconds
        self.worstDeviation = worstDeviation
        self.peakCurrent = peakCurrent
        self.interventions = interventions
        self.speed = speed
        self.world = world
    }
}
