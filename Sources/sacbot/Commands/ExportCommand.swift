import ArgumentParser
import Control
import Foundation
import Learning
import Robot
import Training

/// The command `sacbot export`.
struct ExportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "export",
        abstract: "Writes a policy's mean action as an ONNX model, for other programs.",
        discussion: """
            Observation normaliser, network, tanh and the scaling to radians are inside the model;
            what its numbers are stands in its metadata (docs/policy-files.md).

            Examples:
              sacbot export --policy latest --onnx claw.onnx
              sacbot export --policy best.safetensors --onnx claw.onnx --robot claw.yaml
            """
    )

    @Option(help: "A run (path, name or `latest`) or a policy file.")
    var policy: String = "latest"
    @Option(help: "The file to write.")
    var onnx: String
    @Option(help: "Refuse a policy that does not fit this robot file.")
    var robot: String?
    @Option(help: "With --robot: its task; the first one by default.")
    var task: String?
    @Option(help: "The folder of all runs.")
    var runs: String = "runs"

    func validate() throws {
        if task != nil, robot == nil { throw ValidationError("--task needs --robot") }
    }

    func run() throws {
        let configuration = try robot.map { try RobotConfiguration.load($0) }
        let facts = try configuration.map {
            PolicyFacts(configuration: $0, task: try $0.task(task), backend: .simulation)
        }
        let file = try PolicyFile.find(policy, runs: runs, robot: configuration?.robot.name)
        var content = try facts.map { try file.content(for: $0) } ?? file.content()
        if let facts {
            // A file of before these notes gets them from the robot file that it fits.
            let known = facts.observation.metadata.merging(facts.action.metadata) { old, _ in old }
            content.notes.merge(known) { own, _ in own }
        }
        guard let action = ActionNotes(metadata: content.notes),
            let kind = ActionKind(rawValue: action.kind),
            action.joints.count == content.policy.actionCount
        else {
            throw Failure(
                "\(file.path) has no sound notes on what its actions mean; "
                    + "give the robot file it was trained for with --robot"
            )
        }
        let scaling = PolicyGraph.Scaling(action, kind)
        let graph = content.policy.graph(
            scaling: scaling,
            observationMeaning: observationMeaning(content.notes),
            metadata: content.notes
        )
        try write(graph, of: file)
        let (inputs, outputs) = (graph.observationCount, graph.actionCount)
        print(
            """
            \(onnx) from \(file.path):
            \(PolicyGraph.inputName)  batch x \(inputs)
            \(PolicyGraph.actionName)  batch x \(outputs), in [-1, 1]
            \(scaling.name)  batch x \(outputs), rad
            """
        )
    }

    private func write(_ graph: PolicyGraph, of file: PolicyFile) throws {
        let bytes: [UInt8]
        do throws(ONNXError) {
            bytes = try ONNXModel.encode(graph, producerVersion: programVersion)
        } catch {
            throw Failure("\(file.path): \(error)")
        }
        do {
            try Data(bytes).write(to: URL(fileURLWithPath: onnx), options: .atomic)
        } catch {
            throw Failure(
                "\(onnx) cannot be written; check that its folder is there and that you may write "
                    + "in it"
            )
        }
    }

    private func observationMeaning(_ notes: [String: String]) -> String {
        guard let names = notes["sacbot.observation_names"] else { return "" }
        return "Newest frame first: " + names.split(separator: "\n").joined(separator: ", ")
    }
}

extension PolicyGraph.Scaling {
    /// The scaling to the radians that a robot's actions mean.
    fileprivate init(_ action: ActionNotes, _ kind: ActionKind) {
        let joints = action.joints.joined(separator: ", ")
        let (name, meaning) =
            switch kind {
            case .absolute: ("joint_position", "Goal of each joint in rad")
            case .relative:
                ("joint_change", "What to add to the goal in force of each joint, in rad")
            case .legs: ("leg_pose", "Swing and extension of each leg in rad")
            }
        self.init(
            name: name,
            meaning: "\(meaning): \(joints)",
            offsets: action.offsets.map { Float($0) },
            factors: action.factors.map { Float($0) }
        )
    }
}
