import Physics
public import Robot

extension SimulatedBody: VariableBody, RearmableBody {
    /// Makes the world as `variation` says from now on, whatever it was before.
    ///
    /// Torques, grips and forces may change every tick; masses and contact friction allocate and are
    /// for the time between two episodes. The nominal variation is the model again, bit for bit;
    /// goals that were under way then arrive at once.
    public func vary(_ variation: WorldVariation) {
        if variation.noiseSeed != self.variation.noiseSeed {
            noise = SensorNoise(seed: variation.noiseSeed)
        }
        self.variation = variation
        plant.scale(
            mass: variation.massFactor,
            inertia: variation.inertiaFactor,
            friction: variation.contactFriction,
            payload: variation.payload
        )
        plant.setGround(variation.ground)
        for index in joints.indices {
            plant.setStrength(servo: index, factor: variation.motorStrength[index])
            plant.setGrip(servo: index, torque: variation.jointFriction[index])
            plant.setDisturbance(servo: index, torque: variation.jointTorque[index])
            plant.setSupply(
                servo: index,
                volts: variation.supply ?? plant.nominalSupply(servo: index)
            )
        }
        plant.setBaseForce(variation.baseForce)
        if variation.latency == 0 { arriveNow() }
    }

    private func arriveNow() {
        let end = MonotonicTime(nanoseconds: .max)
        while let goals = underWay.take(before: end) { command(goals.positions) }
    }

    /// Switches a joint's servo off and on: torque and registers gone, silent for `seconds`.
    public func restart(_ joint: Int, silentFor seconds: Seconds) {
        _ = disableTorque(JointSet([joint]))
        commands[joint] = Self.command(joints[joint])
        plant.command(servo: joint, commands[joint])
        restarts.begin(joint, until: time + Int64((seconds * 1e9).rounded()))
    }

    /// The joints whose servos are back since the last call.
    public func takeRestarted(_ state: inout BodyState) -> JointSet {
        let back = restarts.back
        restarts.back = JointSet()
        if state.fault == .servoRebooted { state.fault = nil }
        return back
    }
}

/// Which simulated servos restart, and which have.
struct ServoRestarts {
    /// Servos that answer again and were not asked about since.
    var back = JointSet()
    /// Until when a servo is silent; `nil` for those that are not.
    private var end: JointArray<MonotonicTime?>

    init(jointCount: Int) { end = JointArray(count: jointCount, repeating: nil) }

    mutating func begin(_ joint: Int, until time: MonotonicTime) { end[joint] = time }

    /// The servos that do not answer at `time`; notes those that do again.
    mutating func silent(at time: MonotonicTime) -> JointSet {
        var silent = JointSet()
        for joint in end.indices {
            guard let back = end[joint] else { continue }
            if time < back {
                silent.insert(joint)
            } else {
                end[joint] = nil
                self.back.insert(joint)
            }
        }
        return silent
    }
}

/// What spoils readings evenly by up to an amplitude, the same for the same seed.
struct SensorNoise {
    private var word: UInt64

    init(seed: UInt64) { word = seed }

    /// Adds noise to what was read at `time`; older samples were spoilt when they were read.
    mutating func spoil(
        _ state: inout BodyState,
        _ variation: WorldVariation,
        _ time: MonotonicTime
    ) {
        let amplitude = variation.sensorNoise
        for joint in state.samples.indices {
            let error = amplitude * next()
            if state.samples[joint]?.time == time { state.samples[joint]?.position += error }
        }
        let (roll, pitch) = (amplitude * next(), amplitude * next())
        if state.base?.time == time {
            state.base?.roll += roll
            state.base?.pitch += pitch
        }
    }

    /// A number in [-1, 1): SplitMix64, which needs one word.
    private mutating func next() -> Double {
        word &+= 0x9E37_79B9_7F4A_7C15
        var mixed = word
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Double((mixed ^ (mixed >> 31)) >> 11) * 0x1p-52 - 1
    }
}
