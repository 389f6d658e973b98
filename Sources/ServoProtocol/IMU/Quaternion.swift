import Glibc

/// A rotation, as a quaternion of length one with the scalar first (Hamilton's multiplication).
///
/// `a * b` turns by `b` first. `turned(_:)` takes a vector from the frame the rotation starts in to
/// the one it ends in.
public struct Quaternion: Sendable, Hashable, BitwiseCopyable {
    /// The scalar.
    public var w: Double
    /// The part along the x axis.
    public var x: Double
    /// The part along the y axis.
    public var y: Double
    /// The part along the z axis.
    public var z: Double

    /// No rotation.
    public static let identity = Quaternion(w: 1, x: 0, y: 0, z: 0)

    /// These four numbers, as they are.
    public init(w: Double, x: Double, y: Double, z: Double) {
        (self.w, self.x, self.y, self.z) = (w, x, y, z)
    }

    /// A right-handed turn by `angle` radians about an axis of length one.
    public init(angle: Double, axis: SIMD3<Double>) {
        let part = sin(angle / 2) * axis
        self.init(w: cos(angle / 2), x: part.x, y: part.y, z: part.z)
    }

    /// The turn by a vector's length in radians about the vector.
    public init(rotationVector vector: SIMD3<Double>) {
        let angle = (vector * vector).sum().squareRoot()
        // sin(a/2)/a goes to 1/2.
        let scale = angle < 1e-9 ? 0.5 : sin(angle / 2) / angle
        let part = scale * vector
        self.init(w: cos(angle / 2), x: part.x, y: part.y, z: part.z)
    }

    /// Roll about x, then pitch about y, then yaw about z, all about axes that stand still.
    ///
    /// The same as yaw, pitch, roll about axes that turn along (Euler 3-2-1).
    public init(roll: Double, pitch: Double, yaw: Double) {
        self =
            Quaternion(angle: yaw, axis: SIMD3(0, 0, 1))
            * Quaternion(angle: pitch, axis: SIMD3(0, 1, 0))
            * Quaternion(angle: roll, axis: SIMD3(1, 0, 0))
    }

    /// The turn by `b`, then by `a`.
    public static func * (a: Quaternion, b: Quaternion) -> Quaternion {
        Quaternion(
            w: a.w * b.w - a.x * b.x - a.y * b.y - a.z * b.z,
            x: a.w * b.x + a.x * b.w + a.y * b.z - a.z * b.y,
            y: a.w * b.y - a.x * b.z + a.y * b.w + a.z * b.x,
            z: a.w * b.z + a.x * b.y - a.y * b.x + a.z * b.w
        )
    }

    /// The turn back.
    public var inverse: Quaternion { Quaternion(w: w, x: -x, y: -y, z: -z) }

    /// The square of the length; 1 for a rotation.
    public var normSquared: Double { w * w + x * x + y * y + z * z }

    /// The same rotation with length one, `nil` if no rotation can be read from the numbers.
    ///
    /// Devices round their quaternions; a length that is off by more than 5 % is no rounding.
    public var normalised: Quaternion? {
        let length = normSquared.squareRoot()
        guard length > 0.95, length < 1.05 else { return nil }
        return Quaternion(w: w / length, x: x / length, y: y / length, z: z / length)
    }

    /// The vector after the turn.
    public func turned(_ vector: SIMD3<Double>) -> SIMD3<Double> {
        let pure = Quaternion(w: 0, x: vector.x, y: vector.y, z: vector.z)
        let out = self * pure * inverse
        return SIMD3(out.x, out.y, out.z)
    }

    /// Axis times angle of the turn, the short way round: at most pi long.
    public var rotationVector: SIMD3<Double> {
        let part = w < 0 ? SIMD3(-x, -y, -z) : SIMD3(x, y, z)
        let length = (part * part).sum().squareRoot()
        guard length > 1e-12 else { return 2 * part }
        return (2 * atan2(length, abs(w)) / length) * part
    }

    /// Angle about x in Euler 3-2-1, -pi to pi.
    public var roll: Double { atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)) }

    /// Angle about y in Euler 3-2-1, -pi/2 to pi/2.
    public var pitch: Double { asin(min(max(2 * (w * y - z * x), -1), 1)) }

    /// Angle about z in Euler 3-2-1, -pi to pi.
    public var yaw: Double { atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)) }
}
