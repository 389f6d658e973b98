internal import Glibc

/// How a walking robot's body lies in the world and how fast it turns, as its IMU says.
///
/// Angles are yaw, then pitch, then roll about the body's own axes, x forward, y left, z up. Yaw
/// drifts and is not for a policy to see.
@frozen public struct BaseSample: Sendable, BitwiseCopyable, Hashable {
    /// Turn about the forward axis; positive lowers the right side.
    public var roll: Radians
    /// Turn about the left axis; positive lowers the front.
    public var pitch: Radians
    /// Turn about the vertical; from wherever the IMU began to count.
    public var yaw: Radians
    /// Angular velocity about the body's forward axis.
    public var rollRate: RadiansPerSecond
    /// Angular velocity about the body's left axis.
    public var pitchRate: RadiansPerSecond
    /// Angular velocity about the body's upward axis.
    public var yawRate: RadiansPerSecond
    /// When it was measured.
    public var time: MonotonicTime

    /// The angle between the body's upward axis and the vertical.
    public var tilt: Radians { acos(max(-1, min(1, cos(roll) * cos(pitch)))) }

    /// A body as measured at `time`.
    @inlinable public init(
        roll: Radians,
        pitch: Radians,
        yaw: Radians,
        rollRate: RadiansPerSecond,
        pitchRate: RadiansPerSecond,
        yawRate: RadiansPerSecond,
        time: MonotonicTime
    ) {
        self.roll = roll
        self.pitch = pitch
        self.yaw = yaw
        self.rollRate = rollRate
        self.pitchRate = pitchRate
        self.yawRate = yawRate
        self.time = time
    }
}

/// Where a walking robot is on its track, as somebody outside of it says.
///
/// Motion capture, visual odometry, a simulation: the frame is the estimator's, z up.
@frozen public struct BasePlace: Sendable, BitwiseCopyable, Hashable {
    /// Metres along the frame's x.
    public var x: Double
    /// Metres along the frame's y.
    public var y: Double
    /// Metres above the ground; NaN if nobody says.
    public var height: Double
    /// Which way the body's forward axis points, from the frame's x.
    public var heading: Radians
    /// When it was measured.
    public var time: MonotonicTime

    /// A place as measured at `time`.
    @inlinable public init(
        x: Double,
        y: Double,
        height: Double,
        heading: Radians,
        time: MonotonicTime
    ) {
        self.x = x
        self.y = y
        self.height = height
        self.heading = heading
        self.time = time
    }
}
