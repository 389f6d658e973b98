public import Robot

extension Supervisor {
    /// Turns what the task wants into what the motors get, or into a stop.
    ///
    /// The goal of each joint with torque on lies inside the joint's position limits (from outside
    /// it only moves inward), moves at most `goalVelocity` x tick from the previous safe goal, less
    /// where the soft zone, the acceleration, the mean velocity or the temperature says so, and
    /// lies within the following-error window of the measurement. The window wins over what limits
    /// the step: a goal may be pulled faster towards where the joint really is, never away from it
    /// (docs/decisions/002). A sample older than one tick tightens limits and window by its excess
    /// age x `goalVelocity`. With a posture guard no goal leaves a fingertip less room in its box, or
    /// two bodies of the robot less between them, than the goal in force did, unless that is where
    /// the robot already is.
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
        var found = Findings()
        look(at: proposal, body, now, &found)
        broken = found.report
        if let fault = found.fault, endsMotion(fault) {
            stop(because: fault)
            return .stop(fault)
        }
        let steps = steps(proposal, body, now)
        var goals = JointArray<Radians?>(count: previous.count, repeating: nil)
        for joint in previous.indices { goals[joint] = steps[joint]?.goal }
        if let posture { keepApart(&goals, body, now, posture) }
        for joint in previous.indices {
            guard let last = previous[joint], let step = steps[joint], let goal = goals[joint]
            else { continue }
            note(step, joint, moved: goal - last)
        }
        previous = goals
        return .go(SafeGoal(positions: goals, tick: tick, time: now))
    }

    /// What each joint's own limits make of a proposal; `nil` for joints without torque.
    private func steps(
        _ proposal: JointArray<Radians?>,
        _ body: BodyState,
        _ now: MonotonicTime
    ) -> JointArray<GoalStep?> {
        var steps = JointArray<GoalStep?>(count: previous.count, repeating: nil)
        for joint in previous.indices {
            guard let last = previous[joint], let sample = body.samples[joint] else { continue }
            let scene = GoalScene(
                wanted: proposal[joint] ?? last,
                previous: last,
                measured: sample.position,
                excessAge: max(0, now.seconds(since: sample.time) - tickSeconds),
                lastStep: watch[joint].lastStep,
                meanGoalSpeed: watch[joint].meanGoalSpeed,
                temperature: body.health[joint]?.temperature,
                tickSeconds: tickSeconds,
                meanShare: patience.meanShare
            )
            steps[joint] = limits[joint].step(scene)
        }
        return steps
    }

    /// Has the guard look at the posture the goals make, and changes them if it must.
    private mutating func keepApart(
        _ goals: inout JointArray<Radians?>,
        _ body: BodyState,
        _ now: MonotonicTime,
        _ guardian: any PostureGuard
    ) {
        let count = previous.count
        let staying = steps(JointArray(count: count, repeating: nil), body, now)
        var held = JointArray<Radians?>(count: count, repeating: nil)
        for joint in previous.indices { held[joint] = staying[joint]?.goal }
        var measured = JointArray<Radians>(count: count, repeating: 0)
        var before = measured
        var here = held
        for joint in previous.indices {
            // A joint without torque that says no number: nobody knows what would touch.
            guard let place = body.samples[joint]?.position, place.isFinite else {
                goals = held
                return
            }
            measured[joint] = place
            before[joint] = previous[joint] ?? place
            let range = limits[joint].position
            here[joint] = clamp(place, range.lowerBound, range.upperBound)
        }
        var shaping = PostureShaping(
            free: goals,
            held: held,
            here: here,
            before: before,
            measured: measured,
            steps: JointArray(count: count, repeating: .free),
            shares: JointArray(count: count, repeating: 1)
        )
        shape(&shaping, guardian)
        for joint in previous.indices { goals[joint] = shaping.goal(joint) }
    }

    /// Whether a fault seen now ends the motion: while an earlier one is being answered by parking,
    /// only what makes the joints unusable does.
    private func endsMotion(_ seen: Fault) -> Bool {
        fault == nil || seen.code.response == .stopAtOnce
    }

    /// Remembers what this goal means for the next ones.
    private mutating func note(_ step: GoalStep, _ joint: Int, moved: Radians) {
        let speed = moved.magnitude / tickSeconds
        watch[joint].lastStep = moved
        watch[joint].meanGoalSpeed += (speed - watch[joint].meanGoalSpeed) * patience.meanShare
        let isHeldBack =
            step.isHeldBack(by: .softZone) || step.isHeldBack(by: .goalAcceleration)
            || step.isHeldBack(by: .meanGoalVelocity) || step.isHeldBack(by: .slowTemperature)
            || step.isHeldBack(by: .followingWindow)
        watch[joint].windowTicks.count(step.isHeldBack(by: .followingWindow))
        watch[joint].heldBackTicks.count(isHeldBack)
        broken.note(rules: step.heldBackBy, joint: joint)
    }
}
