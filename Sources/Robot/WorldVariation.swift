/// How a simulated world differs from what its model and data sheets say.
///
/// One value describes all of it, so that a world is put back exactly by the nominal one.
public struct WorldVariation: Sendable, BitwiseCopyable {
    /// Factor on the mass of every body.
    public var massFactor = 1.0
    /// Factor on the rotational inertia of every body.
    public var inertiaFactor = 1.0
    /// Factor on the sliding friction of every contact.
    public var contactFriction = 1.0
    /// Factor on each joint's motor torque.
    public var motorStrength: JointArray<Double>
    /// Dry friction added to each joint, N·m.
    public var jointFriction: JointArray<NewtonMetres>
    /// Torque on each joint from outside, N·m; positive raises its angle.
    public var jointTorque: JointArray<NewtonMetres>
    /// Supply voltage of all motors; `nil` is each motor's nominal one.
    public var supply: Volts?
    /// How much later than written a goal takes effect.
    public var latency: Seconds = 0
    /// Joints and body angles read wrong by up to this much either way, evenly distributed.
    public var sensorNoise: Radians = 0
    /// Names the stream that the noise comes from.
    public var noiseSeed: UInt64 = 0
    /// Joints whose servos do not answer.
    public var silent = JointSet()
    /// A weight on the trunk of a robot that no joint holds, kg.
    public var payload = 0.0
    /// A force on that trunk's centre of mass in the world's axes, N.
    public var baseForce = SIMD3<Double>()
    /// Factor on all light that a simulated camera sees by.
    public var light = 1.0
    /// Where a hand is held before a simulated camera, metres to the right of the line of sight;
    /// `nil` for no hand.
    public var handBeside: Double?
    /// The ground under that robot; only for bodies that were made with changing ground.
    public var ground = Ground()

    /// The world as its model says, for a robot of `jointCount` joints.
    public init(jointCount: Int) {
        motorStrength = JointArray(count: jointCount, repeating: 1)
        jointFriction = JointArray(count: jointCount, repeating: 0)
        jointTorque = JointArray(count: jointCount, repeating: 0)
    }
}

/// A body whose world can be made to differ: a simulated one.
public protocol VariableBody: RobotBody {
    /// Makes the world as `variation` says from now on, whatever it was before.
    func vary(_ variation: WorldVariation)

    /// Switches a joint's servo off and on: its torque and registers are gone, and it does not
    /// answer for `seconds`.
    func restart(_ joint: Int, silentFor seconds: Seconds)

    /// Puts a robot that walks to the start of its track, as a person would; does nothing to others.
    func putBack()
}

/// A body that tells which servos restarted by themselves, so that they can be given torque again.
public protocol RearmableBody: RobotBody {
    /// The joints whose servos restarted since the last call; their fault is taken back from `state`
    /// and from the body.
    func takeRestarted(_ state: inout BodyState) -> JointSet
}

/// The ground a robot walks on: flat for the first 0.6 m either way, then as its kind says.
public struct Ground: Sendable, BitwiseCopyable, Hashable {
    /// What the ground is like beyond the start.
    @frozen public enum Kind: UInt8, Sendable, BitwiseCopyable, CaseIterable {
        /// Level everywhere.
        case flat
        /// Rising (or falling) along the track by an angle, rad.
        case slope
        /// Lower by a height, metres.
        case stepDown
        /// Strewn with blocks of up to a height, metres.
        case blocks
    }

    /// What the ground is like.
    public var kind = Kind.flat
    /// Its figure, as the kind says.
    public var amount = 0.0
    /// Names the blocks' places.
    public var seed: UInt64 = 0

    /// Level ground.
    public init() {}

    /// A kind of ground.
    public init(_ kind: Kind, _ amount: Double, seed: UInt64 = 0) {
        self.kind = kind
        self.amount = amount
        self.seed = seed
    }
}
