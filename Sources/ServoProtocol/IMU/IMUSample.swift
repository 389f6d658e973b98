/// What an inertial measurement unit says at one moment, whatever its make.
///
/// One convention for all devices. The sensor's frame is right-handed with x forward, y left and z
/// up as the board lies flat. The world is right-handed with z up; where the device knows north, x
/// is east and y is north, and otherwise x is wherever the device faced when it was switched on.
/// Yaw of devices without a magnetometer drifts, and one near motors lies: what depends on yaw is
/// the user's to judge. Roll and pitch are held by gravity.
public struct IMUSample: Sendable, Hashable, BitwiseCopyable {
    /// Takes vectors of the sensor's frame to the world's.
    public var orientation: Quaternion
    /// Radians per second in the sensor's frame, `nil` if the device gives none.
    public var angularRate: SIMD3<Double>?
    /// Whether the rate is made of differences of the orientation.
    ///
    /// It then has the orientation's steps in it: 0.01 degrees in 10 ms are 0.017 rad/s.
    public var isDifferentiated: Bool
    /// What the accelerometer feels, in metres per second squared in the sensor's frame.
    ///
    /// Gravity is in it: a level sensor at rest reads (0, 0, +9.81). `nil` if the device gives none.
    public var acceleration: SIMD3<Double>?
    /// When the sample's last byte was taken from the port, in nanoseconds of the host's clock.
    public var time: Int64
    /// When the device measured it, in nanoseconds since the device started; `nil` if it does not
    /// say.
    public var deviceTime: Int64?

    /// A sample.
    public init(
        orientation: Quaternion,
        angularRate: SIMD3<Double>? = nil,
        isDifferentiated: Bool = false,
        acceleration: SIMD3<Double>? = nil,
        time: Int64,
        deviceTime: Int64? = nil
    ) {
        self.orientation = orientation
        self.angularRate = angularRate
        self.isDifferentiated = isDifferentiated
        self.acceleration = acceleration
        self.time = time
        self.deviceTime = deviceTime
    }

    /// The same sample as seen from the body the sensor is mounted on.
    ///
    /// `mounting` takes vectors of the sensor's frame to the body's.
    public func seen(through mounting: Quaternion) -> IMUSample {
        var sample = self
        sample.orientation = orientation * mounting.inverse
        sample.angularRate = angularRate.map(mounting.turned)
        sample.acceleration = acceleration.map(mounting.turned)
        return sample
    }

    /// Whether every number is one.
    var isFinite: Bool {
        func isFinite(_ vector: SIMD3<Double>?) -> Bool {
            guard let vector else { return true }
            return vector.x.isFinite && vector.y.isFinite && vector.z.isFinite
        }
        return orientation.normSquared.isFinite && isFinite(angularRate) && isFinite(acceleration)
    }
}

/// Standard gravity, metres per second squared (exact, CGPM 1901).
public let standardGravity = 9.80665
