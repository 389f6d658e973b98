import ArgumentParser
import Foundation
import Glibc

/// The program `sacbot-gym`.
@main
struct SacbotGym: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sacbot-gym",
        abstract: "Runs sacbot's learner on Gymnasium environments, for benchmarks.",
        subcommands: [TrainCommand.self, RolloutCommand.self]
    )

    static func main() {
        // A child that died shows as an error of the next write, not as our own death.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try parseAsRoot()
            try command.run()
        } catch {
            guard exitCode(for: error) == .validationFailure else { exit(withError: error) }
            Output.note(fullMessage(for: error))
            Foundation.exit(2)
        }
    }
}

/// Why a benchmark cannot go on: what happened and what to do.
struct BenchFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}

/// Which environment, and how to reach it.
struct EnvironmentOptions: ParsableArguments {
    @Option(name: .customLong("env"), help: "The environment's name, as in gymnasium.make.")
    var name: String
    @Option(
        name: .customLong("env-arg"),
        help: "An argument of gymnasium.make as KEY=JSON; may be repeated."
    )
    var arguments: [String] = []
    @Option(help: "A Python that has gymnasium.")
    var python: String = "python3"
    @Option(help: "Where env_server.py lies.")
    var server: String = Self.defaultServer
    @Option(help: "Seed of the environment, the learner and the exploration.")
    var seed: UInt64 = 0

    func environment() throws -> Environment {
        try Environment([name] + arguments, python: python, server: server)
    }

    /// Beside this file's folder, where the sources were when the program was built.
    private static var defaultServer: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("env_server.py").path
    }
}
