import ArgumentParser
import Foundation

/// The program's version, as `--version` prints it and runs record it.
let programVersion = "0.1.0"

@main
struct SacbotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sacbot",
        abstract: "Drives serial-servo robots safely and trains them with soft actor-critic.",
        discussion: """
            Start without a robot:   sacbot train --robot claw.yaml
            Then look at it:         sacbot evaluate --robot claw.yaml --policy latest
            """,
        version: programVersion,
        subcommands: [
            TrainCommand.self, EvaluateCommand.self, ReportCommand.self,
            ExportCommand.self, RunsCommand.self,
            SolveCommand.self, EmulateCommand.self, ScanCommand.self, CheckCommand.self,
            SetupCommand.self, CalibrateCommand.self, JogCommand.self, RebootCommand.self,
            ReleaseCommand.self, DaemonCommand.self, PauseCommand.self, ResumeCommand.self,
            StatusCommand.self, StopCommand.self, EstopCommand.self, ContinueCommand.self,
            ClearFaultCommand.self, MarkCommand.self, RehearseCommand.self, GymCommand.self,
        ]
    )

    /// Runs the command line: exit code 0 is done, 1 failed, 2 misused.
    static func main() {
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Say.write(fullMessage(for: error) + "\n", to: STDERR_FILENO)
            Foundation.exit(2)
        }
    }
}
