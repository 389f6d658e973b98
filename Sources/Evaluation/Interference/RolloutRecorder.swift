import Control
import Robot
import Safety

/// Takes down a chosen episode sample by sample.
struct RolloutRecorder {
    private(set) var rollout: Rollout
    private let robot: RobotDescription
    private let actuated: [Int]
    private let stepSeconds: Double
    private let walks: Bool

    init(_ rollout: Rollout, task: TaskSettings, robot: RobotDescription) {
        self.rollout = rollout
        self.robot = robot
        actuated = robot.actuatedJoints
        stepSeconds = Double(task.ticksPerStep) * robot.tickSeconds
        if case .walk = task.goal { walks = true } else { walks = false }
        reserve(task.stepCount + 1)
    }

    /// Room for a whole episode, so that samples on a real robot cost no allocation.
    private mutating func reserve(_ count: Int) {
        rollout.time.reserveCapacity(count)
        rollout.active.reserveCapacity(count)
        rollout.goal.reserveCapacity(count)
        rollout.error.reserveCapacity(count)
        rollout.objectAngle.reserveCapacity(count)
        rollout.objectVelocity.reserveCapacity(count)
        rollout.peakCurrent.reserveCapacity(count)
        rollout.limited.reserveCapacity(count)
        rollout.base.reserveCapacity(walks ? count : 0)
        for place in rollout.jointPositions.indices {
            rollout.jointPositions[place].reserveCapacity(count)
            rollout.jointGoals[place].reserveCapacity(count)
            rollout.jointCurrents[place].reserveCapacity(count)
            rollout.jointTemperatures[place].reserveCapacity(count)
        }
    }

    mutating func take(
        _ step: StepView,
        _ state: BodyState,
        _ supervisor: borrowing Supervisor,
        current: Double,
        isActive: Bool
    ) {
        rollout.time.append(Double(step.steps) * stepSeconds)
        rollout.active.append(isActive)
        rollout.goal.append(step.goal)
        rollout.error.append(step.error)
        rollout.peakCurrent.append(current)
        rollout.limited.append(step.limited)
        if let object = robot.objectJoint {
            rollout.objectAngle.append(state.samples[object].map { wrappedAngle($0.position) })
            rollout.objectVelocity.append(state.samples[object]?.velocity)
        }
        for (place, joint) in actuated.enumerated() {
            rollout.jointPositions[place].append(state.samples[joint]?.position)
            rollout.jointGoals[place].append(supervisor.lastGoal(joint))
            rollout.jointCurrents[place].append(state.samples[joint]?.current)
            rollout.jointTemperatures[place].append(state.health[joint]?.temperature)
        }
        if walks { rollout.base.append(base(state, step.speed ?? 0)) }
    }

    private func base(_ state: BodyState, _ speed: Double) -> BaseSampleRow {
        BaseSampleRow(
            x: state.place?.x ?? 0,
            y: state.place?.y ?? 0,
            height: state.place?.height ?? 0,
            roll: state.base?.roll ?? 0,
            pitch: state.base?.pitch ?? 0,
            yaw: state.place?.heading ?? state.base?.yaw ?? 0,
            speed: speed
        )
    }

    /// The rollout, once it is known how the episode ended.
    func finished(succeeded: Bool) -> Rollout {
        var rollout = rollout
        rollout.succeeded = succeeded
        return rollout
    }
}
