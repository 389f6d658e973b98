import ArgumentParser
import Control
import Robot
import Safety

/// The command `sacbot rehearse`.
struct RehearseCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rehearse",
        abstract: "Plays trouble to the supervisor in simulation and shows what it does.",
        discussion: """
            Nothing real moves: the robot file's limits, the supervisor and the stop are those that
            also act on the robot; times are simulated.

            Example: sacbot rehearse --robot claw.yaml
            """
    )

    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String

    func run() throws {
        let configuration = try RobotConfiguration.load(robot)
        let rows = try Rehearsal(configuration: configuration).run()
        let head = ["trouble", "fault", "response", "noticed", "stop ends", "at rest", "clears"]
        let table = [head] + rows.map(cells)
        let widths = head.indices.map { column in table.map { $0[column].count }.max() ?? 0 }
        for line in table {
            let padded = zip(line, widths).map { $0.padding($1) }
            print(padded.joined(separator: "  "))
        }
    }

    private func cells(_ row: RehearsalRow) -> [String] {
        [
            row.trouble.words,
            row.fault.map { "\($0.code.rawValue)" } ?? "-",
            row.response.words.replacing("`", with: ""),
            row.noticed.map(milliseconds) ?? "-",
            row.stopping.map(ending) ?? "goes on",
            row.rest.map(milliseconds) ?? "-",
            row.clears.words.replacing("`", with: ""),
        ]
    }

    private func ending(_ stop: StopOutcome) -> String {
        let time = milliseconds(stop.seconds)
        return switch stop.response {
        case .park: stop.parked ? "parked, torque off, \(time)" : "torque off, \(time)"
        case .hold: "holding, \(time)"
        case .damp: "braked, torque off, \(time)"
        case .release: "torque off, \(time)"
        }
    }

    private func milliseconds(_ seconds: Seconds) -> String {
        "\(Int((seconds * 1000).rounded())) ms"
    }
}
