import Control
import Physics
import Robot
import RobotFiles
import Safety
import Simulation

/// The shipped Minitaur in simulation with a loop around it.
struct Walker {
    static let path =
        String(#filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined())
        + "/robots/minitaur.yaml"

    let robot: RobotDescription
    let body: SimulatedBody
    let loop: ControlLoop<SimulatedBody>

    static func description() throws -> RobotDescription {
        RobotFile.robot(try YAMLFile.load(path).section)
    }

    init(_ change: (inout RobotDescription) -> Void = { _ in }) throws {
        var robot = try Self.description()
        change(&robot)
        self.robot = robot
        body = try SimulatedBody(robot: robot, timestepSeconds: 0.001)
        var safety = SafetySettings()
        (safety.overspeedTicks, safety.overcurrentTicks) = (10, 200)
        loop = ControlLoop(
            body: body,
            robot: robot,
            safety: safety,
            stopSwitch: StopSwitch()
        )
    }

    /// Stands with torque on.
    func stand() throws {
        try loop.holdTick()
        try loop.enableTorque(JointSet(robot.actuatedJoints))
        loop.note(.resetBegins)
        for _ in 0..<loop.ticks(0.5) { try loop.holdTick() }
    }
}

/// A small generator whose seed the tests print.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Nobody is there to be asked.
final class Nobody: OperatorLink {
    var prompts: [OperatorPrompt] = []
    var notes: [String] = []
    func show(_ prompt: OperatorPrompt?) { if let prompt { prompts.append(prompt) } }
    func takeAnswer() -> OperatorAnswer? { prompts.isEmpty ? nil : .giveUp }
    func note(_ text: String) { notes.append(text) }
}
