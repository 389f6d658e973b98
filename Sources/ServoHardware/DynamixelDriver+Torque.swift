import Realtime
import Robot
import Safety
import ServoProtocol

extension DynamixelDriver {
    func prepare(_ joint: Int) throws(ArmingError) {
        guard let place = links.firstIndex(where: { $0.index == joint }) else { return }
        try ServoPreparation(link: links[place], bus: bus).run()
        health[place].hardwareError = 0
        links[place].returnDelay = 0
        noteReturnDelays()
    }

    func keepAlive(_ joints: JointSet) throws(HardwareError) {
        // Whether a packet for another servo counts is not documented.
        let ids = links(in: joints).map(\.id)
        guard let registers = links.first?.registers, !ids.isEmpty else { return }
        _ = try bus.syncRead(registers.torqueEnable, ids)
    }

    /// Homing Offset with Moving Threshold, its neighbour on every model: no other answer is as long.
    private static let offsetCount = 8

    func engage(
        _ joints: JointSet,
        goals: inout JointArray<Radians?>
    ) throws(HardwareError) -> ArmingError? {
        let links = links(in: joints)
        guard let registers = links.first?.registers else { return nil }
        forgetGoals()
        let ids = links.map(\.id)
        let offset = Int(registers.homingOffset.address)
        let offsets = try bus.syncRead(
            registers.homingOffset,
            ids,
            block: offset..<(offset + Self.offsetCount)
        )
        let present = JointLink.presentAddress
        let positions = try bus.syncRead(
            registers.presentPosition,
            ids,
            block: present..<(present + JointLink.presentCount)
        )
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
            goals[link.index] = link.angle(goal)
        }
        let watchdog = Array(repeating: watchdogUnits, count: ids.count)
        let torque = Array(repeating: 1, count: ids.count)
        for (register, values) in [
            (registers.goalPosition, wanted), (registers.busWatchdog, watchdog),
            (registers.torqueEnable, torque),
        ] {
            if let refusal = try set(register, values, of: links) { return refusal }
        }
        return nil
    }

    /// Writes one register of several servos and reads it back, up to three times.
    private func set(
        _ register: Register,
        _ values: [Int],
        of links: [JointLink]
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

    /// P and I at nothing, D alone: gains are in RAM and may be written while torque is on.
    func damp(_ joints: JointSet, unbraked: inout JointSet) throws(HardwareError) {
        let links = links(in: joints)
        guard let registers = links.first?.registers else { return }
        let gains: [(Register, Int)] = [
            (registers.positionDGain, ServoSpecification.dampingGain),
            (registers.positionIGain, 0), (registers.positionPGain, 0),
        ]
        var left = links
        for _ in 0..<3 where !left.isEmpty {
            let ids = left.map(\.id)
            var isSet = Array(repeating: true, count: ids.count)
            for (register, value) in gains {
                try bus.syncWrite(register, ids.map { (id: $0, value: value) })
            }
            for (register, value) in gains {
                let found = try bus.syncRead(register, ids)
                for place in ids.indices where found[place] != value { isSet[place] = false }
            }
            for place in ids.indices where isSet[place] { unbraked.remove(left[place].index) }
            left = left.filter { unbraked.contains($0.index) }
        }
        forgetGoals()
    }

    func release(_ joints: JointSet, unconfirmed: inout JointSet) throws(HardwareError) {
        let links = links(in: joints)
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
