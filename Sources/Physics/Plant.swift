public import Robot

/// A robot's mechanics and motors: what its servos would feel, do and measure.
///
/// Commands and measurements are in the units of the servos' registers, so that the simulated body
/// and the emulated servos stand on the same figures. Not for use by two threads at a time. The
/// same calls in the same order give the same numbers, bit for bit. `command`, `advance` and
/// `measure` allocate nothing.
public final class Plant {
    /// The servos' joints, in the order of their indices.
    public let joints: [PlantJoint]
    /// How goals become torque.
    public let servoModel: ServoModel
    /// Physics steps since the last reset.
    public private(set) var stepCount: UInt64 = 0
    /// Set when a number in the physics went bad; from then on nothing moves until `reset()`.
    public private(set) var isBroken = false

    let mechanism: Mechanism
    private let freeBody: Mechanism.FreeBody?
    private let stepNanoseconds: Int64
    private let stepSeconds: Double
    private var owedNanoseconds: Int64 = 0
    private var servos: [PlantServo]

    /// Reads the MuJoCo model at `modelPath` and puts a servo on each of `joints`.
    ///
    /// The servos' rotor inertia and friction replace what the model says of these joints. The
    /// plant starts in the model's keyframe `reset`, torque off. `timestepSeconds` is one physics
    /// step; the factory position gain is stable up to 5 ms. With `changesGround` the ground can be
    /// made uneven.
    public init(
        modelPath: String,
        joints: [PlantJoint],
        timestepSeconds: Double = 0.0025,
        servoModel: ServoModel = .motor,
        changesGround: Bool = false
    ) throws(PhysicsError) {
        guard timestepSeconds >= 1e-6, timestepSeconds <= 0.1 else {
            throw .timestep(seconds: timestepSeconds)
        }
        let mechanism = try Mechanism(
            path: modelPath,
            timestepSeconds: timestepSeconds,
            changesGround: changesGround
        )
        var servos: [PlantServo] = []
        var names = Set<String>()
        for joint in joints {
            guard names.insert(joint.name).inserted else { throw .jointTwice(name: joint.name) }
            let hinge = try mechanism.hinge(joint.name)
            let servo = PlantServo(joint, hinge: hinge, model: servoModel)
            mechanism.setArmature(hinge, servo.armature)
            servos.append(servo)
        }
        self.joints = joints
        self.servoModel = servoModel
        self.mechanism = mechanism
        freeBody = mechanism.freeBody()
        self.servos = servos
        stepNanoseconds = Int64((timestepSeconds * 1e9).rounded())
        stepSeconds = timestepSeconds
        mechanism.settle()
    }

    // MARK: What servos do

    /// Simulated time since the last reset, whole steps only.
    public var timeSeconds: Seconds { Double(stepCount) * stepSeconds }

    /// Writes a servo's registers.
    ///
    /// Turning torque on in position mode folds the pulse count into one turn, as the servo does.
    public func command(servo index: Int, _ command: ServoCommand) {
        servos[index].take(command, angle: mechanism.angle(servos[index].hinge))
    }

    /// What a servo's registers read now.
    public func measure(servo index: Int) -> ServoMeasurement {
        let hinge = servos[index].hinge
        return servos[index].measurement(
            angle: mechanism.angle(hinge),
            velocity: mechanism.velocity(hinge)
        )
    }

    /// Lets time pass, in whole physics steps; what is left over is added to the next call's.
    public func advance(nanoseconds: Int64) {
        owedNanoseconds += max(nanoseconds, 0)
        while owedNanoseconds >= stepNanoseconds {
            owedNanoseconds -= stepNanoseconds
            step()
        }
    }

    private func step() {
        guard !isBroken else { return }
        for index in servos.indices {
            let hinge = servos[index].hinge
            let drive = servos[index].drive(
                angle: mechanism.angle(hinge),
                velocity: mechanism.velocity(hinge),
                seconds: stepSeconds
            )
            mechanism.setTorque(hinge, drive.torque)
            mechanism.setDamping(hinge, drive.damping)
            mechanism.setFriction(hinge, drive.friction)
        }
        mechanism.step()
        stepCount += 1
        isBroken = mechanism.isBroken
    }

    // MARK: What only a simulation can do

    /// Saves or restores everything that what comes depends on, time and disturbances included.
    ///
    /// A plant of the same model and servos then goes on as this one would, bit for bit.
    public func carry(_ world: inout WorldTransfer) {
        world.part("plant") { numbers in
            numbers.carry(&stepCount)
            numbers.carry(&owedNanoseconds)
            numbers.carry(&isBroken)
        }
        mechanism.carry(&world)
        for index in servos.indices {
            world.part("servo.\(joints[index].name)") { servos[index].carry(&$0) }
        }
    }

    /// Back to the start: the model's keyframe `reset`, all servos as after power-up, cold, no
    /// disturbance, time zero.
    public func reset() {
        mechanism.reset()
        for index in servos.indices { servos[index].powerCycle() }
        stepCount = 0
        owedNanoseconds = 0
        isBroken = false
    }

    /// Where the robot's body is and how it is turned, `nil` if it stands on a fixed base.
    public var basePose: BasePose? { freeBody.map { mechanism.pose($0) } }

    /// The mechanics back to the model's keyframe `reset`, as a person would put the robot back.
    ///
    /// Servos keep their registers, their heat and their power.
    public func putBack() { mechanism.reset() }

    /// Holds the robot's body in the air at rest, turned by pitch and then roll, its joints as in the
    /// keyframe `reset`, and lets go.
    ///
    /// Does nothing to a robot on a fixed base.
    public func drop(height: Double, roll: Radians, pitch: Radians) {
        guard let freeBody else { return }
        mechanism.reset()
        mechanism.setPose(freeBody, height: height, roll: roll, pitch: pitch)
    }

    /// The true angle of a servo's joint.
    public func angle(servo index: Int) -> Radians { mechanism.angle(servos[index].hinge) }

    /// The true velocity of a servo's joint.
    public func velocity(servo index: Int) -> RadiansPerSecond {
        mechanism.velocity(servos[index].hinge)
    }

    /// Puts a joint at an angle, as no robot can.
    public func setAngle(servo index: Int, _ angle: Radians) {
        precondition(angle.isFinite, "a joint cannot be given \(angle)")
        mechanism.setAngle(servos[index].hinge, angle)
    }

    /// Gives a joint a velocity, as no robot can.
    public func setVelocity(servo index: Int, _ velocity: RadiansPerSecond) {
        precondition(velocity.isFinite, "a joint cannot be given \(velocity)")
        mechanism.setVelocity(servos[index].hinge, velocity)
    }

    /// Pushes on a joint from outside until told otherwise; positive raises its angle.
    public func setDisturbance(servo index: Int, torque: NewtonMetres) {
        precondition(torque.isFinite, "a joint cannot be given \(torque)")
        servos[index].disturbance = torque
    }

    /// Holds a joint as a hand does, with dry friction of up to `torque`; 0 lets go.
    public func setGrip(servo index: Int, torque: NewtonMetres) {
        precondition(torque.isFinite, "a joint cannot be given \(torque)")
        servos[index].grip = max(torque, 0)
    }

    /// Supplies a servo with another voltage than its nominal one.
    public func setSupply(servo index: Int, volts: Volts) {
        precondition(volts.isFinite, "a joint cannot be given \(volts)")
        servos[index].supply = max(volts, 0)
    }

    /// Has a servo's motor give this share of its torque, and brake with as much.
    public func setStrength(servo index: Int, factor: Double) {
        precondition(factor >= 0 && factor.isFinite, "a motor cannot have the strength \(factor)")
        servos[index].strength = factor
    }

    /// The voltage a servo's data sheet is about.
    public func nominalSupply(servo index: Int) -> Volts { joints[index].servo.nominalVoltage }

    /// Makes masses, inertias and frictions differ from the model's by factors, and lays a weight
    /// (kg) on a body that no joint holds; factors of 1 and no weight are the model again, exactly.
    ///
    /// Allocates; between two episodes, not between two ticks.
    public func scale(mass: Double, inertia: Double, friction: Double, payload: Double) {
        precondition(mass > 0 && inertia > 0 && friction > 0 && payload >= 0, "no such world")
        let scale = ModelScale(
            mass: mass,
            inertia: inertia,
            friction: friction,
            payload: payload
        )
        mechanism.scale(scale, payloadOn: freeBody)
    }

    /// Pushes on the body that no joint holds, N in the world's axes; nothing without such a body.
    public func setBaseForce(_ force: SIMD3<Double>) {
        guard let freeBody else { return }
        mechanism.setForce(freeBody, force)
    }

    /// Makes the ground as said, if the plant was made with ground that changes; allocates.
    ///
    /// Level ground is the model's own floor.
    public func setGround(_ ground: Ground) { mechanism.setGround(ground) }

    /// Makes a servo as warm as said.
    public func setTemperature(servo index: Int, _ temperature: Celsius) {
        servos[index].heat.set(temperature)
    }

    /// What touches in the present pose; allocates, for tests and tools.
    public func contacts() -> [Contact] { mechanism.contacts() }

    /// Whether the model's `<size>` was too small for its contacts since the last reset.
    public var droppedContacts: Bool { mechanism.isFull }
}

/// Where a body that no joint holds is, and how it turns.
public struct BasePose: Sendable, Hashable {
    /// Metres.
    public var place: SIMD3<Double>
    /// A unit quaternion, scalar first, that turns the body's axes into the world's.
    public var turn: SIMD4<Double>
    /// Angular velocity about the body's own axes.
    public var rates: SIMD3<RadiansPerSecond>
}
