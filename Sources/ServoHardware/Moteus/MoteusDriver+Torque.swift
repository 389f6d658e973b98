import Realtime
import Robot
import Safety
import ServoProtocol

extension MoteusDriver {
    func bringUp(_ report: inout BringUpReport) throws(HardwareError) {
        try bus.detectChecksums()
        var missing: [MoteusLink] = []
        for place in links.indices {
            let link = links[place]
            guard let identity = try bus.identify(place) else {
                missing.append(link)
                continue
            }
            let state = try bus.state(place)
            let fault = state?.fault ?? .none
            report.found[link.index] = FoundServo(
                id: link.id,
                modelNumber: UInt16(truncatingIfNeeded: identity.model),
                firmware: UInt8(truncatingIfNeeded: identity.firmware),
                baudRate: port.baudRate,
                hasAlert: fault != .none && !fault.isLimit
            )
            report.versions[link.index] = identity.version
            guard let state else {
                report.problems.append(.unreadable(joint: link.joint.name, id: link.id))
                continue
            }
            // A timed-out motor brakes: that is torque too.
            if MoteusMode(rawValue: state.mode)?.hasTorque ?? true {
                report.torqueOn.insert(link.index)
            }
        }
        self.report(missing, &report.problems)
    }

    private func report(_ missing: [MoteusLink], _ problems: inout [ServoProblem]) {
        guard !missing.isEmpty else { return }
        guard missing.count < links.count else {
            problems.append(
                .busSilent(
                    bus: description.name,
                    port: port.path,
                    rate: description.baudRate,
                    ids: missing.map(\.id)
                )
            )
            return
        }
        problems += missing.map {
            .missing(
                joint: $0.joint.name,
                id: $0.id,
                bus: description.name,
                rate: description.baudRate,
                answersAt: nil
            )
        }
    }

    func prepare(_ joint: Int) throws(ArmingError) {
        guard let place = links.firstIndex(where: { $0.index == joint }) else { return }
        let link = links[place]
        links[place].goal = nil
        links[place].brakes = false
        let refused: ArmingError?
        do throws(HardwareError) {
            refused = try settle(place)
        } catch {
            refused = ArmingError(joint: link.index, reason: error.description)
        }
        if let refused { throw refused }
    }

    /// Stops the motor and sets what holds until its power goes off.
    private func settle(_ place: Int) throws(HardwareError) -> ArmingError? {
        let link = links[place]
        guard let gains = link.gains else {
            return refusal(link, "needs `stiffness` and `damping`, not register gains")
        }
        guard let found = try bus.state(place) else { return silent(link) }
        guard found.mode != MoteusMode.fault.rawValue else {
            return refusal(
                link,
                "reports \(found.fault); remove the cause, then `sacbot reboot` it"
            )
        }
        guard let stopped = try bus.stop(place) else { return silent(link) }
        guard stopped.mode == MoteusMode.stopped.rawValue else {
            return refusal(link, "does not stop (\(stopped.modeWords)); switch its power off")
        }
        for (name, value) in [
            ("servo.pid_position.kp", gains.kp), ("servo.pid_position.ki", 0),
            ("servo.pid_position.kd", gains.kd),
            ("servopos.position_min", link.fence.lowerBound),
            ("servopos.position_max", link.fence.upperBound),
        ] {
            guard try bus.set(place, name, value) else {
                return refusal(
                    link,
                    "does not take \(name) = \(value); check its cable and its firmware"
                )
            }
        }
        return nil
    }

    func engage(
        _ joints: JointSet,
        goals: inout JointArray<Radians?>
    ) throws(HardwareError) -> ArmingError? {
        let places = places(in: joints)
        for place in places {
            let link = links[place]
            guard let state = try bus.stop(place), state.position.isFinite else {
                return silent(link)
            }
            guard state.mode == MoteusMode.stopped.rawValue else {
                return refusal(link, "does not stop (\(state.modeWords)); switch its power off")
            }
            guard link.fence.contains(state.position) else {
                return refusal(
                    link,
                    "stands at \(state.position) revolutions, outside the limits "
                        + "\(link.fence.lowerBound) to \(link.fence.upperBound) it may be sent "
                        + "to; move it back by hand"
                )
            }
            links[place].goal = state.position
            links[place].brakes = false
            goals[link.index] = link.angle(state.position)
        }
        return try confirm(places)
    }

    /// Says the goals until all motors follow them; those that do not are left to be switched off.
    private func confirm(_ places: [Int]) throws(HardwareError) -> ArmingError? {
        let end = MonotonicClock.now() + 2 * bus.timing.patience
        var left = places
        var last: [Int: MoteusState] = [:]
        while !left.isEmpty {
            bus.begin()
            for place in places {
                guard let goal = links[place].goal else { continue }
                bus.add(place, wantsReply: true) { frame in
                    links[place].command(goal, watchdog: description.servoWatchdog)
                        .append(to: &frame)
                    MoteusQuery(includesCurrent: true).append(to: &frame)
                }
            }
            try bus.exchange(deadline: MonotonicClock.now() + bus.timing.patience)
            for place in places where bus.slots[place].outcome == .value {
                last[place] = MoteusState(bus.slots[place].frame)
            }
            left = places.filter { last[$0]?.mode != MoteusMode.position.rawValue }
            let failed = left.first { last[$0]?.mode == MoteusMode.fault.rawValue }
            let isOver = MonotonicClock.now() >= end
            guard let place = failed ?? (isOver ? left.first : nil) else { continue }
            let link = links[place]
            guard let state = last[place] else { return silent(link) }
            let fault = state.fault == .none ? state.modeWords : "\(state.fault)"
            return refusal(link, "does not take up torque: \(fault)")
        }
        return nil
    }

    /// The same order goes on being said: one that nobody says any more stops by its watchdog.
    func damp(_ joints: JointSet, unbraked: inout JointSet) throws(HardwareError) {
        for place in places(in: joints) where links[place].goal != nil {
            links[place].brakes = true
        }
        for _ in 0..<3 {
            let left = places(in: joints).filter { unbraked.contains(links[$0].index) }
            guard !left.isEmpty else { return }
            bus.begin()
            for place in left {
                guard let goal = links[place].goal else { continue }
                bus.add(place, wantsReply: true) { frame in
                    links[place].command(goal, watchdog: description.servoWatchdog)
                        .append(to: &frame)
                    MoteusQuery(includesCurrent: true).append(to: &frame)
                }
            }
            try bus.exchange(deadline: MonotonicClock.now() + bus.timing.patience)
            for place in left where bus.slots[place].outcome == .value {
                let state = MoteusState(bus.slots[place].frame)
                guard state?.mode == MoteusMode.position.rawValue else { continue }
                unbraked.remove(links[place].index)
            }
        }
    }

    func release(_ joints: JointSet, unconfirmed: inout JointSet) throws(HardwareError) {
        for _ in 0..<3 {
            let left = places(in: joints).filter { unconfirmed.contains(links[$0].index) }
            guard !left.isEmpty else { return }
            bus.begin()
            for place in left {
                links[place].goal = nil
                links[place].brakes = false
                bus.add(place, wantsReply: true) { frame in
                    frame.set(.stopped)
                    MoteusQuery(includesCurrent: true).append(to: &frame)
                }
            }
            try bus.exchange(deadline: MonotonicClock.now() + bus.timing.patience)
            for place in left where bus.slots[place].outcome == .value {
                let state = MoteusState(bus.slots[place].frame)
                guard state?.mode == MoteusMode.stopped.rawValue else { continue }
                unconfirmed.remove(links[place].index)
            }
        }
    }

    private func silent(_ link: MoteusLink) -> ArmingError {
        refusal(link, "does not answer; check its cable and power")
    }

    private func refusal(_ link: MoteusLink, _ text: String) -> ArmingError {
        ArmingError(joint: link.index, reason: "\(link.title) \(text)")
    }
}
