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
        var found = Findings()
        look(at: proposal, body, now, &found)
        broken = found.report
        if let fault = found.fault, endsMotion(fault) {
            stop(because: fault)
            return .stop(fault)
        }
        var goals = JointArray<Radians?>(count: previous.count, repeating: nil)
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
            let step = limits[joint].step(scene)
            note(step, joint, moved: step.goal - last)
            goals[joint] = step.goal
        }
        previous = goals
        return .go(SafeGoal(positions: goals, tick: tick, time: now))
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
