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
            With --running the program that has the robot evaluates its newest policy between two
            training episodes, and nothing random runs.

            Examples:
              sacbot evaluate --robot claw.yaml --policy latest --episodes 100
              sacbot evaluate --robot claw.yaml --policy runs/claw/near-simulation-sac --json
              sacbot evaluate --robot claw.yaml --interfere all --policy A --policy B
              sacbot evaluate --robot claw --running --episodes 20

            With --interfere every policy runs from the same starts without and with each kind of
            interference, 50 episodes each; docs/interference.md has the protocol.
            """
    )

    @OptionGroup var target: RobotOptions
    @OptionGroup var interference: InterferenceOptions
    @Option(
        help:
            "A run (path, name or `latest`) or a policy file; with --interfere several, side by side."
    )
    var policy: [String] = ["latest"]
    @Option(help: "Episodes of the policy, 100 by default; with --interfere of each kind, 50.")
    var episodes: Int?
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
    @Flag(help: "Ask the program that runs the robot; --robot is then the robot's name.")
    var running = false

    func validate() throws {
        if let episodes, episodes < 1 { throw ValidationError("--episodes has to be at least 1") }
        if randomEpisodes < 0 { throw ValidationError("--random-episodes cannot be negative") }
        if policy.count > 1, !interference.isAsked {
            throw ValidationError("several policies are compared with --interfere only")
        }
    }

    func run() throws {
        if running {
            let watch = EvaluationWatch(robot: target.robot, episodes: episodes, seed: seed)
            return try watch.run(json: json)
        }
        let configuration = try target.configuration()
        let task = try configuration.task(target.task)
        if interference.isAsked { return try interfere(configuration, task) }
        let facts = PolicyFacts(configuration: configuration, task: task, backend: target.backend)
        let file = try PolicyFile.find(
            policy[0],
            runs: target.runs,
            robot: configuration.robot.name
        )
        let snapshot = try file.policy(for: facts)
        let stopSwitch = StopSwitch()
        Signals.forward(to: stopSwitch) { Say.note($0) }
        let job = EvaluationJob(
            configuration: configuration,
            task: task,
            backend: target.backend,
            snapshot: snapshot,
            episodes: episodes ?? 100,
            randomEpisodes: randomEpisodes,
            randomisation: interference.randomised ? configuration.randomisation : nil,
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

    /// The evaluation with interference.
    private func interfere(_ configuration: RobotConfiguration, _ task: TaskSettings) throws {
        let policies = try policy.map { name in
            try InterferedPolicy(
                name,
                runs: target.runs,
                configuration: configuration,
                task: task,
                backend: target.backend
            )
        }
        let episodes = episodes ?? 50
        let stopSwitch = StopSwitch()
        let mark = InterferenceMark()
        Signals.forward(to: stopSwitch, mark: mark) { Say.note($0) }
        let job = InterferedJob(
            configuration: configuration,
            task: task,
            backend: target.backend,
            policies: policies,
            schedule: try interference.schedule(
                for: configuration,
                task: task,
                backend: target.backend,
                episodes: episodes,
                seed: seed
            ),
            episodes: episodes,
            rollouts: interference.rollouts,
            isRandomised: interference.randomised,
            seed: seed,
            runs: target.runs,
            mark: mark,
            stopSwitch: stopSwitch,
            latch: try target.latch(of: configuration.robot.name, clears: clearFault)
        )
        let (document, folder) = try target.backend.withBody(
            configuration,
            ports: try target.ports(for: configuration),
            changesGround: job.needsGround,
            job
        )
        if let csv {
            try InterferenceReport.csv(document).write(
                toFile: csv,
                atomically: true,
                encoding: .utf8
            )
        }
        if json {
            print(String(decoding: try document.json(), as: UTF8.self))
        } else {
            print(InterferenceReport.table(document))
            print("\nrecorded in \(folder)")
        }
        if let report {
            let paths = document.policies.map(\.path)
            try ReportJob.write(try document.json(), ofPolicies: paths, to: report)
        }
        if let problem = document.problem { throw Failure(problem) }
    }
}
