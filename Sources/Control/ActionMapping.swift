public import Robot

/// Between the policy's numbers in [-1, 1] and joint positions.
///
/// -1 and 1 are the ends of the joint's position limits.
public struct ActionMapping: Sendable {
    /// The joints the policy moves, in the order of its actions.
    public let joints: [Int]
    private let centres: [Radians]
    private let halfRanges: [Radians]

    /// The mapping of `robot`.
    public init(robot: RobotDescription) {
        joints = robot.actuatedJoints
        let limits = joints.map { robot.joints[$0].limits.position }
        centres = limits.map { ($0.lowerBound + $0.upperBound) / 2 }
        halfRanges = limits.map { ($0.upperBound - $0.lowerBound) / 2 }
    }

    /// The position one action asks for. Not a number stays not a number, for `Safety` to refuse.
    public func position(_ action: Float, index: Int) -> Radians {
        let value = Double(action)
        let bounded = value.isNaN ? value : max(-1, min(1, value))
        return centres[index] + halfRanges[index] * bounded
    }

    /// The action that asks for a position, within [-1, 1].
    public func action(_ position: Radians, index: Int) -> Float {
        Float(max(-1, min(1, (position - centres[index]) / halfRanges[index])))
    }
}
