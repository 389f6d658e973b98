import Robot

/// One joint's next safe goal, and what kept it from the wanted one.
struct GoalStep: Sendable, BitwiseCopyable {
    /// The goal.
    var goal: Radians
    /// Rules that held it back, as bits by raw value.
    var heldBackBy: UInt64 = 0

    /// Notes a rule that held the goal back.
    mutating func note(_ rule: SafetyRule) { heldBackBy |= 1 << UInt64(rule.rawValue) }

    /// Whether a rule held the goal back.
    func isHeldBack(by rule: SafetyRule) -> Bool {
        heldBackBy & (1 << UInt64(rule.rawValue)) != 0
    }
}

/// What one joint's goal is judged against in a tick.
struct GoalScene: Sendable, BitwiseCopyable {
    /// Where the task wants the joint.
    var wanted: Radians
    /// The safe goal before.
    var previous: Radians
    /// Where the joint is.
    var measured: Radians
    /// How much older than one tick the sample is.
    var excessAge: Seconds = 0
    /// How far the safe goal moved in the tick before, signed.
    var lastStep: Radians = 0
    /// Mean speed of the safe goal so far.
    var meanGoalSpeed: RadiansPerSecond = 0
    /// The servo's temperature; `nil` if it was never read.
    var temperature: Celsius?
    /// One tick.
    var tickSeconds: Seconds
    /// The part of a new step in the mean goal speed.
    var meanShare: Double = 1
}

extension JointLimits {
    /// One joint's share of `Supervisor.judge`.
    ///
    /// Position limits win over the window, the window over everything that limits how far the goal
    /// moves in a tick (docs/decisions/002).
    func step(_ scene: GoalScene) -> GoalStep {
        let slack = scene.excessAge * goalVelocity
        let middle = (position.lowerBound + position.upperBound) / 2
        let low = min(position.lowerBound + slack, middle)
        let high = max(position.upperBound - slack, middle)

        let inside = clamp(scene.wanted, low, high)
        var step = GoalStep(goal: inside)
        let bound = longestStep(towards: inside - scene.previous, scene, &step)
        step.goal = clamp(inside, scene.previous - bound, scene.previous + bound)

        let window = max(0, followingError - slack)
        let near = clamp(step.goal, scene.measured - window, scene.measured + window)
        if near != step.goal { step.note(.followingWindow) }
        step.goal = near

        // From outside only inward: never beyond the nearer of the joint and its previous goal.
        let ceiling = max(position.upperBound, min(scene.previous, scene.measured))
        let floor = min(position.lowerBound, max(scene.previous, scene.measured))
        step.goal = clamp(step.goal, floor, ceiling)
        return step
    }

    /// How far the goal may move in this tick in the direction of `desired`.
    private func longestStep(
        towards desired: Radians,
        _ scene: GoalScene,
        _ step: inout GoalStep
    ) -> Radians {
        let distance = desired.magnitude
        let plain = goalVelocity * scene.tickSeconds
        var bound = plain
        func limit(_ other: Radians, _ rule: SafetyRule) {
            if distance > other, other < plain { step.note(rule) }
            bound = min(bound, other)
        }
        if distance > plain { step.note(.goalVelocity) }
        limit(plain * warmthShare(scene.temperature), .slowTemperature)
        limit(plain * softShare(desired, scene), .softZone)
        limit(acceleratedStep(desired, scene), .goalAcceleration)
        limit(meanStep(scene), .meanGoalVelocity)
        return bound
    }

    /// 1 up to `slowTemperature`, falling to a quarter at `stopTemperature`.
    private func warmthShare(_ temperature: Celsius?) -> Double {
        guard let temperature, temperature > slowTemperature else { return 1 }
        let share = (temperature - slowTemperature) / (stopTemperature - slowTemperature)
        return 1 - 0.75 * min(1, share)
    }

    /// 1 outside the soft zone, falling to a twentieth at the limit, so that it can be reached.
    private func softShare(_ desired: Radians, _ scene: GoalScene) -> Double {
        guard softZone > 0 else { return 1 }
        let room =
            desired > 0
            ? position.upperBound - max(scene.previous, scene.measured)
            : min(scene.previous, scene.measured) - position.lowerBound
        return min(1, max(0.05, room / softZone))
    }

    /// What the acceleration lets a goal move that moved `lastStep` before; from rest if it turns.
    private func acceleratedStep(_ desired: Radians, _ scene: GoalScene) -> Radians {
        let gain = goalAcceleration * scene.tickSeconds * scene.tickSeconds
        let before = desired > 0 ? scene.lastStep : -scene.lastStep
        return max(0, before) + gain
    }

    /// What keeps the mean goal speed at or below its limit.
    private func meanStep(_ scene: GoalScene) -> Radians {
        let speed =
            scene.meanGoalSpeed + (meanGoalVelocity - scene.meanGoalSpeed) / scene.meanShare
        return max(0, speed) * scene.tickSeconds
    }

    /// Whether a joint stands so far outside its limits that moving it is refused.
    func isTooFarOut(_ position: Radians) -> Bool {
        position > self.position.upperBound + hardZone
            || position < self.position.lowerBound - hardZone
    }
}

/// `value` moved into `low...high`; `low` wins if the two have crossed.
@inline(__always) func clamp(_ value: Double, _ low: Double, _ high: Double) -> Double {
    max(low, min(high, value))
}
