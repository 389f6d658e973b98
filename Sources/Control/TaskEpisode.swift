import Glibc
public import Learning
public import Robot

/// One episode of a task: what was drawn for it, and what is measured from it.
public struct TaskEpisode: Sendable {
    /// The task.
    public let task: TaskSettings
    /// Where the reset is to bring the object, if there is one.
    public let objectStart: Radians?
    /// The target angle at the start.
    public let targetStart: Radians
    /// How fast the target moves.
    public let targetVelocity: RadiansPerSecond
    /// The pose to reach, for pose tasks; in the order of the actuated joints.
    public let targetPose: [Radians]

    let actuated: [Int]
    let object: Int?
    let resetPose: [Radians]
    let stepSeconds: Seconds
    private let legs: [FiveBarLeg]
    /// Where a walk began and how far it has come; `nil` before its first step and in other tasks.
    private var track: Track?

    /// Draws one episode of `task` on `robot`.
    public init(task: TaskSettings, robot: RobotDescription, random: inout RandomSource) {
        self.task = task
        actuated = robot.actuatedJoints
        object = robot.objectJoint
        resetPose = robot.actuatedJoints.map { robot.joints[$0].resetPosition }
        stepSeconds = Double(task.ticksPerStep) * robot.tickSeconds
        legs = robot.legs.compactMap { try? FiveBarLeg($0) }
        switch task.goal {
        case .objectAngle(let goal):
            targetStart = random.uniform(in: goal.target)
            targetVelocity = random.uniform(in: goal.targetVelocity)
            let start = random.uniform(in: goal.start)
            objectStart = wrappedAngle(goal.startIsRelative ? targetStart + start : start)
            targetPose = []
        case .pose(let ranges):
            targetStart = 0
            targetVelocity = 0
            objectStart = robot.objectJoint.map { robot.joints[$0].resetPosition }
            targetPose = ranges.map { random.uniform(in: $0) }
        case .walk:
            targetStart = 0
            targetVelocity = 0
            objectStart = nil
            targetPose = []
        }
    }

    // MARK: Walking

    /// The way walked, along the heading at the start.
    private struct Track: Sendable {
        let start: BasePlace
        /// Metres so far, and what of them came in the newest step.
        var length = 0.0
        var step = 0.0

        mutating func note(_ place: BasePlace) {
            let along =
                (place.x - start.x) * cos(start.heading) + (place.y - start.y) * sin(start.heading)
            step = along - length
            length = along
        }
    }

    /// Takes note of where the robot is when the episode's first step begins.
    public mutating func begin(_ state: BodyState) {
        guard case .walk = task.goal else { return }
        track = state.place.map { Track(start: $0) }
    }

    /// Takes note of where the robot is at the end of a step.
    public mutating func stepEnded(_ state: BodyState) {
        guard let place = state.place else {
            track = nil
            return
        }
        track?.note(place)
    }

    /// Whether the episode is over for good: the robot has fallen.
    ///
    /// `nil` if its attitude was not read.
    public func hasEnded(_ state: BodyState) -> Bool? {
        guard case .walk(let goal) = task.goal else { return false }
        return state.base.map { $0.tilt > goal.fallTilt }
    }

    /// What the mean speed so far misses of the wanted one, m/s.
    private func shortfall(_ goal: WalkGoal, step: Int) -> Double? {
        guard let track else { return nil }
        let seconds = stepSeconds * Double(max(1, step))
        return max(0, goal.speed - track.length / seconds)
    }

    /// What is aimed at in a step: the target's angle, or the wanted speed; `nil` for poses.
    public func goal(step: Int) -> Double? {
        switch task.goal {
        case .objectAngle: target(step: step)
        case .pose: nil
        case .walk(let goal): goal.speed
        }
    }

    /// Metres a second along the track in the newest step; `nil` for tasks that do not walk.
    public var stepSpeed: Double? { track.map { $0.step / stepSeconds } }

    /// The target's angle at the beginning of a step.
    public func target(step: Int) -> Radians {
        targetStart + targetVelocity * stepSeconds * Double(step)
    }

    /// The object's signed error at a step, wrapped to ±pi; `nil` if its angle was never read.
    public func objectError(_ state: BodyState, step: Int) -> Radians? {
        guard let object, let sample = state.samples[object] else { return nil }
        return wrappedAngle(target(step: step) - sample.position)
    }

    /// The error that success is judged by: |error| of the object, or the mean over a pose's joints.
    public func error(_ state: BodyState, step: Int) -> Radians? {
        switch task.goal {
        case .objectAngle: return objectError(state, step: step)?.magnitude
        case .pose:
            var sum = 0.0
            for (index, joint) in actuated.enumerated() {
                guard let sample = state.samples[joint] else { return nil }
                sum += (targetPose[index] - sample.position).magnitude
            }
            return sum / Double(max(1, actuated.count))
        case .walk(let goal): return shortfall(goal, step: step)
        }
    }

    /// The step's reward; `nil` if a joint it needs was never read.
    ///
    /// - Parameters:
    ///   - state: what was read at the end of the step.
    ///   - step: the number of the step that begins now.
    ///   - actions: how the last three actions differ.
    public func reward(_ state: BodyState, step: Int, actions: ActionDifferences) -> Double? {
        var sum = 0.0
        for term in task.rewards {
            guard let value = value(term, state, step: step, actions: actions) else {
                return nil
            }
            sum += term.weight * value
        }
        return sum
    }

    private func value(
        _ term: RewardTerm,
        _ state: BodyState,
        step: Int,
        actions: ActionDifferences
    ) -> Double? {
        switch term.kind {
        case .targetError: errorNorm(state, step: step)
        case .targetWithin: error(state, step: step).map { $0 < term.threshold ? 1 : 0 }
        case .resetPoseDistance:
            norm(state) { index, sample in sample.position - resetPose[index] }
        case .fastJoints:
            norm(state) { _, sample in
                sample.velocity.magnitude >= term.threshold ? sample.velocity : 0
            }
        case .actionChange: actions.change
        case .actionAcceleration: actions.acceleration
        case .forwardSpeed: track.map { min($0.step / stepSeconds, term.threshold) }
        case .basePitch: state.base?.pitch.magnitude
        case .legsUnderBody: legsUnderBody(state, term)
        }
    }

    private func legsUnderBody(_ state: BodyState, _ term: RewardTerm) -> Double? {
        var sum = 0.0
        for index in term.legs {
            let leg = legs[index]
            guard let front = state.samples[leg.leg.frontJoint],
                let rear = state.samples[leg.leg.rearJoint]
            else { return nil }
            let swing = leg.pose(front: front.position, rear: rear.position).swing
            sum += max(0, -swing - term.threshold)
        }
        return sum
    }

    private func errorNorm(_ state: BodyState, step: Int) -> Double? {
        switch task.goal {
        case .objectAngle: objectError(state, step: step)?.magnitude
        case .pose: norm(state) { index, sample in targetPose[index] - sample.position }
        case .walk: error(state, step: step)
        }
    }

    private func norm(_ state: BodyState, _ part: (Int, JointSample) -> Double) -> Double? {
        var squares = 0.0
        for (index, joint) in actuated.enumerated() {
            guard let sample = state.samples[joint] else { return nil }
            let value = part(index, sample)
            squares += value * value
        }
        return squares.squareRoot()
    }
}

/// How the last three actions differ, as Euclidean norms over [-1, 1].
public struct ActionDifferences: Sendable, Hashable {
    /// Of the newest and the one before.
    public var change: Double
    /// Of the newest change and the change before: the second difference.
    public var acceleration: Double

    /// Differences.
    public init(change: Double = 0, acceleration: Double = 0) {
        self.change = change
        self.acceleration = acceleration
    }

    /// Of the newest three.
    init(_ newest: [Float], before: [Float], beforeThat: [Float]) {
        var squares = (change: 0.0, acceleration: 0.0)
        for index in newest.indices {
            let change = Double(newest[index] - before[index])
            let acceleration = change - Double(before[index] - beforeThat[index])
            squares.change += change * change
            squares.acceleration += acceleration * acceleration
        }
        change = squares.change.squareRoot()
        acceleration = squares.acceleration.squareRoot()
    }
}
