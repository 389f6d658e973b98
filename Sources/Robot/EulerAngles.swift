internal import Glibc

/// A turn as yaw, then pitch, then roll about the body's own axes z, y, x.
public struct EulerAngles: Sendable, Hashable, BitwiseCopyable {
    /// About x, in -pi...pi.
    public var roll: Radians
    /// About y, in -pi/2...pi/2.
    public var pitch: Radians
    /// About z, in -pi...pi.
    public var yaw: Radians

    /// The angles of a unit quaternion, scalar first, that turns the body's axes into the world's.
    ///
    /// At a pitch of 90 degrees roll and yaw turn about the same axis; which share is whose is then
    /// arbitrary.
    public init(quaternion q: SIMD4<Double>) {
        let (w, x, y, z) = (q.x, q.y, q.z, q.w)
        roll = atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y))
        pitch = asin(max(-1, min(1, 2 * (w * y - z * x))))
        yaw = atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z))
    }
}
