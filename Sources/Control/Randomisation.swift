public import Learning
public import Robot

/// From what ranges every episode's world is drawn; the robot file's `randomise:`.
///
/// Each is drawn evenly from its range; `nil` stays as the model says. On a real robot only the
/// start pose can be drawn.
public struct Randomisation: Sendable, Hashable {
    /// Factor on all masses.
    public var mass: ClosedRange<Double>?
    /// Factor on all rotational inertias.
    public var inertia: ClosedRange<Double>?
    /// Factor on the sliding friction of contacts.
    public var contactFriction: ClosedRange<Double>?
    /// Dry friction added to each joint, drawn for each, N·m.
    public var jointFriction: ClosedRange<NewtonMetres>?
    /// Factor on motor torque, drawn for each joint.
    public var motorStrength: ClosedRange<Double>?
    /// Supply voltage of all motors.
    public var supply: ClosedRange<Volts>?
    /// How much later goals take effect.
    public var latency: ClosedRange<Seconds>?
    /// Amplitude of the noise on positions and body angles.
    public var sensorNoise: ClosedRange<Radians>?
    /// What is added to the reset pose, drawn for each actuated joint.
    public var startPose: ClosedRange<Radians>?

    /// Nothing is drawn.
    public init() {}

    /// The world of the episode whose draws come from `stream`, which stays as it is.
    ///
    /// The same episode has the same world whatever ran before it.
    public func world(of stream: RandomSource, robot: RobotDescription) -> DrawnWorld {
        var random = RandomSource(seed: stream.words[0] &+ stream.words[3], name: "world")
        var drawn = DrawnWorld(jointCount: robot.joints.count)
        drawn.variation.noiseSeed = random.next()
        drawn.draw("mass", mass, \.massFactor, &random)
        drawn.draw("inertia", inertia, \.inertiaFactor, &random)
        drawn.draw("contact_friction", contactFriction, \.contactFriction, &random)
        drawn.draw("latency", latency, \.latency, &random)
        drawn.draw("sensor_noise", sensorNoise, \.sensorNoise, &random)
        if let supply {
            let volts = random.uniform(in: supply)
            drawn.variation.supply = volts
            drawn.figures["supply"] = volts
        }
        for (index, joint) in robot.joints.enumerated() {
            drawJoint(index, joint, &random, &drawn)
        }
        return drawn
    }

    /// The same number of draws for every joint, so that one range does not shift another's.
    private func drawJoint(
        _ index: Int,
        _ joint: Joint,
        _ random: inout RandomSource,
        _ drawn: inout DrawnWorld
    ) {
        let (friction, strength, pose) = (random.uniform(), random.uniform(), random.uniform())
        if let jointFriction {
            let torque = jointFriction.point(friction)
            drawn.variation.jointFriction[index] = torque
            drawn.figures["joint_friction.\(joint.name)"] = torque
        }
        guard joint.role == .actuated else { return }
        if let motorStrength {
            let factor = motorStrength.point(strength)
            drawn.variation.motorStrength[index] = factor
            drawn.figures["motor_strength.\(joint.name)"] = factor
        }
        if let startPose {
            let offset = startPose.point(pose)
            drawn.poseOffsets[index] = offset
            drawn.figures["start_pose.\(joint.name)"] = offset
        }
    }
}

/// What was drawn for an episode's world.
public struct DrawnWorld: Sendable {
    /// How the simulated world differs.
    public var variation: WorldVariation
    /// What is added to the reset pose, rad.
    public var poseOffsets: JointArray<Radians>
    /// The same as figures by name, for the record; SI units.
    public var figures: [String: Double] = [:]

    init(jointCount: Int) {
        variation = WorldVariation(jointCount: jointCount)
        poseOffsets = JointArray(count: jointCount, repeating: 0)
    }

    fileprivate mutating func draw(
        _ name: String,
        _ range: ClosedRange<Double>?,
        _ place: WritableKeyPath<WorldVariation, Double>,
        _ random: inout RandomSource
    ) {
        let share = random.uniform()
        guard let range else { return }
        variation[keyPath: place] = range.point(share)
        figures[name] = range.point(share)
    }
}

extension ClosedRange<Double> {
    /// The point at a share of the range, 0 to 1.
    fileprivate func point(_ share: Double) -> Double {
        Swift.min(lowerBound + share * (upperBound - lowerBound), upperBound)
    }
}
