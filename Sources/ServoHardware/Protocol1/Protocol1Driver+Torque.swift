import Robot
import Safety
import ServoProtocol

extension Protocol1Driver {
    func prepare(_ joint: Int) throws(ArmingError) {
        guard let place = links.firstIndex(where: { $0.index == joint }) else { return }
        try Protocol1Preparation(link: links[place], bus: bus).run()
        health[place].hardwareError = 0
        links[place].returnDelay = 0
        noteReturnDelays()
        forgetGoals()
    }

    /// These servos have no watchdog.
    func keepAlive(_ joints: JointSet) throws(HardwareError) {}

    func engage(
        _ joints: JointSet,
        goals: inout JointArray<Radians?>
    ) throws(HardwareError) -> ArmingError? {
        let links = links(in: joints)
        for link in links {
            guard let present = try present(link) else {
                return refusal(link, "does not answer; check its cable and power")
            }
            let fence = link.pulses.fence
            guard fence.contains(present) else {
                return refusal(
                    link,
                    "stands at pulse \(present), outside the limits \(fence.lowerBound) to "
                        + "\(fence.upperBound) it may be sent to; move it back by hand"
                )
            }
            goals[link.index] = link.pulses.angle(present)
            // Torque after the goal: until then the old goal is in force.
            for (register, value) in [
                (link.registers.goalPosition, present), (link.registers.torqueEnable, 1),
            ] where !(try bus.writeVerified(id: link.id, register, value)) {
                return refusal(
                    link,
                    "does not take \(register.name.rawValue) = \(value); check its power and cable, "
                        + "then switch its power off and on"
                )
            }
        }
        forgetGoals()
        return nil
    }

    /// Where a servo stands, read with all that a tick reads: an answer does not say to which
    /// question it belongs, and a late one to another question has another length.
    private func present(_ link: Protocol1Link) throws(HardwareError) -> Int? {
        let reply = try bus.read(
            id: link.id,
            address: link.presentAddress,
            count: link.presentCount
        )
        guard reply.reply == .value else { return nil }
        let register = link.registers.presentPosition
        return register.value(of: Array(reply.data.prefix(register.size)))
    }

    private func refusal(_ link: Protocol1Link, _ text: String) -> ArmingError {
        ArmingError(joint: link.index, reason: "\(link.title) \(text)")
    }

    func release(_ joints: JointSet, unconfirmed: inout JointSet) throws(HardwareError) {
        var left = links(in: joints)
        for _ in 0..<3 {
            guard let register = left.first?.registers.torqueEnable else { break }
            let ids = left.map(\.id)
            try bus.syncWrite(register, ids.map { (id: $0, value: 0) })
            let found = try bus.readEach(register, ids)
            for (link, value) in zip(left, found) where value == 0 {
                unconfirmed.remove(link.index)
            }
            left = left.filter { unconfirmed.contains($0.index) }
        }
    }
}
