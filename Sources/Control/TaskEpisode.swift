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

    /// Draws one episode of `task` on `robot`.
    public init(task: TaskSettings, robot: RobotDescription, random: inout RandomSource) {
        self.task = task
        actuated = robot.actuatedJoints
        object = robot.objectJoint
        resetPose = robot.actuatedJoints.map { robot.joints[$0].resetPosition }
        stepSeconds = Double(task.ticksPerStep) * robot.tickSeconds
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
        }
    }

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
        }
    }

    /// The step's reward; `nil` if a joint it needs was never read.
    ///
    /// - Parameters:
    ///   - state: what was read at the end of the step.
    ///   - step: the number of the step that begins now.
    ///   - actionChange: distance between this step's action and the one before.
    public func reward(_ state: BodyState, step: Int, actionChange: Double) -> Double? {
        var sum = 0.0
        for term in task.rewards {
            guard let value = value(term, state, step: step, actionChange: actionChange) else {
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
        actionChange: Double
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
        case .actionChange: actionChange
        }
    }

    private func errorNorm(_ state: BodyState, step: Int) -> Double? {
        switch task.goal {
        case .objectAngle: objectError(state, step: step)?.magnitude
        case .pose: norm(state) { index, sample in targetPose[index] - sample.position }
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
