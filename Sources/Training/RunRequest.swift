public import Control
public import Journal
public import Learning
public import Robot

/// What a run is opened with.
public struct RunRequest: Sendable {
    /// The folder of all runs.
    public var root: String
    /// Who the run is.
    public var identity: RunIdentity
    /// Begin a new run even if there is one to go on with.
    public var fresh = false
    /// A run whose networks a new run starts from.
    public var from: RunFolder?
    /// Whether `from`'s transitions come along too.
    public var withReplay = false
    /// Frames in an observation, which replay stores one by one.
    public var historyFrames = 1
    /// A run whose transitions fill a share of each batch.
    public var prior: RunFolder?
    /// Whether transitions after the last checkpoint are dropped, to be computed again.
    public var isLockstep = false
    /// Whether policies are tried out, so that a lock-step run goes on with its best one.
    public var triesPolicies = false
    /// Bytes the run may take on the disk; `nil` for no bound.
    public var diskQuota: Int?
    /// The learner.
    public var settings: LearnerSettings
    /// Which action replay keeps.
    public var replayAction: ReplayAction
    /// Sizes of observation and action.
    public var layout: TransitionLayout
    /// What policy files say about themselves.
    public var provenance: PolicyProvenance
    /// Bytes of the robot file, copied into the run.
    public var robotFile: [UInt8]
    /// Bytes of the calibration file, copied into the run.
    public var calibrationFile: [UInt8]?

    /// A request to go on with the identity's run, or to begin it.
    public init(
        root: String,
        identity: RunIdentity,
        settings: LearnerSettings,
        replayAction: ReplayAction,
        layout: TransitionLayout,
        provenance: PolicyProvenance,
        robotFile: [UInt8],
        calibrationFile: [UInt8]?
    ) {
        self.root = root
        self.identity = identity
        self.settings = settings
        self.replayAction = replayAction
        self.layout = layout
        self.provenance = provenance
        self.robotFile = robotFile
        self.calibrationFile = calibrationFile
    }
}

/// Why a run could not be opened.
public enum OpenRunError: Error, Sendable, CustomStringConvertible {
    /// The journal refused.
    case journal(JournalError)
    /// The checkpoint does not fit the learner.
    case checkpoint(path: String, LearningError)
    /// The world of a lock-step checkpoint does not fit the robot as it is now.
    case world(path: String, WorldProblem)
    /// The run to start from learnt something of another shape.
    case sourceDoesNotFit(path: String, LearningError)
    /// The run to start from has no usable checkpoint.
    case nothingToStartFrom(path: String)

    /// What happened and what to do, for a person.
    public var description: String {
        switch self {
        case .journal(let error): error.description
        case .checkpoint(let path, let error):
            "\(path): \(error); start a run of your own with --fresh"
        case .world(let path, let problem):
            "\(path): the world in its checkpoint is not this robot's: \(problem); go on without "
                + "--lockstep, or start a run of your own with --fresh"
        case .sourceDoesNotFit(let path, let error):
            "cannot start from \(path): \(error); choose a run of the same robot and task"
        case .nothingToStartFrom(let path):
            "\(path) has no usable checkpoint to start from; train it for a minute first"
        }
    }
}
