public import Robot

/// An episode whose start has been reached.
public struct PreparedEpisode: Sendable {
    /// What was drawn.
    public let episode: TaskEpisode
    /// What the reset took.
    public let reset: ResetOutcome
    /// The world that was drawn for it; `nil` if worlds are not drawn.
    public let world: DrawnWorld?
}

/// Somebody beside the robot while it works: watches an episode tick by tick, and may interfere.
///
/// Called on the control thread; where time is real it must not wait.
public protocol EpisodeCompanion: AnyObject {
    /// Told when the first step is about to begin; the robot has been read.
    func episodeBegins(_ episode: TaskEpisode)

    /// Told in every tick, before its goals are judged; may change what is wanted of joints that
    /// the policy does not move.
    ///
    /// - Parameter ticks: ticks since the first step began.
    func tick(_ ticks: Int, wanted: inout JointArray<Radians?>) throws(ControlStop)

    /// Told at the end of every step.
    func stepEnded(_ step: StepView)
}

/// What a companion is told of a step.
public struct StepView: Sendable {
    /// Steps taken, this one included.
    public var steps: Int
    /// The error that success is judged by, `nil` if it was not read.
    public var error: Double?
    /// The target: an angle, or the wanted speed; `nil` for poses.
    public var goal: Double?
    /// Metres a second along a walk's track in this step; `nil` for other tasks.
    public var speed: Double?
    /// Whether the supervisor changed the step's action.
    public var limited: Bool

    /// A step.
    public init(steps: Int, error: Double?, goal: Double?, speed: Double?, limited: Bool) {
        self.steps = steps
        self.error = error
        self.goal = goal
        self.speed = speed
        self.limited = limited
    }
}
