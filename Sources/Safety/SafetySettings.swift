public import Robot

/// How long trouble may last before the robot stops, and what the robot as a whole may draw.
public struct SafetySettings: Sendable, Hashable {
    /// The oldest a joint's sample may be, in ticks.
    public var staleTicks: Int
    /// Ticks in a row with a measured speed above the trip velocity.
    public var overspeedTicks: Int
    /// Ticks in a row with a current above the joint's limit.
    public var overcurrentTicks: Int
    /// Ticks in a row that the loop may miss.
    public var lateTicks: Int
    /// The longest an ordered stop may take, in seconds.
    public var stopSeconds: Double
    /// What to do when the robot was lost (a cable, a servo that restarted) and stopped.
    public var afterOutage: AfterOutage
    /// How long a supply voltage may be out of range, in seconds.
    public var voltageSeconds: Double = 1
    /// How long a joint may draw exactly its `current` before its heat (I²t) stops the robot, in
    /// seconds; below `continuousCurrent` for ever.
    public var heatSeconds: Double = 10
    /// How long a joint's goal may be held at the edge of its following-error window, in seconds.
    public var followingSeconds: Double = 30
    /// The time over which the mean goal velocity is taken, in seconds.
    public var meanVelocitySeconds: Double = 1
    /// How long power may be above its limit, in seconds.
    public var powerSeconds: Double = 0.5
    /// What all joints together may draw, current times supply voltage.
    public var power: Watts = .infinity
    /// How long a joint may be held back without a break, in seconds.
    public var heldBackSeconds: Double = .infinity
    /// How long a servo may be gone within an episode and be given torque again when it is back, in
    /// seconds; 0 is never: then a restart stops the robot.
    public var rearmSeconds: Double = 0

    /// How the robot's body may lie and how high, for robots that walk.
    public var base: BaseLimits?
    /// How old what is said of the robot's place may be, in seconds; `nil` if no rule watches it.
    public var placeStaleSeconds: Double?

    /// Limits as used unless the robot file says otherwise.
    public init(
        staleTicks: Int = 5,
        overspeedTicks: Int = 3,
        overcurrentTicks: Int = 50,
        lateTicks: Int = 20,
        stopSeconds: Double = 3,
        afterOutage: AfterOutage = .wait
    ) {
        self.staleTicks = staleTicks
        self.overspeedTicks = overspeedTicks
        self.overcurrentTicks = overcurrentTicks
        self.lateTicks = lateTicks
        self.stopSeconds = stopSeconds
        self.afterOutage = afterOutage
    }
}

/// What to do when the robot was lost and stopped.
public enum AfterOutage: String, Sendable, CaseIterable {
    /// Wait until it is back and a person says go on.
    case wait
    /// End the program.
    case stop
}
