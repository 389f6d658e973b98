import Control
import Evaluation
import Foundation
import Robot

/// An evaluation as a table for people and as JSON for programs.
enum EvaluationReport {
    static func table(_ result: EvaluationResult, policy: String, task: TaskSettings) -> String {
        let rows: [(String, (EvaluationSummary) -> String)] = [
            ("episodes", { "\($0.episodes)" }),
            ("success at the final step", { share($0.successFinal) }),
            ("success held \(task.heldSteps) steps", { share($0.successHeld) }),
            ("return", { "\(one($0.returnMean)) ± \(one($0.returnDeviation))" }),
            ("final error, mean", { "\(three($0.finalErrorMean)) \(task.goal.errorUnit)" }),
            ("steps limited by safety", { "\(one($0.limitedFraction * 100)) %" }),
            ("episodes aborted", { "\($0.aborted)" }),
            ("reset time, mean", { "\(one($0.resetSecondsMean)) s" }),
        ]
        var lines = ["\(policy), task \(task.name), mean action"]
        lines.append(padded("", 28) + padded("policy", 26) + "random")
        for (name, value) in rows {
            let random = result.random.map(value) ?? "-"
            lines.append(padded(name, 28) + padded(value(result.policy), 26) + random)
        }
        return lines.joined(separator: "\n")
    }

    /// One line an episode of the policy.
    static func csv(_ result: EvaluationResult) -> String {
        var lines = [
            "episode,start_error,final_error,return,success_final,success_held,limited_steps,end"
        ]
        for outcome in result.outcomes {
            let start = outcome.startError.map { "\($0)" } ?? ""
            let final = outcome.finalError.map { "\($0)" } ?? ""
            lines.append(
                "\(outcome.index),\(start),\(final),\(outcome.totalReward),"
                    + "\(outcome.successFinal),\(outcome.successHeld),\(outcome.limitedSteps),"
                    + outcome.ending.word
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    static func json(
        _ result: EvaluationResult,
        policy: String,
        task: TaskSettings,
        _ configuration: RobotConfiguration
    ) throws -> String {
        var document = Document(result.policy)
        document.policy = policy
        document.robot = configuration.robot.name
        document.task = task.name
        document.random = result.random.map { Document($0) }.map { [$0] }
        document.problem = result.problem
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf",
            negativeInfinity: "-inf",
            nan: "nan"
        )
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    /// The keys of `--json`; `random` holds the same for the random policy.
    private struct Document: Encodable {
        var episodes: Int
        var return_mean: Double
        var return_deviation: Double
        var success_final: Double
        var success_final_interval: [Double]
        var success_held: Double
        var success_held_interval: [Double]
        var limited_fraction: Double
        var aborted: Int
        var final_error_mean: Double
        var policy: String?
        var robot: String?
        var task: String?
        var random: [Document]?
        var problem: String?

        init(_ summary: EvaluationSummary) {
            episodes = summary.episodes
            return_mean = summary.returnMean
            return_deviation = summary.returnDeviation
            success_final = summary.successFinal.value
            success_final_interval = Self.ends(summary.successFinal)
            success_held = summary.successHeld.value
            success_held_interval = Self.ends(summary.successHeld)
            limited_fraction = summary.limitedFraction
            aborted = summary.aborted
            final_error_mean = summary.finalErrorMean
        }

        private static func ends(_ share: Share) -> [Double] {
            [share.interval.lowerBound, share.interval.upperBound]
        }
    }

    private static func share(_ share: Share) -> String {
        let low = Int((share.interval.lowerBound * 100).rounded())
        let high = Int((share.interval.upperBound * 100).rounded())
        return "\(Int((share.value * 100).rounded())) % (95 %: \(low) to \(high))"
    }

    private static func one(_ value: Double) -> String {
        value.isFinite ? "\((value * 10).rounded() / 10)" : "-"
    }

    private static func three(_ value: Double) -> String {
        value.isFinite ? "\((value * 1000).rounded() / 1000)" : "-"
    }

    private static func padded(_ text: String, _ width: Int) -> String {
        text + String(repeating: " ", count: max(1, width - text.count))
    }
}
