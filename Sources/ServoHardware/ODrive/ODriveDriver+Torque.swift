import Realtime
import Robot
import Safety
import ServoProtocol

extension ODriveDriver {
    /// How long a state that was requested may take to come, nanoseconds: the board's state machine
    /// looks every millisecond, and waits for some turns of its control loop.
    private static var stateNanoseconds: Int64 { 200_000_000 }
    /// Between two looks at a state.
    private static var lookNanoseconds: Int64 { 1_000_000 }

    func prepare(_ joint: Int) throws(ArmingError) {
        guard let place = links.firstIndex(where: { $0.index == joint }) else { return }
        do {
            try prepare(place: place)
        } catch {
            throw ArmingError(joint: joint, reason: "\(links[place].title) \(error.text)")
        }
        health[place].cause = ODriveCause(axis: [])
        health[place].isSuspect = false
    }

    /// Why a joint cannot be armed: the part of the sentence behind its title.
    private struct Obstacle: Error {
        var text: String
    }

    private func prepare(place: Int) throws(Obstacle) {
        let link = links[place]
        try checkErrors(link)
        for (property, value) in link.settings(watchdog: description.servoWatchdog) {
            try set(link, property, value)
        }
    }

    /// A watchdog that expired, and a state that was refused, are cleared; other errors are not
    /// ours to forget.
    private func checkErrors(_ link: ODriveLink) throws(Obstacle) {
        var cause = ODriveCause(axis: ODriveAxisErrors(rawValue: try bits(link, .error)))
        let harmless: ODriveAxisErrors = [.watchdogExpired, .invalidState]
        if cause.axis.isSubset(of: harmless) {
            // First the watchdog: while it is armed, its error comes back at once.
            try set(link, .enableWatchdog, 0)
            if !cause.axis.isEmpty { try set(link, .error, 0) }
            return
        }
        if let word = cause.openWord, let value = try? read(link, word.property) {
            cause.note(word, value)
        }
        throw Obstacle(text: "reports \(cause.words); then clear it with `sacbot reboot`")
    }

    private func bits(
        _ link: ODriveLink,
        _ property: ODriveProperty.Axis
    ) throws(Obstacle) -> UInt64 {
        let value = try read(link, property)
        guard let bits = value.bits else {
            throw Obstacle(text: "shows \(property.rawValue) = \(value.number), which is no number")
        }
        return bits
    }

    private func read(
        _ link: ODriveLink,
        _ property: ODriveProperty.Axis
    ) throws(Obstacle) -> ODriveValue {
        switch try outcome({ bus throws(HardwareError) in try bus.read(link.path(property)) }) {
        case .value(let value): return value
        case .refused(let refusal):
            throw Obstacle(text: "answers `\(refusal.rawValue)` to \(property.rawValue)")
        case .silent: throw Obstacle(text: "does not answer; check its cable and power")
        }
    }

    private func outcome(
        _ body: (ODriveBus) throws(HardwareError) -> ODriveBus.Outcome
    ) throws(Obstacle) -> ODriveBus.Outcome {
        do throws(HardwareError) {
            return try body(bus)
        } catch {
            throw Obstacle(text: "cannot be reached: \(error.description)")
        }
    }

    /// Writes a property and reads it back.
    private func set(
        _ link: ODriveLink,
        _ property: ODriveProperty.Axis,
        _ value: Double
    ) throws(Obstacle) {
        let path = link.path(property)
        let seen = try outcome { bus throws(HardwareError) in try bus.write(path, value) }
        switch seen {
        case .value(let found):
            guard !found.isShowing(value) else { return }
            throw Obstacle(
                text: "does not keep \(property.rawValue) = \(value): it reads \(found.number); "
                    + "restart the board"
            )
        case .refused(let refusal):
            throw Obstacle(
                text: "answers `\(refusal.rawValue)` to \(property.rawValue) = \(value); "
                    + "install firmware 0.5.6"
            )
        case .silent:
            throw Obstacle(text: "does not answer; check its cable and power")
        }
    }

    // MARK: On

    func engage(
        _ joints: JointSet,
        goals: inout JointArray<Radians?>
    ) throws(HardwareError) -> ArmingError? {
        for link in links(in: joints) {
            do throws(Obstacle) {
                goals[link.index] = try engage(link)
            } catch {
                return ArmingError(joint: link.index, reason: "\(link.title) \(error.text)")
            }
        }
        return nil
    }

    /// Set point where the joint is, watchdog, closed loop; every step read back.
    private func engage(_ link: ODriveLink) throws(Obstacle) -> Radians {
        let present = try read(link, .position).number
        guard present.isFinite else {
            throw Obstacle(text: "does not know where it is; calibrate it")
        }
        let angle = link.angle(turns: present)
        guard link.fence.contains(angle) else {
            throw Obstacle(
                text: "stands at \(angle) rad, outside the limits \(link.fence.lowerBound) to "
                    + "\(link.fence.upperBound) it may be sent to; move it back by hand"
            )
        }
        try set(link, .inputPosition, present)
        if description.servoWatchdog != nil {
            bus.fed[link.axis] = true
            try set(link, .enableWatchdog, 1)
        }
        try enter(.closedLoopControl, link)
        // On entry the board takes its own present position for set point, as long as it is in
        // position control; what is in force is looked at once more.
        let goal = try read(link, .inputPosition).number
        guard abs(goal - present) * 2 * .pi <= link.joint.limits.followingError else {
            throw Obstacle(
                text: "was told \(present) turns and means to go to \(goal); "
                    + "hold the joint still while it is armed"
            )
        }
        return link.angle(turns: goal)
    }

    /// Requests a state and looks until it is there.
    private func enter(_ state: ODriveAxisState, _ link: ODriveLink) throws(Obstacle) {
        let request = link.path(.requestedState)
        let wanted = Double(state.rawValue)
        var seen = try outcome { bus throws(HardwareError) in
            try bus.write(request, wanted, thenRead: link.statePath)
        }
        let end = MonotonicClock.now() + Self.stateNanoseconds
        while true {
            if case .value(let value) = seen, value.number == wanted { return }
            let now = MonotonicClock.now()
            guard now < end else { break }
            MonotonicClock.sleep(until: now + Self.lookNanoseconds)
            seen = try outcome { bus throws(HardwareError) in try bus.read(link.statePath) }
        }
        let cause = ODriveCause(axis: ODriveAxisErrors(rawValue: try bits(link, .error)))
        throw Obstacle(text: "does not enter \(state): \(cause.words)")
    }

    func keepAlive(_ joints: JointSet) throws(HardwareError) {
        bus.beginSetPoints()
        for link in links(in: joints) { bus.feed(axis: link.axis) }
        try bus.sendSetPoints(deadline: MonotonicClock.now() + patienceNanoseconds)
    }

    // MARK: Braking

    /// Without `pos_gain` the wanted velocity is zero and `vel_gain` brakes.
    func damp(_ joints: JointSet, unbraked: inout JointSet) throws(HardwareError) {
        for link in links(in: joints) {
            let seen = try bus.write(link.path(.positionGain), 0)
            guard case .value(let value) = seen, value.isShowing(0) else { continue }
            unbraked.remove(link.index)
        }
    }

    // MARK: Off

    func release(_ joints: JointSet, unconfirmed: inout JointSet) throws(HardwareError) {
        let links = links(in: joints)
        // Both are told before either is looked at.
        for link in links {
            bus.fed[link.axis] = false
            _ = try requestIdle(link)
        }
        for link in links where try becomesIdle(link) {
            unconfirmed.remove(link.index)
            // A watchdog that stays armed expires later and would have to be cleared.
            _ = try bus.write(link.path(.enableWatchdog), 0)
        }
    }

    private func requestIdle(_ link: ODriveLink) throws(HardwareError) -> Bool {
        let idle = Double(ODriveAxisState.idle.rawValue)
        let seen = try bus.write(
            link.path(.requestedState),
            idle,
            thenRead: link.statePath,
            attempts: 1
        )
        if case .value(let value) = seen { return value.number == idle }
        return false
    }

    /// Requests idle until it is read back or has had its time; at least three times.
    ///
    /// Said again with every look: a request that was lost is not missed by anybody.
    private func becomesIdle(_ link: ODriveLink) throws(HardwareError) -> Bool {
        let end = MonotonicClock.now() + Self.stateNanoseconds
        var looks = 0
        while looks < 3 || MonotonicClock.now() < end {
            if try requestIdle(link) { return true }
            MonotonicClock.sleep(until: MonotonicClock.now() + Self.lookNanoseconds)
            looks += 1
        }
        return false
    }

    /// Switches a joint's motor off and clears its errors.
    ///
    /// The board itself is not restarted: that would let the other joint fall and, with encoders
    /// that only count, lose where both are.
    func reboot(_ joint: Int) throws(HardwareError) -> Bool {
        guard let link = link(joint) else { return false }
        let set = JointSet([joint])
        var left = set
        try release(set, unconfirmed: &left)
        guard left.isEmpty else { return false }
        let words: [ODriveProperty.Axis] = [.motorError, .encoderError, .controllerError, .error]
        for word in words {
            guard case .value(let value) = try bus.write(link.path(word), 0), value.bits == 0
            else { return false }
        }
        return true
    }
}
