public import Foundation

/// Everything an evaluation with interference found: what `--json` prints, `evaluation.json` holds
/// and the report is made from.
///
/// Keys are the properties' names in snake case. docs/interference.md documents each; additions
/// keep the version, a change of meaning raises it.
public struct EvaluationDocument: Sendable, Codable, Hashable {
    /// What the file says it is.
    public static let formatName = "sacbot.evaluation"
    /// The newest version of the format.
    public static let currentVersion = 1

    /// `sacbot.evaluation`.
    public var format = Self.formatName
    /// The format's version.
    public var version = Self.currentVersion
    /// The conditions.
    public var setting: EvaluationSetting
    /// The policies, in the order they were named.
    public var policies: [EvaluatedPolicy]
    /// One row a policy and kind; a policy's first row is `none`, without interference.
    public var results: [KindResult]
    /// One row a policy, over all kinds together.
    public var overall: [OverallResult]
    /// One row an episode.
    public var episodes: [EpisodeRow]
    /// Chosen episodes sample by sample.
    public var rollouts: [Rollout]
    /// What was planned; `--schedule` takes this file, too.
    public var schedule: InterferenceSchedule
    /// Why it ended early; `nil` if it did not.
    public var problem: String?

    /// A document of what is known.
    public init(
        setting: EvaluationSetting,
        policies: [EvaluatedPolicy],
        results: [KindResult],
        overall: [OverallResult],
        episodes: [EpisodeRow],
        rollouts: [Rollout],
        schedule: InterferenceSchedule,
        problem: String?
    ) {
        self.setting = setting
        self.policies = policies
        self.results = results
        self.overall = overall
        self.episodes = episodes
        self.rollouts = rollouts
        self.schedule = schedule
        self.problem = problem
    }

    /// The word for episodes without interference, where a kind's name is expected.
    public static let without = "none"

    /// The document as JSON, keys sorted.
    public func json() throws -> Data {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.sortedKeys]
        return try encoder.encode(self)
    }

    /// Reads a document.
    public init(json: Data) throws {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        self = try decoder.decode(EvaluationDocument.self, from: json)
    }
}

/// Under which conditions an evaluation ran.
public struct EvaluationSetting: Sendable, Codable, Hashable {
    /// The robot's name.
    public var robot: String
    /// The task's name.
    public var task: String
    /// simulation, emulator or hardware.
    public var backend: String
    /// Hash of the robot file.
    public var robotHash: String
    /// Hash of the calibration file, `none` without one.
    public var calibrationHash: String
    /// The program's version.
    public var programVersion: String
    /// When it began, ISO 8601 UTC; empty if nobody said.
    public var started: String
    /// The seed of starts and interference.
    public var seed: UInt64
    /// Episodes of each policy and kind.
    public var episodesPerKind: Int
    /// Seconds of a policy step.
    public var stepSeconds: Double
    /// Steps of a whole episode.
    public var stepCount: Int
    /// An error below this is success.
    public var successBelow: Double
    /// The error's unit: `rad`, or `m/s` for walking.
    public var errorUnit: String
    /// `object_angle`, `pose` or `walk`.
    public var goal: String
    /// What `worst_deviation` is: `error` (of the task) or `tilt` (of the trunk, rad).
    public var deviation: String
    /// How many of the last steps must be successes for the episode to count.
    public var heldSteps: Int
    /// The actuated joints, in the order of `Rollout.jointPositions`.
    public var joints: [String]
    /// Whether the world was drawn anew for every episode by the robot file's `randomise:`.
    public var isRandomised: Bool
    /// How often samples were drawn for an interval.
    public var bootstrapSamples: Int

    /// Conditions of an evaluation.
    public init(
        robot: String,
        task: String,
        backend: String,
        robotHash: String,
        calibrationHash: String,
        programVersion: String,
        started: String,
        seed: UInt64,
        episodesPerKind: Int,
        stepSeconds: Double,
        stepCount: Int,
        successBelow: Double,
        errorUnit: String,
        goal: String,
        deviation: String,
        heldSteps: Int,
        joints: [String],
        isRandomised: Bool,
        bootstrapSamples: Int
    ) {
        self.robot = robot
        self.task = task
        self.backend = backend
        self.robotHash = robotHash
        self.calibrationHash = calibrationHash
        self.programVersion = programVersion
        self.started = started
        self.seed = seed
        self.episodesPerKind = episodesPerKind
        self.stepSeconds = stepSeconds
        self.stepCount = stepCount
        self.successBelow = successBelow
        self.errorUnit = errorUnit
        self.goal = goal
        self.deviation = deviation
        self.heldSteps = heldSteps
        self.joints = joints
        self.isRandomised = isRandomised
        self.bootstrapSamples = bootstrapSamples
    }
}

/// A policy that was evaluated.
public struct EvaluatedPolicy: Sendable, Codable, Hashable {
    /// What it is called in tables: as it was named, shortened.
    public var name: String
    /// Its file.
    public var path: String
    /// What its file says of it: profile, seed, transitions, hashes.
    public var notes: [String: String]

    /// A policy.
    public init(name: String, path: String, notes: [String: String]) {
        self.name = name
        self.path = path
        self.notes = notes
    }
}
