import Glibc
import Robot

/// Wanted joint angles of a robot that stands on five-bar legs.
struct LegPoses: Sendable {
    let legs: [FiveBarLeg]
    private let limits: [JointLimits]
    private let rest: [LegPose]

    /// Of a robot's legs; `nil` if it has none, or one that cannot be.
    init?(_ robot: RobotDescription) {
        let legs = robot.legs.compactMap { try? FiveBarLeg($0) }
        guard !legs.isEmpty, legs.count == robot.legs.count else { return nil }
        self.legs = legs
        limits = robot.joints.map(\.limits)
        rest = legs.map { leg in
            leg.pose(
                front: robot.joints[leg.leg.frontJoint].resetPosition,
                rear: robot.joints[leg.leg.rearJoint].resetPosition
            )
        }
    }

    /// How a leg stands in the robot's reset pose.
    func rest(_ leg: Int) -> LegPose { rest[leg] }

    /// The most a leg can be folded with its foot straight below, inside linkage and joint limits.
    func folded(_ leg: Int) -> Radians {
        let kinematics = legs[leg]
        var lowest = kinematics.extensionRange.lowerBound
        for (joint, direction) in [
            (kinematics.leg.frontJoint, kinematics.leg.frontDirection),
            (kinematics.leg.rearJoint, kinematics.leg.rearDirection),
        ] {
            let range = limits[joint].position
            lowest = max(lowest, direction > 0 ? range.lowerBound : -range.upperBound)
        }
        return lowest
    }

    /// Wants a leg's pose, as near to it as linkage and joint limits allow.
    func want(_ leg: Int, _ pose: LegPose, into wanted: inout JointArray<Radians?>) {
        let kinematics = legs[leg]
        let range = kinematics.extensionRange
        let inside = LegPose(
            swing: pose.swing,
            extension: min(max(pose.extension, range.lowerBound), range.upperBound)
        )
        guard let joints = try? kinematics.joints(inside) else { return }
        for (joint, angle) in [
            (kinematics.leg.frontJoint, joints.front), (kinematics.leg.rearJoint, joints.rear),
        ] {
            let bounds = limits[joint].position
            wanted[joint] = min(max(angle, bounds.lowerBound), bounds.upperBound)
        }
    }

    /// Where a leg stands now; `nil` if it was never read.
    func pose(_ leg: Int, _ state: BodyState) -> LegPose? {
        let joints = legs[leg].leg
        guard let front = state.samples[joints.frontJoint],
            let rear = state.samples[joints.rearJoint]
        else { return nil }
        return legs[leg].pose(front: front.position, rear: rear.position)
    }
}
