public import Robot
public import Safety

extension ServoBody {
    /// Enables torque without a jump; every step is read back.
    ///
    /// For each joint, with torque off: watchdog cleared, position mode, return delay 0, current
    /// limit and position limits (registers that wear out are written only if they differ), gains,
    /// no motion profile. Then for all joints of a bus at once: goal := present position, bus
    /// watchdog, torque. A joint found further from its goal than its following error right after
    /// that is switched off again, as all are on any error.
    public func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        let joints = permit.joints
        do {
            try arm(joints, &state)
        } catch {
            _ = disableTorque(joints)
            state.torqueEnabled = torqueOn
            throw error
        }
    }

    private func arm(_ joints: JointSet, _ state: inout BodyState) throws(ArmingError) {
        for place in buses.indices {
            for joint in buses[place].driver.joints where joints.contains(joint) {
                guard !buses[place].isLost else {
                    throw ArmingError(joint: joint, reason: problem ?? "the bus is lost")
                }
                try buses[place].driver.prepare(joint)
                keepAlive()
            }
        }
        var goals = JointArray<Radians?>(count: robot.joints.count, repeating: nil)
        for place in buses.indices {
            let driver = buses[place].driver
            let own = JointSet(driver.joints.filter { joints.contains($0) })
            guard let first = own.indices.first else { continue }
            let refused: ArmingError?
            do throws(HardwareError) {
                refused = try driver.engage(own, goals: &goals)
            } catch {
                lose(place, because: error.description)
                throw ArmingError(joint: first, reason: error.description)
            }
            if let refused { throw refused }
            torqueOn.formUnion(own)
            for joint in own.indices { lastGoals[joint] = goals[joint] }
        }
        try confirm(joints, goals, &state)
    }

    /// Addresses the joints that have torque already: their watchdogs must not trip while others
    /// are prepared.
    private func keepAlive() {
        guard !torqueOn.isEmpty else { return }
        for place in buses.indices where !buses[place].isLost {
            do {
                try buses[place].driver.keepAlive(torqueOn)
            } catch {
                lose(place, because: error.description)
            }
        }
    }

    /// Brings `state` up to date with the armed joints and looks where they are.
    private func confirm(
        _ joints: JointSet,
        _ goals: JointArray<Radians?>,
        _ state: inout BodyState
    ) throws(ArmingError) {
        // Samples from before torque came on may be turns away: they must not be taken for new.
        let before = state
        for joint in joints.indices { state.samples[joint] = nil }
        var missing = joints.indices
        for _ in 0..<5 where !missing.isEmpty {
            read(into: &state)
            missing = joints.indices.filter { state.samples[$0] == nil }
        }
        for joint in missing { state.samples[joint] = before.samples[joint] }
        for joint in joints.indices {
            if missing.contains(joint) {
                throw refusal(joint, "stopped answering while it was armed; check its cable")
            }
            if let goal = goals[joint], let sample = state.samples[joint],
                (sample.position - goal).magnitude > robot.joints[joint].limits.followingError
            {
                throw refusal(
                    joint,
                    "is not where its goal is right after torque on; reboot it "
                        + "(`sacbot reboot`) with the joint inside its limits"
                )
            }
            if !torqueOn.contains(joint) {
                throw refusal(joint, "switched its torque off again; check its power supply")
            }
        }
        if let fault {
            throw ArmingError(
                joint: joints.indices.first ?? 0,
                reason: problem ?? fault.explanation
            )
        }
    }

    /// Switches torque off and reads it back, three tries; then the servos' watchdogs.
    ///
    /// A servo that does not confirm may still be holding: its power must be cut.
    public func disableTorque(_ joints: JointSet) -> JointSet {
        var unconfirmed = joints
        // A bus that fell silent may still hear: it is told, too.
        for place in buses.indices where !buses[place].isClosed {
            do {
                try buses[place].driver.release(joints, unconfirmed: &unconfirmed)
            } catch {
                lose(place, because: error.description)
            }
        }
        torqueOn = JointSet(bits: torqueOn.bits & (~joints.bits | unconfirmed.bits))
        braking.subtract(joints)
        return unconfirmed
    }

    /// Has the controllers brake by velocity; the first call reads it back, later ones repeat the
    /// order.
    public func damp(_ joints: JointSet) -> JointSet {
        let wanted = JointSet(bits: joints.bits & torqueOn.bits)
        let fresh = JointSet(bits: wanted.bits & ~braking.bits)
        var unbraked = fresh
        if !fresh.isEmpty {
            for place in buses.indices where !buses[place].isLost {
                do {
                    try buses[place].driver.damp(fresh, unbraked: &unbraked)
                } catch {
                    lose(place, because: error.description)
                }
            }
            braking.formUnion(JointSet(bits: fresh.bits & ~unbraked.bits))
        }
        sendGoals()
        return unbraked
    }

    private func refusal(_ joint: Int, _ text: String) -> ArmingError {
        ArmingError(joint: joint, reason: "\(title(joint)) \(text)")
    }
}
