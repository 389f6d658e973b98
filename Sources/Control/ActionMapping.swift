public import Robot

/// Between the policy's numbers in [-1, 1] and joint positions.
///
/// Actions are numbered as the policy gives them: one an actuated joint, or for legs a swing and an
/// extension each.
public struct ActionMapping: Sendable {
    /// The joints the policy moves, in the robot file's order.
    public let joints: [Int]
    /// What an action asks for.
    public let kind: ActionKind
    /// How many numbers an action has.
    public let count: Int
    /// What each number moves, for people and policy files.
    public let names: [String]
    private let centres: [Radians]
    private let halfRanges: [Radians]
    private let reaches: [Radians]
    private let legs: [FiveBarLeg]

    /// The mapping of `task` on `robot`.
    public init(task: TaskSettings, robot: RobotDescription) {
        kind = task.actionKind
        joints = robot.actuatedJoints
        let stepSeconds = Double(task.ticksPerStep) * robot.tickSeconds
        let ranges: [ClosedRange<Radians>]
        if kind == .legs, let own = task.legRanges {
            // The robot file's reader has proved that every leg is one.
            legs = robot.legs.compactMap { try? FiveBarLeg($0) }
            ranges = legs.flatMap { _ in [own.swing, own.extension] }
            names = legs.flatMap { ["\($0.leg.name).swing", "\($0.leg.name).extension"] }
            reaches = ranges.map { $0.upperBound - $0.lowerBound }
        } else {
            legs = []
            let limits = joints.map { robot.joints[$0].limits }
            ranges = limits.map(\.position)
            names = joints.map { robot.joints[$0].name }
            reaches = limits.map { $0.goalVelocity * stepSeconds }
        }
        count = ranges.count
        centres = ranges.map { ($0.lowerBound + $0.upperBound) / 2 }
        halfRanges = ranges.map { ($0.upperBound - $0.lowerBound) / 2 }
    }

    /// What an action of 0 stands for: an angle, or no change.
    public var offsets: [Radians] { kind == .relative ? reaches.map { _ in 0 } : centres }

    /// What an action of 1 adds to that.
    public var factors: [Radians] { kind == .relative ? reaches : halfRanges }

    /// The layout as text, for hashing and for policy files: what -1 and 1 stand for, a line each.
    public var layout: String {
        names.indices.map { index in
            guard kind != .relative else { return "\(names[index]):±\(reaches[index]) rad" }
            let low = centres[index] - halfRanges[index]
            let high = centres[index] + halfRanges[index]
            return "\(names[index]):\(low)...\(high) rad"
        }
        .joined(separator: "\n")
    }

    // MARK: From actions to joints

    /// The positions that actions ask for, from the goals in force when their step begins.
    ///
    /// Writes the joints of this mapping in `wanted` and no other. Not a number stays not a number,
    /// for `Safety` to refuse. Allocates nothing.
    public func positions(
        _ actions: [Float],
        from starts: JointArray<Radians?>,
        into wanted: inout JointArray<Radians?>
    ) {
        guard kind == .legs else {
            for (place, joint) in joints.enumerated() {
                wanted[joint] = position(actions[place], place, from: starts[joint] ?? 0)
            }
            return
        }
        for (leg, kinematics) in legs.enumerated() {
            let swing = position(actions[2 * leg], 2 * leg, from: 0)
            let extent = position(actions[2 * leg + 1], 2 * leg + 1, from: 0)
            let description = kinematics.leg
            let front = Double(description.frontDirection) * (extent - swing)
            let rear = Double(description.rearDirection) * (extent + swing)
            wanted[description.frontJoint] = front
            wanted[description.rearJoint] = rear
        }
    }

    private func position(_ action: Float, _ place: Int, from start: Radians) -> Radians {
        let value = Double(action)
        let bounded = value.isNaN ? value : max(-1, min(1, value))
        if kind == .relative { return start + reaches[place] * bounded }
        return centres[place] + halfRanges[place] * bounded
    }

    // MARK: From joints to actions

    /// The actions that lead from one set of goals to another, each within [-1, 1].
    public func actions(
        _ goals: JointArray<Radians?>,
        from starts: JointArray<Radians?>,
        into actions: inout [Float]
    ) {
        guard kind == .relative else { return places(goals, into: &actions) }
        for (place, joint) in joints.enumerated() {
            let change = (goals[joint] ?? 0) - (starts[joint] ?? 0)
            actions[place] = Float(max(-1, min(1, change / reaches[place])))
        }
    }

    /// Where goals lie in their ranges, mapped to [-1, 1].
    public func places(_ goals: JointArray<Radians?>, into places: inout [Float]) {
        guard kind == .legs else {
            for (place, joint) in joints.enumerated() {
                places[place] = share(goals[joint] ?? 0, place)
            }
            return
        }
        for (leg, kinematics) in legs.enumerated() {
            let pose = kinematics.pose(
                front: goals[kinematics.leg.frontJoint] ?? 0,
                rear: goals[kinematics.leg.rearJoint] ?? 0
            )
            places[2 * leg] = share(pose.swing, 2 * leg)
            places[2 * leg + 1] = share(pose.extension, 2 * leg + 1)
        }
    }

    private func share(_ angle: Radians, _ place: Int) -> Float {
        Float(max(-1, min(1, (angle - centres[place]) / halfRanges[place])))
    }
}
