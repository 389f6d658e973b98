/// What one joint's servo said, and when.
@frozen public struct JointSample: Sendable, BitwiseCopyable {
    /// Joint angle after calibration.
    public var position: Radians
    /// Joint velocity.
    public var velocity: RadiansPerSecond
    /// Motor current, signed in the joint's direction.
    public var current: Amperes
    /// When the reply was complete.
    public var time: MonotonicTime

    /// A sample as read at `time`.
    @inlinable public init(
        position: Radians,
        velocity: RadiansPerSecond,
        current: Amperes,
        time: MonotonicTime
    ) {
        self.position = position
        self.velocity = velocity
        self.current = current
        self.time = time
    }
}

/// What a servo says of its own condition; read now and then, not every tick.
@frozen public struct JointHealth: Sendable, BitwiseCopyable {
    /// Temperature inside the servo.
    public var temperature: Celsius
    /// Supply voltage at the servo.
    public var inputVoltage: Volts
    /// Hardware error bits or fault number as the controller's manual has them; 0 is healthy.
    public var hardwareError: UInt32
    /// When it was read.
    public var time: MonotonicTime

    /// A report as read at `time`.
    public init(
        temperature: Celsius,
        inputVoltage: Volts,
        hardwareError: UInt32,
        time: MonotonicTime
    ) {
        self.temperature = temperature
        self.inputVoltage = inputVoltage
        self.hardwareError = hardwareError
        self.time = time
    }
}

/// The newest that is known of every joint.
///
/// A joint that never answered has no sample: it is `nil`, never zero. A joint that stopped
/// answering keeps its last sample with that sample's own time, so that whoever uses it sees how
/// old it is.
@frozen public struct BodyState: Sendable, BitwiseCopyable {
    /// The newest sample of each joint, `nil` if it was never read.
    public var samples: JointArray<JointSample?>
    /// The newest health report of each joint.
    public var health: JointArray<JointHealth?>
    /// The newest of the robot's body, `nil` without an IMU or if its last sample is too old.
    public var base: BaseSample?
    /// Where the robot is, `nil` if nobody says so or what was said is too old.
    public var place: BasePlace?
    /// Joints whose servo has torque on, as last verified.
    public var torqueEnabled: JointSet
    /// Set when the whole body is lost (port gone, simulation broken); never cleared by reading.
    public var fault: FaultCode?

    /// A state in which nothing has been read yet.
    public init(jointCount: Int) {
        samples = JointArray(count: jointCount, repeating: nil)
        health = JointArray(count: jointCount, repeating: nil)
        base = nil
        place = nil
        torqueEnabled = JointSet()
        fault = nil
    }
}
