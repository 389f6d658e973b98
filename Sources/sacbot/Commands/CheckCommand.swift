import ArgumentParser
import Control
import Robot
import Safety

/// The command `sacbot check`.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Checks a robot file and reads the robot once, without moving it.",
        discussion: """
            Examples:
              sacbot check --robot claw.yaml
              sacbot check --robot claw.yaml --backend hardware
            """
    )

    @OptionGroup var target: RobotOptions

    func run() throws {
        let configuration = try target.configuration()
        print(
            "\(configuration.path): \(configuration.robot.joints.count) joints, tasks "
                + configuration.tasks.map(\.name).joined(separator: ", ")
        )
        if configuration.calibrationPath == nil {
            Say.warning(
                "there is no calibration file for \(configuration.robot.name); zero is taken at "
                    + "pulse 2048, which is right for simulation only"
            )
        }
        let problems = try target.backend.withBody(
            configuration,
            ports: try target.ports(for: configuration),
            CheckWork(robot: configuration.robot, safety: configuration.safety)
        )
        if !problems.isEmpty { throw Failure(problems.joined(separator: "\n")) }
        print("all joints answer and may be armed")
    }
}

/// Reads every joint for half a second and asks the supervisor whether it would arm.
private struct CheckWork: BodyWork {
    let robot: RobotDescription
    let safety: SafetySettings

    func run<Body: DrivenBody>(_ body: Body) -> [String] {
        var state = BodyState(jointCount: robot.joints.count)
        let ticks = max(robot.joints.count + 5, Int(0.5 / robot.tickSeconds))
        for _ in 0..<ticks {
            _ = body.waitForTick()
            body.read(into: &state)
        }
        print("joint            position      voltage  temperature")
        var problems: [String] = []
        for (index, joint) in robot.joints.enumerated() {
            print(row(joint, state.samples[index], state.health[index]))
            var supervisor = Supervisor(robot: robot, settings: safety)
            let permit = supervisor.permitTorque(
                JointSet([index]),
                state: state,
                now: body.now()
            )
            if case .failure(let refusal) = permit {
                problems.append("\(joint.name): \(refusal.fault.code.explanation)")
            }
        }
        return problems
    }

    private func row(_ joint: Joint, _ sample: JointSample?, _ health: JointHealth?) -> String {
        let degrees = sample.map { "\(($0.position * 1800 / .pi).rounded() / 10) deg" }
        let volts = health.map { "\($0.inputVoltage) V" }
        let warmth = health.map { "\(Int($0.temperature)) degC" }
        return joint.name.padding(17) + (degrees ?? "no sample").padding(14)
            + (volts ?? "-").padding(9) + (warmth ?? "-")
    }
}
