import ArgumentParser
import Journal

/// The command `sacbot runs`.
struct RunsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "runs",
        abstract: "Lists runs, compares them, or proves that they are whole.",
        discussion: """
            Examples:
              sacbot runs
              sacbot runs --robot claw
              sacbot runs compare RUN RUN
              sacbot runs verify latest
            """,
        subcommands: [ListRuns.self, CompareRuns.self, VerifyRuns.self],
        defaultSubcommand: ListRuns.self
    )
}

/// The command `sacbot runs list`.
struct ListRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "Lists runs, the newest first.  Example: sacbot runs --robot claw"
    )

    @Option(help: "The folder of all runs.")
    var runs: String = "runs"
    @Option(help: "Only runs of this robot.")
    var robot: String?

    func run() throws {
        let folders = try RunFolder.list(root: runs, robot: robot)
        if folders.isEmpty {
            print("no runs in \(runs); start one with `sacbot train --robot claw.yaml`")
            return
        }
        for folder in folders {
            do {
                print(Self.line(try JournalReader(reading: folder).summary()))
            } catch {
                print("\(folder.path)  unreadable: \(error)")
            }
        }
    }

    private static func line(_ summary: RunSummary) -> String {
        var parts = [summary.folder.path, "\(summary.episodes) episodes"]
        parts.append("\(summary.transitions) steps")
        if let held = summary.recentSuccessHeld {
            parts.append("held \(ProgressLine.percent(held)) of the last \(summary.recentEpisodes)")
        }
        if let writer = summary.writer { parts.append("being written by process \(writer)") }
        if summary.cutBlocks > 0 { parts.append("\(summary.cutBlocks) damaged blocks set aside") }
        if !summary.hasPolicy { parts.append("no policy yet") }
        parts.append("\(summary.bytes / 1_000_000) MB")
        return parts.joined(separator: "  ")
    }
}

/// The command `sacbot runs verify`.
struct VerifyRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Proves a run whole, block by block.  Example: sacbot runs verify latest"
    )

    @Argument(help: "A run: path, name or `latest`.")
    var run_: String = "latest"
    @Option(help: "The folder of all runs.")
    var runs: String = "runs"

    func run() throws {
        let folder = try RunFolder.find(root: runs, name: run_)
        let report = try JournalReader(reading: folder).verify()
        print(
            "\(folder.path): \(report.episodes) episodes, \(report.transitions), "
                + "\(report.checkpoints) sound checkpoints, "
                + "\(report.cutBlocks) damaged blocks set aside before"
        )
        if !report.isWhole { throw Failure(report.problems.joined(separator: "\n")) }
    }
}
