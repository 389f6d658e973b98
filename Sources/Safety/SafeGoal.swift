public import Robot

/// Goal positions that passed the supervisor; the only thing a motor is ever sent.
///
/// It cannot be made outside this module, cannot be copied, and is used up by the write, so a goal
/// that skipped the supervisor, or a goal sent twice, does not compile.
public struct SafeGoal: ~Copyable, Sendable {
    /// The goal of each joint; `nil` for a joint whose torque is off.
    public let positions: JointArray<Radians?>
    /// The control tick it was judged in.
    public let tick: UInt64
    /// When it was judged, on the body's clock.
    public let time: MonotonicTime

    internal init(positions: JointArray<Radians?>, tick: UInt64, time: MonotonicTime) {
        self.positions = positions
        self.tick = tick
        self.time = time
    }
}

/// The supervisor's word that torque may be enabled on some joints now.
public struct TorquePermit: ~Copyable, Sendable {
    /// The joints it is for.
    public let joints: JointSet

    internal init(joints: JointSet) { self.joints = joints }
}
