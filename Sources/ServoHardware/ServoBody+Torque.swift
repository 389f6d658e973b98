import Realtime
public import Robot
public import Safety
import ServoProtocol

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
        for bus in buses {
            for link in bus.links(in: joints) {
                guard !bus.isLost else {
                    throw ArmingError(joint: link.index, reason: problem ?? "the bus is lost")
                }
                try ServoPreparation(link: link, bus: bus.bus).run()
                forgetHardwareError(link.index)
                feedWatchdogs()
            }
            for place in bus.joints.indices where joints.contains(bus.joints[place].index) {
                bus.joints[place].returnDelay = 0
            }
            bus.noteReturnDelays()
        }
        var goals: [Int: Int] = [:]
        for bus in buses {
            let links = bus.links(in: joints)
            guard let first = links.first else { continue }
            let refused: ArmingError?
            do {
                refused = try engage(links, on: bus, &goals)
            } catch {
                lose(bus, because: error.description)
                throw ArmingError(joint: first.index, reason: error.description)
            }
            if let refused { throw refused }
            for link in links { torqueOn.insert(link.index) }
        }
        try confirm(joints, goals, &state)
    }

    /// Addresses the servos that have torque already.
    ///
    /// Their watchdogs must not trip while others are prepared. Whether a packet for another servo counts is not documented.
    private func feedWatchdogs() {
        for bus in buses where !bus.isLost {
            let ids = bus.links(in: torqueOn).map(\.id)
            guard let registers = bus.joints.first?.registers, !ids.isEmpty else { continue }
            do {
                _ = try bus.bus.syncRead(registers.torqueEnable, ids)
            } catch {
                lose(bus, because: error.description)
            }
        }
    }

    /// Goal, watchdog and torque of some joints of one bus.
    private func engage(
        _ links: [JointLink],
        on bus: BusLink,
        _ goals: inout [Int: Int]
    ) throws(HardwareError) -> ArmingError? {
        guard let registers = links.first?.registers else { return nil }
        let ids = links.map(\.id)
        let offsets = try bus.bus.syncRead(registers.homingOffset, ids)
        let positions = try bus.bus.syncRead(registers.presentPosition, ids)
        var wanted: [Int] = []
        for (place, link) in links.enumerated() {
            guard let present = positions[place], let offset = offsets[place] else {
                return refusal(link, "does not answer; check its cable and power")
            }
            let goal = link.folded(present, homingOffset: offset)
            guard link.fence.contains(goal) else {
                return refusal(
                    link,
                    "stands at pulse \(goal), outside the limits \(link.fence.lowerBound) to "
                        + "\(link.fence.upperBound) it may be sent to; move it back by hand"
                )
            }
            wanted.append(goal)
            goals[link.index] = goal
        }
        let watchdog = Array(repeating: bus.watchdogUnits, count: ids.count)
        let torque = Array(repeating: 1, count: ids.count)
        for (register, values) in [
            (registers.goalPosition, wanted), (registers.busWatchdog, watchdog),
            (registers.torqueEnable, torque),
        ] {
            if let refusal = try set(register, values, of: links, on: bus.bus) { return refusal }
        }
        return nil
    }

    /// Writes one register of several servos and reads it back, up to three times.
    private func set(
        _ register: Register,
        _ values: [Int],
        of links: [JointLink],
        on bus: ServoBus
    ) throws(HardwareError) -> ArmingError? {
        let ids = links.map(\.id)
        var found: [Int?] = []
        for _ in 0..<3 {
            try bus.syncWrite(register, zip(ids, values).map { (id: $0, value: $1) })
            found = try bus.syncRead(register, ids)
            if found == values { return nil }
        }
        let wrong = links.indices.first { found[$0] != values[$0] } ?? 0
        return refusal(
            links[wrong],
            "does not take \(register.name.rawValue) = \(values[wrong]): "
                + (found[wrong].map { "it reads \($0)" } ?? "it does not answer")
                + "; check its power and cable, then reboot it (`sacbot reboot`)"
        )
    }

    private func refusal(_ link: JointLink, _ text: String) -> ArmingError {
        ArmingError(joint: link.index, reason: "\(link.title) \(text)")
    }

    /// Brings `state` up to date with the armed joints and looks where they are.
    private func confirm(
        _ joints: JointSet,
        _ goals: [Int: Int],
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
        for bus in buses {
            for link in bus.links(in: joints) {
                if missing.contains(link.index) {
                    throw refusal(link, "stopped answering while it was armed; check its cable")
                }
                if let goal = goals[link.index], let sample = state.samples[link.index],
                    (sample.position - link.angle(goal)).magnitude
                        > link.joint.limits.followingError
                {
                    throw refusal(
                        link,
                        "is not where its goal is right after torque on; reboot it "
                            + "(`sacbot reboot`) with the joint inside its limits"
                    )
                }
                if !torqueOn.contains(link.index) {
                    throw refusal(link, "switched its torque off again; check its power supply")
                }
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
        for bus in buses where !bus.isClosed {
            do {
                try release(bus.links(in: joints), on: bus.bus, &unconfirmed)
            } catch {
                lose(bus, because: error.description)
            }
        }
        torqueOn = JointSet(bits: torqueOn.bits & (~joints.bits | unconfirmed.bits))
        return unconfirmed
    }

    private func release(
        _ links: [JointLink],
        on bus: ServoBus,
        _ unconfirmed: inout JointSet
    ) throws(HardwareError) {
        var left = links
        for _ in 0..<3 {
            guard let registers = left.first?.registers else { break }
            let ids = left.map(\.id)
            try bus.syncWrite(registers.torqueEnable, ids.map { (id: $0, value: 0) })
            let found = try bus.syncRead(registers.torqueEnable, ids)
            for (link, value) in zip(left, found) where value == 0 {
                unconfirmed.remove(link.index)
            }
            left = left.filter { unconfirmed.contains($0.index) }
        }
        let off = links.filter { !unconfirmed.contains($0.index) }
        guard let registers = off.first?.registers else { return }
        // A watchdog that stays armed trips later and would have to be cleared by the next owner;
        // nothing moves any more, so two tries are enough.
        for _ in 0..<2 {
            try bus.syncWrite(registers.busWatchdog, off.map { (id: $0.id, value: 0) })
            let found = try bus.syncRead(registers.busWatchdog, off.map(\.id))
            if found.allSatisfy({ $0 == 0 }) { break }
        }
    }
}
