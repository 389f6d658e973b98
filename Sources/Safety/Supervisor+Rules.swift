public import Robot

/// What a look at the robot found: every broken rule, and the worst of them.
struct Findings {
    var report = RuleReport()
    /// The fault of the strongest broken rule; among equals the one found first.
    var fault: Fault?

    mutating func note(_ rule: SafetyRule, joint: Int? = nil, fault code: FaultCode? = nil) {
        report.note(rule, joint: joint)
        guard let code = code ?? rule.fault else { return }
        if let fault, fault.code.response >= code.response { return }
        fault = Fault(code, joint: joint)
    }
}

extension Int {
    /// One more tick in a row, or none.
    mutating func count(_ isBroken: Bool) { self = isBroken ? self + 1 : 0 }
}

extension Supervisor {
    /// Looks at everything without changing a goal.
    mutating func look(
        at proposal: JointArray<Radians?>,
        _ body: BodyState,
        _ now: MonotonicTime,
        _ found: inout Findings
    ) {
        if let code = body.fault { found.note(.body, fault: code) }
        base(body, now, &found)
        var robotPower = 0.0
        for joint in previous.indices {
            standing(joint, body, now, &found)
            guard previous[joint] != nil, let sample = body.samples[joint] else {
                watch[joint].cool(limits[joint], tickSeconds: tickSeconds)
                continue
            }
            if let wanted = proposal[joint], !wanted.isFinite {
                found.note(.proposal, joint: joint)
            }
            moving(joint, sample, &found)
            robotPower += drawing(joint, sample, body.health[joint], &found)
        }
        robotPowerTicks = robotPower > settings.power ? robotPowerTicks + 1 : 0
        if robotPowerTicks >= patience.power { found.note(.robotPower) }
    }

    /// Rules that hold whether a joint is driven or limp.
    private func standing(
        _ joint: Int,
        _ body: BodyState,
        _ now: MonotonicTime,
        _ found: inout Findings
    ) {
        guard let sample = body.samples[joint],
            isFresh(sample, now: now) || isAwaited(joint, sample, now: now)
        else { return found.note(.reading, joint: joint) }
        if let health = body.health[joint] { condition(joint, health, &found) }
    }

    /// What a servo says of its own condition.
    private func condition(_ joint: Int, _ health: JointHealth, _ found: inout Findings) {
        if health.hardwareError != 0 { found.note(.hardwareError, joint: joint) }
        let warmth = health.temperature
        if !(warmth < limits[joint].stopTemperature) { found.note(.stopTemperature, joint: joint) }
        if warmth > limits[joint].pauseTemperature { found.note(.pauseTemperature, joint: joint) }
    }

    /// Where and how fast a driven joint moves.
    private mutating func moving(_ joint: Int, _ sample: JointSample, _ found: inout Findings) {
        let limit = limits[joint]
        guard sample.position.isFinite, sample.velocity.isFinite else {
            return found.note(.reading, joint: joint)
        }
        if limit.isTooFarOut(sample.position) { found.note(.hardZone, joint: joint) }
        if !limit.position.contains(sample.position) { found.note(.positionRange, joint: joint) }
        watch[joint].overspeedTicks.count(sample.velocity.magnitude > limit.tripVelocity)
        if watch[joint].overspeedTicks >= settings.overspeedTicks {
            found.note(.overspeed, joint: joint)
        }
        if watch[joint].windowTicks >= patience.following {
            found.note(.followingError, joint: joint)
        }
        if watch[joint].heldBackTicks >= patience.heldBack { found.note(.heldBack, joint: joint) }
    }

    /// What a driven joint draws; returns its power.
    private mutating func drawing(
        _ joint: Int,
        _ sample: JointSample,
        _ health: JointHealth?,
        _ found: inout Findings
    ) -> Watts {
        let limit = limits[joint]
        let current = sample.current.magnitude
        watch[joint].overcurrentTicks.count(current > limit.current)
        if watch[joint].overcurrentTicks >= settings.overcurrentTicks {
            found.note(.current, joint: joint)
        }
        watch[joint].warm(by: current, limit, tickSeconds: tickSeconds)
        if watch[joint].heat >= limit.heatBudget(seconds: settings.heatSeconds) {
            found.note(.thermalLoad, joint: joint)
        }
        let measured = health.flatMap { $0.inputVoltage > 0 ? $0.inputVoltage : nil }
        watch[joint].voltageTicks.count(measured.map { !limit.voltage.contains($0) } ?? false)
        if watch[joint].voltageTicks >= patience.voltage { found.note(.voltage, joint: joint) }
        let power = current * (measured ?? nominalVoltage[joint])
        watch[joint].overpowerTicks.count(power > limit.power)
        if watch[joint].overpowerTicks >= patience.power { found.note(.jointPower, joint: joint) }
        return power.isFinite ? power : 0
    }

    /// Why torque may not be enabled on a joint; `nil` if it may.
    func refusal(joint: Int, body: BodyState, now: MonotonicTime) -> Fault? {
        if let code = body.fault { return Fault(code) }
        var found = Findings()
        beforeTorque(joint, body, now, &found)
        return found.fault
    }

    /// The rules a limp joint must keep before it gets torque.
    private func beforeTorque(
        _ joint: Int,
        _ body: BodyState,
        _ now: MonotonicTime,
        _ found: inout Findings
    ) {
        standing(joint, body, now, &found)
        guard let sample = body.samples[joint] else { return }
        guard sample.position.isFinite else { return found.note(.reading, joint: joint) }
        if !turnsFreely[joint], limits[joint].isTooFarOut(sample.position) {
            found.note(.hardZone, joint: joint)
        }
        if watch[joint].heat >= limits[joint].heatBudget(seconds: settings.heatSeconds) {
            found.note(.thermalLoad, joint: joint)
        }
        if let volts = body.health[joint]?.inputVoltage, volts > 0,
            !limits[joint].voltage.contains(volts)
        {
            found.note(.voltage, joint: joint)
        }
    }

    /// What stands in the way of torque now and what a person should know: the checks.
    ///
    /// The rules broken in the newest judged tick, and for limp joints those that would refuse
    /// torque. Allocates nothing; `SafetyCheck` puts it into words.
    public func check(_ body: BodyState, now: MonotonicTime) -> RuleReport {
        var found = Findings()
        if let code = body.fault { found.note(.body, fault: code) }
        readings(body, now, &found)
        for joint in previous.indices {
            if !hasServoWatchdog[joint] { found.note(.servoWatchdog, joint: joint) }
            if let warmth = body.health[joint]?.temperature,
                warmth > limits[joint].slowTemperature
            {
                found.note(.slowTemperature, joint: joint)
            }
            guard previous[joint] == nil else { continue }
            beforeTorque(joint, body, now, &found)
            if !turnsFreely[joint], let sample = body.samples[joint],
                !limits[joint].position.contains(sample.position)
            {
                found.note(.positionRange, joint: joint)
            }
        }
        if fault?.code == .lateTicks { found.note(.lateTicks) }
        found.report.formUnion(broken)
        return found.report
    }

    /// Whether a driven joint may be silent because its servo may be restarting in an episode.
    ///
    /// The older its sample, the narrower its goals (`JointLimits.step`).
    private func isAwaited(_ joint: Int, _ sample: JointSample, now: MonotonicTime) -> Bool {
        settings.rearmSeconds > 0 && state == .running && previous[joint] != nil
            && !turnsFreely[joint] && now.seconds(since: sample.time) <= settings.rearmSeconds
    }

    private func isFresh(_ sample: JointSample, now: MonotonicTime) -> Bool {
        now.seconds(since: sample.time) <= Double(settings.staleTicks) * tickSeconds
    }
}

extension JointWatch {
    /// Adds a tick's heat: what is above the continuous current warms, what is below cools.
    mutating func warm(by current: Amperes, _ limit: JointLimits, tickSeconds: Seconds) {
        guard limit.continuousCurrent.isFinite, current.isFinite else { return }
        let excess = current * current - limit.continuousCurrent * limit.continuousCurrent
        heat = max(0, heat + excess * tickSeconds)
    }

    /// A tick without current.
    mutating func cool(_ limit: JointLimits, tickSeconds: Seconds) {
        if heat > 0 { warm(by: 0, limit, tickSeconds: tickSeconds) }
    }
}

extension JointLimits {
    /// The heat at which a joint that draws exactly `current` has done so for `seconds`, A²s.
    func heatBudget(seconds: Seconds) -> Double {
        guard continuousCurrent < current else { return .infinity }
        return (current * current - continuousCurrent * continuousCurrent) * seconds
    }
}
