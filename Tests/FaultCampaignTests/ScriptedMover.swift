import Robot

@testable import ServoEmulator

/// Asks for what a careless policy would: new targets all the time, some of them out of bounds.
struct ScriptedMover {
    private let robot: RobotDescription
    private var random: FaultRandom
    private var wanted: JointArray<Radians?>
    private var ticksLeft = 0

    init(robot: RobotDescription, seed: UInt64) {
        self.robot = robot
        random = FaultRandom(seed: seed &+ 0x5EED)
        wanted = JointArray(count: robot.joints.count, repeating: nil)
    }

    /// The wanted positions of the next tick.
    mutating func next() -> JointArray<Radians?> {
        if ticksLeft == 0 {
            ticksLeft = Int.random(in: 5...60, using: &random)
            for (index, joint) in robot.joints.enumerated() {
                let limits = joint.limits.position
                let beyond = 0.2 * (limits.upperBound - limits.lowerBound)
                let range = (limits.lowerBound - beyond)...(limits.upperBound + beyond)
                wanted[index] = Double.random(in: range, using: &random)
            }
        }
        ticksLeft -= 1
        return wanted
    }

    /// Holds still: every goal stays as it is.
    var still: JointArray<Radians?> { JointArray(count: robot.joints.count, repeating: nil) }
}
