import Control
import Glibc
import Physics
import Robot
import Safety
import Simulation

/// What is left of MuJoCo's speed when the whole robot is around it.
///
/// Compared are physics steps a second of the thread's own processor time, which other programs
/// on the machine disturb least: `mj_step` alone on the model that the simulated body steps
/// (the claw's file with its servos' rotor inertia and friction), put back to its reset pose every
/// tenth of a second; and the control loop over the simulated body, with motors, readings,
/// supervisor and waving fingers. Beside it, `mj_step` on the file as it stands: without dry
/// friction, MuJoCo has fewer equations to solve.
enum SimulationSteps {
    static let name = "sim.step_ratio"

    private static let repetitions = 21
    private static let policySteps = 100
    private static let ticksPerPolicyStep = 10
    private static let policyStepNanoseconds: Int64 = 100_000_000

    static func measure() throws -> [Figure] {
        let robot = try ClawRobot.whole()
        guard let modelPath = robot.modelPath else {
            throw BenchFailure("claw.yaml names no model")
        }
        let frictionless = try Plant(modelPath: modelPath, joints: [])
        let bare = try ServoedModel.plant(of: robot, modelPath: modelPath)
        let body = try SimulatedBody(robot: robot)
        let loop = ControlLoop(
            body: body,
            robot: robot,
            safety: SafetySettings(),
            stopSwitch: StopSwitch()
        )
        try loop.beginTick()
        try loop.enableTorque(JointSet(robot.actuatedJoints))
        try loop.endTick(loop.unchanged)
        var rounds: [Round] = []
        // The first round warms up and is not counted.
        for round in 0...repetitions {
            let result = Round(
                frictionless: bareSteps(frictionless),
                bare: bareSteps(bare),
                motors: motorSteps(body),
                loop: try loopSteps(loop, body: body)
            )
            if round > 0 { rounds.append(result) }
        }
        return [figure(rounds)]
    }

    /// Physics steps a second, one after the other.
    private struct Round {
        var frictionless: Double
        var bare: Double
        var motors: Double
        var loop: Double
    }

    /// `mj_step` alone, steps a second.
    private static func bareSteps(_ plant: Plant) -> Double {
        var steps: UInt64 = 0
        var time: Int64 = 0
        for _ in 0..<policySteps {
            plant.reset()
            time += processorNanoseconds { plant.advance(nanoseconds: policyStepNanoseconds) }
            steps += plant.stepCount
        }
        return Double(steps) / (Double(time) * 1e-9)
    }

    /// Physics with the servos' motors, nobody reading or judging, steps a second.
    private static func motorSteps(_ body: SimulatedBody) -> Double {
        let before = body.plant.stepCount
        let time = processorNanoseconds {
            for _ in 0..<policySteps * ticksPerPolicyStep { _ = body.waitForTick() }
        }
        return Double(body.plant.stepCount - before) / (Double(time) * 1e-9)
    }

    /// The whole loop, steps a second.
    private static func loopSteps(
        _ loop: ControlLoop<SimulatedBody>,
        body: SimulatedBody
    ) throws -> Double {
        let before = body.plant.stepCount
        let time = try processorNanoseconds {
            for step in 0..<policySteps {
                let wanted = wave(step, robot: loop.robot)
                for _ in 0..<ticksPerPolicyStep {
                    try loop.beginTick()
                    try loop.endTick(wanted)
                }
            }
        }
        return Double(body.plant.stepCount - before) / (Double(time) * 1e-9)
    }

    /// Fingers ten degrees to either side of their reset pose, once in two seconds.
    private static func wave(_ step: Int, robot: RobotDescription) -> JointArray<Radians?> {
        var wanted = JointArray<Radians?>(count: robot.joints.count, repeating: nil)
        let swing = degrees(10) * sin(2 * .pi * Double(step) / 20)
        for joint in wanted.indices where robot.joints[joint].role == .actuated {
            wanted[joint] = robot.joints[joint].resetPosition + swing
        }
        return wanted
    }

    private static func figure(_ rounds: [Round]) -> Figure {
        let loop = rounds.map(\.loop).median
        let stepsPerPolicyStep = 40
        return Figure(
            name: name,
            value: rounds.map { $0.loop / $0.bare }.median,
            unit: "1",
            parameters: [
                "model": .text("claw.xml"),
                "mj_steps_per_second": .number(rounds.map(\.bare).median),
                "loop_mj_steps_per_second": .number(loop),
                "environment_steps_per_second": .number(loop / Double(stepsPerPolicyStep)),
                "mj_steps_per_environment_step": .integer(stepsPerPolicyStep),
                "ratio_without_loop": .number(rounds.map { $0.motors / $0.bare }.median),
                "ratio_to_frictionless": .number(rounds.map { $0.loop / $0.frictionless }.median),
                "repetitions": .integer(repetitions),
            ]
        )
    }
}
