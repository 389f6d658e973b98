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
    /// The program's version.
    public var programVersion: String

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
        self.programVersion = programVersion
    }

    /// Where a checkpoint keeps the updates its networks had before its run began.
    static let updatesBeforeKey = "sacbot.updates_before"
    /// Where a policy or checkpoint says how many transitions its run had.
    static let transitionsKey = "sacbot.transitions"

    /// The metadata block of a policy or checkpoint file.
    public func metadata(
        updates: Int,
        updatesBefore: Int,
        transitions: Int
    ) -> [String: String] {
        [
            "sacbot.robot": robot, "sacbot.task": task, "sacbot.backend": backend,
            "sacbot.profile": profile, "sacbot.robot_hash": robotHash,
            "sacbot.calibration_hash": calibrationHash, "sacbot.observation": observationLayout,
            "sacbot.action": actionLayout, "sacbot.version": programVersion,
            "sacbot.updates": String(updates), Self.updatesBeforeKey: String(updatesBefore),
            Self.transitionsKey: String(transitions),
        ]
    }
}
