public import Robot

/// What the robot is asked to do in an episode; read from the robot file's `tasks:`.
public struct TaskSettings: Sendable, Hashable {
    /// The task's name in the file.
    public var name: String
    /// Control ticks in one policy step.
    public var ticksPerStep: Int
    /// Policy steps in one episode; then it is truncated.
    public var stepCount: Int
    /// What is to be reached, and from where.
    public var goal: TaskGoal
    /// What the policy sees, in this order.
    public var observation: [ObservationTerm]
    /// How many frames the policy sees: 1 is the present only.
    public var historyFrames: Int
    /// What the reward is the sum of.
    public var rewards: [RewardTerm]
    /// An error below this is success.
    public var successTolerance: Radians
    /// How many of the last steps must be successes for the episode to count as held.
    public var heldSteps: Int
    /// What an action means.
    public var actionKind: ActionKind
    /// What the actions of a walking task move; `nil` for others.
    public var legRanges: LegRanges?
    /// Which action replay keeps.
    public var replayAction: ReplayAction
    /// Where the low-pass over the actions cuts off; `nil` is without one.
    public var actionCutoffHertz: Double?
    /// The camera the policy looks through, by index in `RobotDescription.cameras`; `nil` for none.
    public var camera: Int?

    /// A task.
    public init(
        name: String,
        ticksPerStep: Int,
        stepCount: Int,
        goal: TaskGoal,
        observation: [ObservationTerm],
        historyFrames: Int,
        rewards: [RewardTerm],
        successTolerance: Radians,
        heldSteps: Int,
        actionKind: ActionKind = .absolute,
        replayAction: ReplayAction
    ) {
        self.name = name
        self.ticksPerStep = ticksPerStep
        self.stepCount = stepCount
        self.goal = goal
        self.observation = observation
        self.historyFrames = historyFrames
        self.rewards = rewards
        self.successTolerance = successTolerance
        self.heldSteps = heldSteps
        self.actionKind = actionKind
        self.replayAction = replayAction
    }
}

/// What a task measures its error against.
public enum TaskGoal: Sendable, Hashable {
    /// Turn the object to an angle. Ranges are drawn from uniformly at every episode's start.
    case objectAngle(ObjectAngleGoal)
    /// Bring the actuated joints to a pose, drawn uniformly from a range a joint.
    case pose([ClosedRange<Radians>])
    /// Walk straight on.
    case walk(WalkGoal)

    /// The unit of the task's error: an angle's, or for walking what is missing of the speed.
    public var errorUnit: String {
        if case .walk = self { return "m/s" }
        return "rad"
    }
}

/// How fast to walk, and when it is over.
public struct WalkGoal: Sendable, Hashable {
    /// The mean speed along the heading at the start that counts as success, m/s.
    public var speed: Double
    /// The body's tilt from upright beyond which it has fallen: the end of the episode.
    public var fallTilt: Radians
    /// How far along its track the robot may be at an episode's start, metres.
    public var track: Double

    /// A walk.
    public init(speed: Double, fallTilt: Radians, track: Double) {
        self.speed = speed
        self.fallTilt = fallTilt
        self.track = track
    }
}

/// Where the object starts and where it is to go.
public struct ObjectAngleGoal: Sendable, Hashable {
    /// The object's angle at the start.
    public var start: ClosedRange<Radians>
    /// Whether `start` counts from the target instead of from zero.
    public var startIsRelative: Bool
    /// The target's angle at the start.
    public var target: ClosedRange<Radians>
    /// The target's velocity (0 for turning, not for screwing).
    public var targetVelocity: ClosedRange<RadiansPerSecond>

    /// A goal for the object's angle.
    public init(
        start: ClosedRange<Radians>,
        startIsRelative: Bool,
        target: ClosedRange<Radians>,
        targetVelocity: ClosedRange<RadiansPerSecond>
    ) {
        self.start = start
        self.startIsRelative = startIsRelative
        self.target = target
        self.targetVelocity = targetVelocity
    }
}

/// One part of what the policy sees.
public enum ObservationTerm: String, Sendable, Hashable, CaseIterable {
    /// Position of each actuated joint, rad.
    case jointPositions = "joint_positions"
    /// Velocity of each actuated joint, rad/s.
    case jointVelocities = "joint_velocities"
    /// Cosine and sine of the object's angle.
    case objectDirection = "object_direction"
    /// The object's velocity, rad/s.
    case objectVelocity = "object_velocity"
    /// The goal in force of each actuated joint, its limits mapped to [-1, 1].
    case lastAction = "last_action"
    /// Target minus object wrapped to ±pi, or target minus position for each joint of a pose task.
    case targetError = "target_error"
    /// Cosine and sine of the target's angle.
    case targetDirection = "target_direction"
    /// Roll and pitch of the body, rad; never its yaw, which drifts.
    case baseTilt = "base_tilt"
    /// Angular velocity about the body's forward and left axes, rad/s.
    case baseRates = "base_rates"
}

/// One summand of the reward.
public struct RewardTerm: Sendable, Hashable {
    /// What is measured; the weight's sign says whether it is wanted.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// Size of the task's error in rad (Euclidean over joints for a pose).
        case targetError = "target_error"
        /// 1 while the task's error is below the threshold, else 0.
        case targetWithin = "target_within"
        /// Euclidean distance of the actuated joints from the reset pose, rad.
        case resetPoseDistance = "reset_pose_distance"
        /// Euclidean norm of the joint velocities that are at least the threshold, rad/s.
        case fastJoints = "fast_joints"
        /// Euclidean distance between this step's action and the one before.
        case actionChange = "action_change"
        /// Euclidean norm of the second difference of the last three actions.
        case actionAcceleration = "action_acceleration"
        /// Speed along the heading at the episode's start, m/s, at most the threshold.
        case forwardSpeed = "forward_speed"
        /// Size of the body's pitch, rad.
        case basePitch = "base_pitch"
        /// By how much the named legs point back under the body beyond the threshold, rad, summed.
        case legsUnderBody = "legs_under_body"
    }

    /// What is measured.
    public var kind: Kind
    /// Its factor.
    public var weight: Double
    /// The kind's threshold in its own unit; unused by kinds without one.
    public var threshold: Double
    /// The legs that are meant, by index in `RobotDescription.legs`; only for `legsUnderBody`.
    public var legs: [Int]

    /// A summand.
    public init(kind: Kind, weight: Double, threshold: Double = 0, legs: [Int] = []) {
        self.kind = kind
        self.weight = weight
        self.threshold = threshold
        self.legs = legs
    }
}

/// What a number in [-1, 1] asks of a joint.
public enum ActionKind: String, Sendable, Hashable, CaseIterable {
    /// A position: -1 and 1 are the ends of the joint's limits. Goals further away than the joint's
    /// goal velocity allows in one step are not reached in it.
    case absolute
    /// A change of the goal: -1 and 1 are the furthest the goal velocity allows in one step.
    case relative
    /// Two numbers a leg, swing and extension, over the task's ranges.
    case legs
}

/// What -1 and 1 mean for a leg.
public struct LegRanges: Sendable, Hashable {
    /// Swing, positive with the foot to the front.
    public var swing: ClosedRange<Radians>
    /// Extension: 0 is folded, pi is stretched.
    public var `extension`: ClosedRange<Radians>

    /// Ranges of every leg.
    public init(swing: ClosedRange<Radians>, extension: ClosedRange<Radians>) {
        self.swing = swing
        self.extension = `extension`
    }
}

/// Which action a stored transition carries.
public enum ReplayAction: String, Sendable, Hashable, CaseIterable {
    /// The goal in force at the end of the step, mapped back to [-1, 1].
    case applied
    /// What the policy asked for.
    case proposed
}
