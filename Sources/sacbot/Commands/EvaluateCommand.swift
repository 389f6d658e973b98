import ArgumentParser
import Control
import Evaluation
import Foundation
import Journal
import Learning
import Robot
import Safety

/// The command `sacbot evaluate`.
struct EvaluateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Runs a policy without exploration from fixed starts and counts successes.",
        discussion: """
            A random policy runs from the same starts beside it, so that the figures mean something.

            Examples:
              sacbot evaluate --robot claw.yaml --policy latest --episodes 100
              sacbot evaluate --robot claw.yaml --policy runs/claw/near-simulation-sac --json
            """
    )

    @OptionGroup var target: RobotOptions
    @Option(help: "A run (path, name or `latest`) or a policy file.")
    var policy: String = "latest"
    @Option(help: "Episodes of the policy.")
    var episodes: Int = 100
    @Option(help: "Episodes of the random policy beside it.")
    var randomEpisodes: Int = 20
    @Option(help: "Seed of the start states.")
    var seed: UInt64 = 20_000
    @Option(help: "Write one line an episode to this file.")
    var csv: String?
    @Option(help: "Make a report of this evaluation, and of the run, in this HTML file.")
    var report: String?
    @Flag(help: "Print one JSON object instead of the table.")
    var json = false
    @Flag(help: "Clear a latched fault: I looked into what stopped the robot before.")
    var clearFault = false

    func validate() throws {
        if episodes < 1 { throw ValidationError("--episodes has to be at least 1") }
        if randomEpisodes < 0 { throw ValidationError("--random-episodes cannot be negative") }
    }

    func run() throws {
        let configuration = try target.configuration()
        let task = try configuration.task(target.task)
        let facts = PolicyFacts(configuration: configuration, task: task, backend: target.backend)
        let file = try PolicyFile.find(policy, runs: target.runs, robot: configuration.robot.name)
        let snapshot = try file.policy(for: facts)
        let stopSwitch = StopSwitch()
        Signals.forward(to: stopSwitch) { Say.note($0) }
        let job = EvaluationJob(
            configuration: configuration,
            task: task,
            backend: target.backend,
            snapshot: snapshot,
            episodes: episodes,
            randomEpisodes: randomEpisodes,
            seed: seed,
            stopSwitch: stopSwitch,
            latch: try target.latch(of: configuration.robot.name, clears: clearFault)
        )
        let result = try target.backend.withBody(
            configuration,
            ports: try target.ports(for: configuration),
            job
        )
        if let csv {
            try EvaluationReport.csv(result).write(toFile: csv, atomically: true, encoding: .utf8)
        }
        if json {
            print(try EvaluationReport.json(result, policy: file.path, task: task, configuration))
        } else {
            print(EvaluationReport.table(result, policy: file.path, task: task))
        }
        if let report {
            let found = try EvaluationReport.json(
                result,
                policy: file.path,
                task: task,
                configuration
            )
            try ReportJob.write(Data(found.utf8), ofPolicies: [file.path], to: report)
        }
        if let problem = result.problem { throw Failure(problem) }
    }
}
