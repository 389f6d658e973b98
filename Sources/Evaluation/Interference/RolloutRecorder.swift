import Control
import Foundation
import Pictures
import Robot
import Safety

/// Takes down a chosen episode sample by sample.
struct RolloutRecorder {
    private(set) var rollout: Rollout
    private let robot: RobotDescription
    private let actuated: [Int]
    private let stepSeconds: Double
    private let walks: Bool
    private var pictures: [UInt8] = []
    private let pictureSize: PictureSize?

    /// At most so many pictures of an episode are kept.
    private static let pictureCount = 16

    /// - Parameter pictureSize: the size of what the policy sees; `nil` without a camera.
    init(
        _ rollout: Rollout,
        task: TaskSettings,
        robot: RobotDescription,
        pictureSize: PictureSize?
    ) {
        self.pictureSize = pictureSize
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
        pictures.reserveCapacity((pictureSize?.byteCount ?? 0) * count)
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
        picture: [UInt8],
        current: Double,
        isActive: Bool
    ) {
        pictures.append(contentsOf: picture)
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
        rollout.seen = seen
        return rollout
    }

    /// Pictures at about equal times, the first and the last among them.
    private var seen: SeenPictures? {
        guard let size = pictureSize, !rollout.time.isEmpty,
            pictures.count == size.byteCount * rollout.time.count
        else { return nil }
        let last = rollout.time.count - 1
        let count = min(Self.pictureCount, last + 1)
        let chosen = (0..<count).map { $0 * last / max(1, count - 1) }
        let png = chosen.compactMap { place in
            let bytes = pictures[place * size.byteCount..<(place + 1) * size.byteCount]
            return (try? PNGFile.bytes(Array(bytes), size: size)).map { Data($0) }
        }
        guard png.count == count else { return nil }
        return SeenPictures(
            width: size.width,
            height: size.height,
            time: chosen.map { rollout.time[$0] },
            png: png
        )
    }
}
