public import Robot

/// What is known of a robot at one tick, for people: numbers, no words.
@frozen public struct RobotPicture: Sendable, BitwiseCopyable {
    /// The tick's number.
    public var tick: UInt64
    /// The tick's time on the body's clock.
    public var time: MonotonicTime
    /// The newest that is known of every joint.
    public var body: BodyState
    /// The goal in force of every joint, `nil` without torque.
    public var goals: JointArray<Radians?>

    /// A picture.
    public init(
        tick: UInt64,
        time: MonotonicTime,
        body: BodyState,
        goals: JointArray<Radians?>
    ) {
        (self.tick, self.time, self.body, self.goals) = (tick, time, body, goals)
    }

    /// A picture of a robot nothing is known of.
    init(jointCount: Int) {
        self.init(
            tick: 0,
            time: MonotonicTime(nanoseconds: 0),
            body: BodyState(jointCount: jointCount),
            goals: JointArray(count: jointCount, repeating: nil)
        )
    }
}
