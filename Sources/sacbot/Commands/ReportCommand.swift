import ArgumentParser
import Foundation
import Journal

/// The command `sacbot report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Makes one HTML file of runs and evaluations, readable anywhere, offline.",
        discussion: """
            Success with intervals, learning curves, single episodes with the interference shaded,
            what safety did, settings and provenance; the data inside as CSV and JSON.

            Examples:
              sacbot report latest
              sacbot report latest evaluation.json --output claw.html
              sacbot report runs/claw/near-simulation-sac runs/claw/near-simulation-crossq
            """
    )

    @Argument(
        help: "Runs (path, name or `latest`) and files that `sacbot evaluate --json` wrote."
    )
    var sources: [String] = ["latest"]
    @Option(name: .shortAndLong, help: "The file to write.")
    var output: String = "report.html"
    @Option(help: "Also write the data at full length, JSON and CSV, to this folder.")
    var data: String?
    @Option(help: "The page's heading; robot and task by default.")
    var title: String?
    @Option(help: "How many single episodes to show.")
    var rollouts: Int = 12
    @Option(help: "How many of them with pictures, drawn from the recorded joint positions.")
    var films: Int = 4
    @Option(help: "The robot file to draw pictures with; by the robot's name by default.")
    var robot: String?
    @Option(help: "The folder of all runs.")
    var runs: String = "runs"

    func validate() throws {
        if rollouts < 0 { throw ValidationError("--rollouts cannot be negative") }
        if films < 0 { throw ValidationError("--films cannot be negative") }
        if sources.isEmpty { throw ValidationError("name a run or an evaluation") }
    }

    func run() throws {
        var job = ReportJob(title: title, output: output)
        job.dataFolder = data
        job.rollouts = rollouts
        job.films = films
        job.robot = robot
        for source in sources {
            if source.hasSuffix(".json") {
                try job.add(evaluation: source)
            } else {
                try job.add(run: RunFolder.find(root: runs, name: source))
            }
        }
        try job.write()
    }
}
