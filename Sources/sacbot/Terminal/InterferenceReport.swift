import Evaluation

/// An evaluation with interference as tables for people and as rows for spreadsheets.
enum InterferenceReport {
    static func table(_ document: EvaluationDocument) -> String {
        var lines: [String] = []
        for (number, policy) in document.policies.enumerated() {
            lines.append("\(policy.path), task \(document.setting.task), mean action")
            lines.append(header(document.setting))
            for row in document.results where row.policy == number {
                lines.append(line(row, document.setting))
            }
            if let overall = document.overall.first(where: { $0.policy == number }) {
                lines.append(
                    "all kinds: score, interquartile mean "
                        + "\(percent(overall.scoreInterquartileMean)), success "
                        + percent(overall.success)
                )
            }
            lines.append("")
        }
        lines.append("95 % bootstrap intervals, \(document.setting.bootstrapSamples) draws")
        return lines.joined(separator: "\n")
    }

    private static func header(_ setting: EvaluationSetting) -> String {
        let deviation = setting.deviation == "tilt" ? "worst tilt rad" : "worst rad"
        return columns([
            "", "success %", "retention", "recovery s", "recovered", deviation, "peak A",
            "limited", "abort", "fall",
        ])
    }

    private static func line(_ row: KindResult, _ setting: EvaluationSetting) -> String {
        columns([
            row.kind,
            percent(row.success),
            row.retention.map { ratio($0) } ?? "-",
            row.recoverySeconds.map { ratio($0) } ?? "-",
            "\(row.recovered) of \(row.episodes)",
            row.worstDeviation.map { ratio($0) } ?? "-",
            row.peakCurrent.map { ratio($0) } ?? "-",
            ratio(row.interventions, digits: 1),
            "\(row.aborted)",
            "\(row.fallen)",
        ])
    }

    private static func columns(_ cells: [String]) -> String {
        let widths = [16, 17, 18, 18, 11, 18, 18, 18, 6, 5]
        let padded = zip(cells, widths).map { cell, width in
            cell + String(repeating: " ", count: max(1, width - cell.count))
        }
        return padded.joined()
    }

    private static func percent(_ estimate: Estimate) -> String {
        func whole(_ share: Double) -> String { "\(Int((share * 100).rounded()))" }
        return "\(whole(estimate.value)) (\(whole(estimate.low))..\(whole(estimate.high)))"
    }

    private static func ratio(_ estimate: Estimate, digits: Int = 2) -> String {
        let scale = digits == 1 ? 10.0 : 100
        func short(_ value: Double) -> String { "\((value * scale).rounded() / scale)" }
        return "\(short(estimate.value)) (\(short(estimate.low))..\(short(estimate.high)))"
    }

    /// One line an episode.
    static func csv(_ document: EvaluationDocument) -> String {
        var lines = [
            "policy,kind,episode,succeeded,score,recovery_seconds,worst_deviation,peak_current,"
                + "interventions,end,fault,start_error,final_error,return"
        ]
        for row in document.episodes {
            let cells = [
                "\(row.policy)", row.kind, "\(row.episode)", "\(row.succeeded)", "\(row.score)",
                number(row.recoverySeconds), number(row.worstDeviation), "\(row.peakCurrent)",
                "\(row.interventions)", row.end, row.fault.map { "\($0)" } ?? "",
                number(row.startError), number(row.finalError), "\(row.totalReward)",
            ]
            lines.append(cells.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func number(_ value: Double?) -> String { value.map { "\($0)" } ?? "" }
}
