/// How the wait for a tick went.
@frozen public struct TickTiming: Sendable, BitwiseCopyable {
    /// When the tick began on the body's clock.
    public var start: MonotonicTime
    /// Ticks that could not be kept since the last one and are skipped, not caught up.
    public var skippedTicks: Int
    /// How long after the time it was due the tick began, skipped ticks included, nanoseconds; 0 on
    /// a clock that waits.
    public var latenessNanoseconds: Int64

    /// A tick that began at `start`.
    @inlinable public init(
        start: MonotonicTime,
        skippedTicks: Int,
        latenessNanoseconds: Int64 = 0
    ) {
        self.start = start
        self.skippedTicks = skippedTicks
        self.latenessNanoseconds = latenessNanoseconds
    }
}

/// A robot that can be read: the real one, the simulated one, or servos on a pty.
///
/// Reading needs no permission; writing needs a `SafeGoal` and is declared in `Safety`. A body is
/// used by one thread at a time.
public protocol RobotBody: AnyObject, SendableMetatype {
    /// The number of joints, actuated ones and objects.
    var jointCount: Int { get }

    /// The body's clock: monotonic time on hardware, simulated time in simulation.
    func now() -> MonotonicTime

    /// Returns at the next tick: sleeps on hardware, steps the physics in simulation.
    func waitForTick() -> TickTiming

    /// Brings `state` up to date with what the servos answer, within a bounded time.
    ///
    /// Joints that do not answer keep their last sample and its time. A body that is lost sets
    /// `state.fault`.
    func read(into state: inout BodyState)
}
