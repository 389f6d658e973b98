public import Robot

/// Between the policy's numbers in [-1, 1] and joint positions.
public struct ActionMapping: Sendable {
    /// The joints the policy moves, in the order of its actions.
    public let joints: [Int]
    /// What an action asks of a joint.
    public let kind: ActionKind
    private let centres: [Radians]
    private let halfRanges: [Radians]
    private let reaches: [Radians]

    /// The mapping of `task` on `robot`.
    public init(task: TaskSettings, robot: RobotDescription) {
        kind = task.actionKind
        joints = robot.actuatedJoints
        let limits = joints.map { robot.joints[$0].limits }
        centres = limits.map { ($0.position.lowerBound + $0.position.upperBound) / 2 }
        halfRanges = limits.map { ($0.position.upperBound - $0.position.lowerBound) / 2 }
        let stepSeconds = Double(task.ticksPerStep) * robot.tickSeconds
        reaches = limits.map { $0.goalVelocity * stepSeconds }
    }

    /// What an action of 0 stands for: a position, or no change.
    public var offsets: [Radians] {
        switch kind {
        case .absolute: centres
        case .relative: reaches.map { _ in 0 }
        }
    }

    /// What an action of 1 adds to that.
    public var factors: [Radians] {
        switch kind {
        case .absolute: halfRanges
        case .relative: reaches
        }
    }

    /// The layout as text, for hashing and for policy files: what -1 and 1 stand for, a line a joint.
    public func layout(robot: RobotDescription) -> String {
        joints.indices.map { index in
            let name = robot.joints[joints[index]].name
            switch kind {
            case .absolute:
                let low = centres[index] - halfRanges[index]
                let high = centres[index] + halfRanges[index]
                return "\(name):\(low)...\(high) rad"
            case .relative: return "\(name):±\(reaches[index]) rad"
            }
        }
        .joined(separator: "\n")
    }

    /// The position an action asks for, from the goal in force when its step begins.
    ///
    /// Not a number stays not a number, for `Safety` to refuse.
    public func position(_ action: Float, index: Int, from start: Radians) -> Radians {
        let value = Double(action)
        let bounded = value.isNaN ? value : max(-1, min(1, value))
        switch kind {
        case .absolute: return centres[index] + halfRanges[index] * bounded
        case .relative: return start + reaches[index] * bounded
        }
    }

    /// The action that leads from one goal to another, within [-1, 1].
    public func action(_ position: Radians, index: Int, from start: Radians) -> Float {
        switch kind {
        case .absolute: return place(position, index: index)
        case .relative: return Float(max(-1, min(1, (position - start) / reaches[index])))
        }
    }

    /// Where a position lies in the joint's limits, mapped to [-1, 1].
    public func place(_ position: Radians, index: Int) -> Float {
        Float(max(-1, min(1, (position - centres[index]) / halfRanges[index])))
    }
}
