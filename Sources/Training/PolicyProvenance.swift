import Learning

/// What a policy file says about where it comes from and how its numbers are meant.
public struct PolicyProvenance: Sendable, Hashable {
    /// The robot's name.
    public var robot: String
    /// The task's name.
    public var task: String
    /// Where it was learnt: simulation, emulator or hardware.
    public var backend: String
    /// The learner's profile.
    public var profile: String
    /// Hash of the robot file.
    public var robotHash: String
    /// Hash of the calibration file, `none` without one.
    public var calibrationHash: String
    /// The observation's layout, one term a line with its size.
    public var observationLayout: String
    /// The action's layout: joint names with the range that -1 and 1 stand for, in rad.
    public var actionLayout: String
    /// Every number of the observation; `nil` if only the layout is known.
    public var observation: ObservationNotes?
    /// What each number of the action means; `nil` if only the layout is known.
    public var action: ActionNotes?
    /// The program's version.
    public var programVersion: String
    /// The seed the run began with; `nil` before it is open.
    public var seed: UInt64?
    /// The run whose networks this one began with; `nil` if it began with its own.
    public var startedFrom: String?

    /// The provenance of a policy.
    public init(
        robot: String,
        task: String,
        backend: String,
        profile: String,
        robotHash: String,
        calibrationHash: String,
        observationLayout: String,
        actionLayout: String,
        observation: ObservationNotes? = nil,
        action: ActionNotes? = nil,
        programVersion: String
    ) {
        self.robot = robot
        self.task = task
        self.backend = backend
        self.profile = profile
        self.robotHash = robotHash
        self.calibrationHash = calibrationHash
        self.observationLayout = observationLayout
        self.actionLayout = actionLayout
        self.observation = observation
        self.action = action
        self.programVersion = programVersion
    }

    /// Where a checkpoint keeps the updates its networks had before its run began.
    static let updatesBeforeKey = "sacbot.updates_before"
    /// Where a policy or checkpoint says which run its networks began with.
    static let startedFromKey = "sacbot.started_from"
    /// Where a policy or checkpoint says how many transitions its run had.
    static let transitionsKey = "sacbot.transitions"

    /// The metadata block of a policy or checkpoint file.
    ///
    /// - Parameter hasNormaliser: whether the policy normalises observations itself; `nil` for a
    ///   checkpoint.
    public func metadata(
        updates: Int,
        updatesBefore: Int,
        transitions: Int,
        hasNormaliser: Bool? = nil
    ) -> [String: String] {
        var notes = [
            "sacbot.robot": robot, "sacbot.task": task, "sacbot.backend": backend,
            "sacbot.profile": profile, "sacbot.robot_hash": robotHash,
            "sacbot.calibration_hash": calibrationHash, "sacbot.observation": observationLayout,
            "sacbot.action": actionLayout, "sacbot.version": programVersion,
            "sacbot.updates": String(updates), Self.updatesBeforeKey: String(updatesBefore),
            Self.transitionsKey: String(transitions),
        ]
        notes["sacbot.seed"] = seed.map { String($0) }
        notes[Self.startedFromKey] = startedFrom
        notes["sacbot.normaliser"] = hasNormaliser.map { $0 ? "in the policy" : "none" }
        for more in [observation?.metadata, action?.metadata].compactMap({ $0 }) {
            notes.merge(more) { old, _ in old }
        }
        return notes
    }
}
