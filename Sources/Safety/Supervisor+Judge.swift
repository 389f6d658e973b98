public import Robot

extension Supervisor {
    /// Turns what the task wants into what the motors get, or into a stop.
    ///
    /// The goal of each joint with torque on lies inside the joint's position limits (from outside
    /// it only moves inward), moves at most `goalVelocity` x tick from the previous safe goal, and
    /// lies within the following-error window of the measurement. The window wins over the
    /// velocity: a goal may be pulled faster towards where the joint really is, never away from it
    /// (docs/decisions/002). A sample older than one tick tightens limits and window by its excess
    /// age x `goalVelocity`.
    ///
    /// - Parameters:
    ///   - proposal: the wanted position of each joint; `nil` keeps the previous goal.
    ///   - body: what was read in this tick.
    ///   - now: the tick's time on the body's clock.
    ///   - tick: the tick's number, stamped on the goal.
    public mutating func judge(
        _ proposal: JointArray<Radians?>,
        state body: BodyState,
        now: MonotonicTime,
        tick: UInt64
    ) -> Verdict {
        if let fault = firstFault(proposal, body: body, now: now) {
            stop(because: fault)
            return .stop(fault)
        }
        var goals = JointArray<Radians?>(count: previous.count, repeating: nil)
        for joint in previous.indices {
            guard let last = previous[joint], let sample = body.samples[joint] else { continue }
            let excess = max(0, now.seconds(since: sample.time) - tickSeconds)
            goals[joint] = limits[joint].safeGoal(
                wanted: proposal[joint] ?? last,
                previous: last,
                measured: sample.position,
                excessAge: excess,
                tickSeconds: tickSeconds
            )
        }
        previous = goals
        return .go(SafeGoal(positions: goals, tick: tick, time: now))
    }

    /// Looks at everything without changing a goal; the first fault found in joint order wins.
    private mutating func firstFault(
        _ proposal: JointArray<Radians?>,
        body: BodyState,
        now: MonotonicTime
    ) -> Fault? {
        if let code = body.fault { return Fault(code) }
        for joint in previous.indices {
            guard let sample = body.samples[joint], isFresh(sample, now: now) else {
                return Fault(.staleReading, joint: joint)
            }
            if let health = body.health[joint] {
                if health.hardwareError != 0 { return Fault(.hardwareError, joint: joint) }
                if !(health.temperature < limits[joint].stopTemperature) {
                    return Fault(.overTemperature, joint: joint)
                }
            }
            guard previous[joint] != nil else { continue }
            if let wanted = proposal[joint], !wanted.isFinite {
                return Fault(.invalidGoal, joint: joint)
            }
            if let fault = motionFault(joint, sample) { return fault }
        }
        return nil
    }

    /// Faults of a joint that is being driven: too far out, too fast or too strong for too long.
    private mutating func motionFault(_ joint: Int, _ sample: JointSample) -> Fault? {
        let limit = limits[joint]
        guard sample.position.isFinite, sample.velocity.isFinite else {
            return Fault(.staleReading, joint: joint)
        }
        if limit.isTooFarOut(sample.position) { return Fault(.outsideLimits, joint: joint) }
        overspeed[joint] =
            sample.velocity.magnitude > limit.tripVelocity ? overspeed[joint] + 1 : 0
        if overspeed[joint] >= settings.overspeedTicks { return Fault(.overspeed, joint: joint) }
        overcurrent[joint] =
            sample.current.magnitude > limit.current ? overcurrent[joint] + 1 : 0
        if overcurrent[joint] >= settings.overcurrentTicks {
            return Fault(.overCurrent, joint: joint)
        }
        return nil
    }

    /// Why torque may not be enabled on a joint; `nil` if it may.
    func refusal(joint: Int, body: BodyState, now: MonotonicTime) -> Fault? {
        if let code = body.fault { return Fault(code) }
        guard let sample = body.samples[joint], isFresh(sample, now: now),
            sample.position.isFinite
        else { return Fault(.staleReading, joint: joint) }
        if !turnsFreely[joint], limits[joint].isTooFarOut(sample.position) {
            return Fault(.outsideLimits, joint: joint)
        }
        if let health = body.health[joint] {
            if health.hardwareError != 0 { return Fault(.hardwareError, joint: joint) }
            if !(health.temperature < limits[joint].stopTemperature) {
                return Fault(.overTemperature, joint: joint)
            }
        }
        return nil
    }

    private func isFresh(_ sample: JointSample, now: MonotonicTime) -> Bool {
        now.seconds(since: sample.time) <= Double(settings.staleTicks) * tickSeconds
    }
}

extension JointLimits {
    /// Whether a joint stands further outside its limits than its following error.
    func isTooFarOut(_ position: Radians) -> Bool {
        position > self.position.upperBound + followingError
            || position < self.position.lowerBound - followingError
    }

    /// One joint's share of `Supervisor.judge`.
    func safeGoal(
        wanted: Radians,
        previous: Radians,
        measured: Radians,
        excessAge: Seconds,
        tickSeconds: Seconds
    ) -> Radians {
        let slack = excessAge * goalVelocity
        let middle = (position.lowerBound + position.upperBound) / 2
        let low = min(position.lowerBound + slack, middle)
        let high = max(position.upperBound - slack, middle)

        let step = goalVelocity * tickSeconds
        var goal = clamp(clamp(wanted, low, high), previous - step, previous + step)

        let window = max(0, followingError - slack)
        goal = clamp(goal, measured - window, measured + window)

        // From outside only inward: never beyond the nearer of the joint and its previous goal.
        let ceiling = max(position.upperBound, min(previous, measured))
        let floor = min(position.lowerBound, max(previous, measured))
        return clamp(goal, floor, ceiling)
    }
}

/// `value` moved into `low...high`; `low` wins if the two have crossed.
@inline(__always) private func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double {
    max(low, min(high, value))
}
