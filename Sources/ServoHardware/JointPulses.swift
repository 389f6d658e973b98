import Robot

/// One joint's angles in its servo's encoder pulses, and the fence its goals stay inside.
struct JointPulses {
    let joint: Joint
    let calibration: JointCalibration

    private var turn: Int { joint.servo.pulsesPerTurn }

    /// The pulses that position mode can be sent to.
    var reach: ClosedRange<Int> { joint.servo.goalPulses ?? 0...(turn - 1) }

    /// +1, or -1 if pulses fall with the joint angle.
    var sign: Double { calibration.direction < 0 ? -1 : 1 }

    /// The joint's angle at a pulse count.
    func angle(_ pulses: Int) -> Radians {
        calibration.angle(pulses: pulses, pulsesPerTurn: turn)
    }

    /// The Goal Position for an angle, inside what the servo accepts.
    ///
    /// A goal beyond the servo's own limits would be refused without anybody being told.
    func goal(_ angle: Radians) -> Int {
        let pulses = calibration.pulses(angle: angle, pulsesPerTurn: turn)
        return min(max(pulses, fence.lowerBound), fence.upperBound)
    }

    /// The joint's position limits in pulses, as the robot file has them.
    var limits: ClosedRange<Int> {
        pulses(joint.limits.position.lowerBound, joint.limits.position.upperBound)
    }

    /// The servo's own position limits: the second fence, behind the supervisor's.
    ///
    /// Wider than the limits by the following error: a joint that stands just outside its limits
    /// must still be able to take its present position as goal and come back. Never beyond what
    /// position mode reaches.
    var fence: ClosedRange<Int> {
        let limits = joint.limits
        let wide = pulses(
            limits.position.lowerBound - limits.followingError,
            limits.position.upperBound + limits.followingError
        )
        let low = min(max(wide.lowerBound, reach.lowerBound), reach.upperBound)
        return low...max(low, min(wide.upperBound, reach.upperBound))
    }

    private func pulses(_ a: Radians, _ b: Radians) -> ClosedRange<Int> {
        let one = calibration.pulses(angle: a, pulsesPerTurn: turn)
        let other = calibration.pulses(angle: b, pulsesPerTurn: turn)
        return min(one, other)...max(one, other)
    }

    /// Whether the limits lie within what position mode reaches.
    ///
    /// An object may turn freely.
    var isInReach: Bool {
        joint.role == .object
            || (limits.lowerBound >= reach.lowerBound && limits.upperBound <= reach.upperBound)
    }
}
