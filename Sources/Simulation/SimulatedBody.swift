public import Physics
public import Robot
public import Safety

/// A robot that lives in the physics of this process.
///
/// It measures in encoder pulses and register units, takes goals in pulses and folds the pulse
/// count when torque comes on, as the real servos do, so that what is learnt here meets no finer
/// world than there is. Its clock is the simulated time: it stands still between two
/// `waitForTick()`, each of which advances it by exactly one tick. Used by one thread at a time.
public final class SimulatedBody: DrivenBody, RestorableBody {
    /// The physics, for disturbances and tests.
    public let plant: Plant

    let joints: [Joint]
    private let calibration: [JointCalibration]
    private let tickNanoseconds: Int64
    private(set) var time = MonotonicTime(nanoseconds: 0)
    var commands: [ServoCommand]
    var torqueOn = JointSet()
    /// How the world differs from its model now.
    var variation: WorldVariation
    /// Goals that were written and have not arrived, while there is latency.
    var underWay = GoalQueue()
    /// Where the noise of the readings comes from.
    var noise = SensorNoise(seed: 0)
    /// Servos that restart or have restarted.
    var restarts: ServoRestarts
    /// Who says where the robot is; `nil` where the simulation says it itself, exactly.
    private var keeper: PlaceKeeper?
    private var estimator: EstimatorModel?

    /// Puts the robot into its model, torque off, at the model's reset pose.
    ///
    /// `servoModel` exchanges the data-sheet servos for ROBEL's spring and damper, for comparisons;
    /// `timestepSeconds` is one physics step; with `changesGround` the ground can be made uneven;
    /// `seed` is for the noise of the estimator outside of the robot.
    public init(
        robot: RobotDescription,
        servoModel: ServoModel = .motor,
        timestepSeconds: Double = 0.0025,
        changesGround: Bool = false,
        seed: UInt64 = 1
    ) throws(SimulationError) {
        guard let modelPath = robot.modelPath else { throw .noModel(robot: robot.name) }
        guard robot.joints.count == robot.calibration.count else {
            throw .calibration(
                robot: robot.name,
                joints: robot.joints.count,
                calibrations: robot.calibration.count
            )
        }
        let plantJoints = zip(robot.joints, robot.calibration).map { joint, calibration in
            PlantJoint(name: joint.name, servo: joint.servo, calibration: calibration)
        }
        do throws(PhysicsError) {
            plant = try Plant(
                modelPath: modelPath,
                joints: plantJoints,
                timestepSeconds: timestepSeconds,
                servoModel: servoModel,
                changesGround: changesGround
            )
        } catch {
            throw .physics(error)
        }
        joints = robot.joints
        calibration = robot.calibration
        tickNanoseconds = robot.tickNanoseconds
        commands = robot.joints.map(Self.command)
        variation = WorldVariation(jointCount: robot.joints.count)
        restarts = ServoRestarts(jointCount: robot.joints.count)
        guard let sensor = robot.speedSensor else { return }
        keeper = PlaceKeeper(sensor, robot: robot)
        if sensor.source != .legs { estimator = EstimatorModel(sensor, seed: seed) }
    }

    /// What a joint's controller is told before it has torque.
    static func command(_ joint: Joint) -> ServoCommand {
        var command = ServoCommand()
        switch joint.gains {
        case .registers(let gains):
            command.positionGains = (gains.proportional, gains.integral, gains.derivative)
        case .impedance(let stiffness, let damping):
            command.mode = .impedance
            command.impedance.stiffness = stiffness
            command.impedance.damping = damping
            command.impedance.maximumTorque = joint.limits.current * joint.servo.torqueConstant
        }
        return command
    }

    // MARK: Reading

    /// The number of joints, actuated ones and objects.
    public var jointCount: Int { joints.count }

    /// Simulated time since the body was made.
    public func now() -> MonotonicTime { time }

    /// Advances the physics by one tick and never skips one.
    public func waitForTick() -> TickTiming {
        let end = time + tickNanoseconds
        while let goals = underWay.take(before: end) {
            let arrival = max(goals.arrival, time)
            plant.advance(nanoseconds: arrival.nanoseconds - time.nanoseconds)
            time = arrival
            command(goals.positions)
        }
        plant.advance(nanoseconds: end.nanoseconds - time.nanoseconds)
        time = end
        return TickTiming(start: time, skippedTicks: 0)
    }

    /// Measures every joint, its health included; once the physics is broken, only says so.
    public func read(into state: inout BodyState) {
        guard !plant.isBroken else {
            state.fault = .simulationBroken
            return
        }
        let silent = restarts.silent(at: time)
        for index in joints.indices
        where !variation.silent.contains(index) && !silent.contains(index) {
            read(joint: index, into: &state)
        }
        readBase(into: &state)
        if variation.sensorNoise > 0 { noise.spoil(&state, variation, time) }
        state.torqueEnabled = torqueOn
        // As on a bus: only a servo that should hold a goal is missed.
        if torqueOn.isEmpty { restarts.back = JointSet() }
        if !restarts.back.isEmpty {
            state.fault = .servoRebooted
        } else if state.fault == .servoRebooted {
            state.fault = nil
        }
    }

    /// A perfect IMU; the place is exact, or what the robot file's speed sensor makes of it.
    private func readBase(into state: inout BodyState) {
        guard let pose = plant.basePose else { return }
        let angles = EulerAngles(quaternion: pose.turn)
        state.base = BaseSample(
            roll: angles.roll,
            pitch: angles.pitch,
            yaw: angles.yaw,
            rollRate: pose.rates.x,
            pitchRate: pose.rates.y,
            yawRate: pose.rates.z,
            time: time
        )
        guard keeper == nil else { return readSensor(pose, heading: angles.yaw, into: &state) }
        state.place = BasePlace(
            x: pose.place.x,
            y: pose.place.y,
            height: pose.place.z,
            heading: angles.yaw,
            time: time
        )
    }

    /// What the estimator outside says, or the legs.
    private func readSensor(_ pose: BasePose, heading: Radians, into state: inout BodyState) {
        if !estimatorIsSilent,
            let seen = estimator?.place(
                x: pose.place.x,
                y: pose.place.y,
                height: pose.place.z,
                heading: heading,
                now: time.nanoseconds
            )
        {
            keeper?.take(seen)
        }
        state.place = keeper?.place(now: time, samples: state.samples, base: state.base)
    }

    /// Has the estimator outside fall silent, for disturbances and tests.
    public var estimatorIsSilent = false

    private func read(joint index: Int, into state: inout BodyState) {
        let measured = plant.measure(servo: index)
        let servo = joints[index].servo
        let direction: Double = calibration[index].direction < 0 ? -1 : 1
        state.samples[index] = JointSample(
            position: calibration[index].angle(
                pulses: measured.pulses,
                pulsesPerTurn: servo.pulsesPerTurn
            ),
            velocity: direction * Double(measured.velocity) * servo.velocityUnit,
            current: direction * Double(measured.current) * servo.currentUnit,
            time: time
        )
        state.health[index] = JointHealth(
            // The registers count whole degrees and tenths of a volt.
            temperature: measured.temperature.rounded(.down),
            inputVoltage: (measured.inputVoltage * 10).rounded() / 10,
            hardwareError: 0,
            time: time
        )
    }

    // MARK: Driving

    /// Gives each joint that has a goal and torque its goal, rounded to encoder pulses.
    ///
    /// With latency they arrive later; a goal on its way to a joint that loses its torque is lost.
    public func write(_ goal: consuming SafeGoal) {
        let positions = goal.positions
        guard variation.latency > 0 else { return command(positions) }
        let delay = Int64((variation.latency * 1e9).rounded())
        underWay.put(positions, arrival: time + delay)
    }

    func command(_ positions: JointArray<Radians?>) {
        for index in joints.indices where torqueOn.contains(index) {
            guard let position = positions[index] else { continue }
            commands[index].goTo(
                pulses: calibration[index].pulses(
                    angle: position,
                    pulsesPerTurn: joints[index].servo.pulsesPerTurn
                )
            )
            plant.command(servo: index, commands[index])
        }
    }

    /// Enables torque where the joints stand, in no simulated time.
    ///
    /// The pulse count folds, the goal is what it reads then, and `state` is brought up to date.
    /// Throws if the physics is broken; nothing is enabled then.
    public func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        for index in joints.indices where permit.joints.contains(index) {
            guard !plant.isBroken else {
                throw ArmingError(
                    joint: index,
                    reason: "the simulation is broken; start it anew"
                )
            }
            if restarts.silent(at: time).contains(index) {
                throw ArmingError(
                    joint: index,
                    reason: "joint `\(joints[index].name)` does not answer; its servo restarts"
                )
            }
            guard !torqueOn.contains(index) else { continue }
            enableTorque(joint: index)
        }
        read(into: &state)
    }

    private func enableTorque(joint index: Int) {
        underWay.forget(joint: index)
        commands[index].torqueEnabled = true
        commands[index].goTo(pulses: plant.measure(servo: index).pulses)
        plant.command(servo: index, commands[index])
        // The first command folded the count; the goal follows it before any time passes.
        commands[index].goTo(pulses: plant.measure(servo: index).pulses)
        plant.command(servo: index, commands[index])
        torqueOn.insert(index)
    }

    /// Has joints brake as their controllers would: without stiffness, by damping alone.
    public func damp(_ joints: JointSet) -> JointSet {
        for index in self.joints.indices where joints.contains(index) && torqueOn.contains(index) {
            switch self.joints[index].gains {
            case .registers:
                commands[index].positionGains = (0, 0, ServoSpecification.dampingGain)
            case .impedance: commands[index].impedance.stiffness = 0
            }
            plant.command(servo: index, commands[index])
        }
        return JointSet()
    }

    /// Switches torque off; every simulated servo confirms.
    public func disableTorque(_ joints: JointSet) -> JointSet {
        for index in self.joints.indices where joints.contains(index) {
            // A servo that braked is prepared anew before it gets torque again.
            let fresh = Self.command(self.joints[index])
            commands[index].positionGains = fresh.positionGains
            commands[index].impedance.stiffness = fresh.impedance.stiffness
            commands[index].torqueEnabled = false
            plant.command(servo: index, commands[index])
            torqueOn.remove(index)
        }
        return JointSet()
    }

    /// Puts the robot back to its model's reset pose, as a person would; torque stays as it is.
    ///
    /// Does nothing to a robot on a fixed base.
    public func putBack() {
        if plant.basePose != nil { plant.putBack() }
    }

    // MARK: Saving

    /// Saves or restores clock, registers, torque and physics.
    public func carry(_ world: inout WorldTransfer) {
        world.part("body") { numbers in
            numbers.carry(&time.nanoseconds)
            for index in commands.indices { commands[index].carry(&numbers) }
            var joints = Int(torqueOn.bits)
            numbers.carry(&joints)
            torqueOn.bits = UInt32(truncatingIfNeeded: joints)
        }
        plant.carry(&world)
        guard keeper != nil else { return }
        world.part("speed sensor") { numbers in
            keeper?.carry(&numbers)
            estimator?.carry(&numbers)
        }
    }

    // MARK: Tests

    /// Puts the joints at angles without moving there, for tests.
    ///
    /// A robot cannot do that, so training never does. One angle a joint, in the robot file's
    /// order; torque goes off.
    public func placeForTest(_ angles: [Radians]) {
        precondition(angles.count == joints.count, "one angle a joint, not \(angles.count)")
        _ = disableTorque(JointSet(joints.indices))
        for index in joints.indices {
            plant.setAngle(servo: index, angles[index])
            plant.setVelocity(servo: index, 0)
        }
    }
}

extension ServoCommand {
    /// A new goal, whichever loop is to reach it.
    fileprivate mutating func goTo(pulses: Int) {
        goalPulses = pulses
        impedance.pulses = Double(pulses)
    }
}
