import Evaluation
import Plot

/// Success with its intervals: without interference beside each kind, policies side by side.
struct SuccessSection {
    let document: ReportDocument

    /// More rows than this in one chart are too long to be seen at once.
    private static let groupsAtMost = 7

    var section: PageSection? {
        var body: [String] = []
        for (number, comparison) in comparisons.enumerated() {
            body += charts(comparison, number)
        }
        body += plainCharts
        guard !body.isEmpty else { return nil }
        return PageSection(id: "success", title: "Success", body: body)
    }

    // MARK: With interference

    /// Evaluations of one robot, task and backend, which are comparable.
    private struct Comparison {
        var title: String
        var evaluations: [EvaluationDocument]

        var entries: [(evaluation: Int, policy: Int, name: String)] {
            evaluations.enumerated().flatMap { index, evaluation in
                evaluation.policies.enumerated().map { policy, evaluated in
                    (index, policy, evaluated.name)
                }
            }
        }

        var kinds: [String] {
            var kinds: [String] = []
            for result in evaluations.flatMap(\.results) where !kinds.contains(result.kind) {
                kinds.append(result.kind)
            }
            return kinds
        }

        func result(_ evaluation: Int, _ policy: Int, _ kind: String) -> KindResult? {
            evaluations[evaluation].results.first { $0.policy == policy && $0.kind == kind }
        }
    }

    private var comparisons: [Comparison] {
        var found: [Comparison] = []
        for evaluation in document.evaluations {
            let setting = evaluation.setting
            let title = "\(setting.robot), task \(setting.task), \(setting.backend)"
            if let index = found.firstIndex(where: { $0.title == title }) {
                found[index].evaluations.append(evaluation)
            } else {
                found.append(Comparison(title: title, evaluations: [evaluation]))
            }
        }
        return found
    }

    private func charts(_ comparison: Comparison, _ number: Int) -> [String] {
        let groups = comparison.kinds.map { kind in
            IntervalBars.Group(
                Self.words(kind),
                comparison.entries.enumerated().compactMap { style, entry in
                    comparison.result(entry.evaluation, entry.policy, kind).map {
                        Self.bar(entry.name, style, $0.success)
                    }
                }
            )
        }
        let pieceCount = max(1, (groups.count + Self.groupsAtMost - 1) / Self.groupsAtMost)
        let size = max(1, (groups.count + pieceCount - 1) / pieceCount)
        let pieces = stride(from: 0, to: groups.count, by: size).map {
            Array(groups[$0..<min(groups.count, $0 + size)])
        }
        let figures = pieces.enumerated().map { index, piece in
            IntervalBars(
                id: "success-\(number)-\(index)",
                title: "Episodes that held success",
                summary: piece.map { group in
                    group.name + ": "
                        + group.bars.map { "\($0.name) \($0.words)" }.joined(separator: ", ")
                }.joined(separator: "; "),
                groups: piece
            ).figure
        }
        let samples = comparison.evaluations.first?.setting.bootstrapSamples ?? 0
        return [
            "<h3>\(Markup.escaped(comparison.title))</h3>",
            "<p class=\"soft\">Whiskers and brackets are 95 % intervals, by bootstrap with "
                + "\(samples) samples. An episode that safety aborted counts as failed.</p>",
            #"<div class="charts wide">\#(figures.joined(separator: "\n"))</div>"#,
            Self.glossary(comparison.kinds),
            kindTable(comparison, number).html,
            overallTable(comparison, number).html,
        ]
    }

    private func kindTable(_ comparison: Comparison, _ number: Int) -> ReportTable {
        Self.kindTable(comparison.evaluations, name: "kinds-\(number)")
    }

    /// One row a policy and kind.
    static func kindTable(_ evaluations: [EvaluationDocument], name: String) -> ReportTable {
        let unit = evaluations.first?.setting.errorUnit ?? "rad"
        let deviation = evaluations.first?.setting.deviation ?? "error"
        return ReportTable(
            name: name,
            caption: "Each policy under each kind of interference",
            columns: [
                .init("kind", "interference"), .init("policy", "policy"),
                .init("episodes", "episodes"),
                .init("success", "success", hasInterval: true),
                .init("success_without", "same starts without", hasInterval: true),
                .init("retention", "retention", hasInterval: true),
                .init("score", "time in success", hasInterval: true),
                .init("recovered", "recovered"),
                .init("recovery_seconds", "time to recover, s", hasInterval: true),
                .init(
                    "worst_deviation",
                    "worst \(deviation), \(deviation == "tilt" ? "rad" : unit)",
                    hasInterval: true
                ),
                .init("peak_current", "peak current, A", hasInterval: true),
                .init("interventions", "steps limited an episode", hasInterval: true),
                .init("aborted", "aborted"), .init("fallen", "fallen"),
            ],
            rows: byKind(evaluations).map { row($0.result, $0.evaluation) }
        )
    }

    /// Results of all policies under a kind, one below the other, kinds in their first order.
    static func byKind(
        _ evaluations: [EvaluationDocument]
    ) -> [(result: KindResult, evaluation: EvaluationDocument)] {
        let all = evaluations.flatMap { evaluation in
            evaluation.results.map { (result: $0, evaluation: evaluation) }
        }
        var kinds: [String] = []
        for row in all where !kinds.contains(row.result.kind) { kinds.append(row.result.kind) }
        return kinds.flatMap { kind in all.filter { $0.result.kind == kind } }
    }

    private static func row(
        _ result: KindResult,
        _ evaluation: EvaluationDocument
    ) -> [ReportTable.Cell] {
        let isWithout = result.kind == EvaluationDocument.without
        return [
            .words(result.kind),
            .words(policyName(result.policy, evaluation)),
            .count(result.episodes),
            .share(result.success),
            .share(isWithout ? nil : result.successWithout),
            .estimate(isWithout ? nil : result.retention, { Markup.fixed($0, decimals: 2) }),
            .share(result.score),
            .count(result.recovered),
            .estimate(result.recoverySeconds, { Markup.fixed($0, decimals: 2) }),
            .estimate(result.worstDeviation),
            .estimate(result.peakCurrent, { Markup.fixed($0, decimals: 2) }),
            .estimate(result.interventions, { Markup.fixed($0, decimals: 1) }),
            .count(result.aborted),
            .count(result.fallen),
        ]
    }

    private func overallTable(_ comparison: Comparison, _ number: Int) -> ReportTable {
        ReportTable(
            name: "overall-\(number)",
            caption: "All kinds together, drawn within each kind",
            columns: [
                .init("policy", "policy"),
                .init("success", "success", hasInterval: true),
                .init("score_mean", "time in success, mean", hasInterval: true),
                .init("score_interquartile_mean", "interquartile mean", hasInterval: true),
            ],
            rows: comparison.evaluations.flatMap { evaluation in
                evaluation.overall.map {
                    [
                        .words(Self.policyName($0.policy, evaluation)), .share($0.success),
                        .share($0.scoreMean), .share($0.scoreInterquartileMean),
                    ]
                }
            }
        )
    }

    static func policyName(_ index: Int, _ evaluation: EvaluationDocument) -> String {
        evaluation.policies.indices.contains(index)
            ? evaluation.policies[index].name : "policy \(index)"
    }

    static func words(_ kind: String) -> String {
        if kind == EvaluationDocument.without { return "without interference" }
        return kind
    }

    /// What each kind is, in words.
    private static func glossary(_ kinds: [String]) -> String {
        let entries = kinds.compactMap { InterferenceKind(rawValue: $0) }.map {
            "<dt>\($0.rawValue)</dt><dd>\(Markup.escaped($0.summary))</dd>"
        }
        guard !entries.isEmpty else { return "" }
        return "<details><summary>what the interferences are</summary><dl>"
            + entries.joined(separator: "\n") + "</dl></details>"
    }

    private static func bar(_ name: String, _ style: Int, _ share: Estimate) -> IntervalBars.Bar {
        IntervalBars.Bar(
            name,
            style: style,
            value: share.value,
            interval: share.interval,
            words: share.percent
        )
    }

    // MARK: Without interference

    private var plainCharts: [String] {
        guard !document.plainEvaluations.isEmpty else { return [] }
        let rows = document.plainEvaluations.flatMap { plain in
            [plain] + (plain.random ?? [])
        }
        let chart = IntervalBars(
            id: "success-plain",
            title: "Episodes with success, without interference",
            summary: rows.map { "\($0.name): held \($0.held.percent)" }.joined(separator: "; "),
            groups: [
                IntervalBars.Group(
                    "held to the end",
                    rows.enumerated().map { Self.bar($1.name, $0, $1.held) }
                ),
                IntervalBars.Group(
                    "at the final step",
                    rows.enumerated().map { Self.bar($1.name, $0, $1.final) }
                ),
            ]
        )
        return [
            "<p class=\"soft\">Whiskers and brackets are Wilson's 95 % intervals.</p>",
            #"<div class="charts wide">\#(chart.figure)</div>"#,
            Self.plainTable(document.plainEvaluations).html,
        ]
    }

    /// One row a policy, random actions included.
    static func plainTable(_ evaluations: [PlainEvaluation]) -> ReportTable {
        ReportTable(
            name: "plain",
            caption: "Each policy without interference",
            columns: [
                .init("policy", "policy"), .init("episodes", "episodes"),
                .init("success_held", "success held", hasInterval: true),
                .init("success_final", "at the final step", hasInterval: true),
                .init("return_mean", "mean return"), .init("return_deviation", "deviation"),
                .init("final_error_mean", "mean final error"),
                .init("limited_fraction", "steps limited"), .init("aborted", "aborted"),
            ],
            rows: evaluations.flatMap { [$0] + ($0.random ?? []) }.map { plain in
                [
                    .words(plain.name), .count(plain.episodes), .share(plain.held),
                    .share(plain.final), .number(plain.returnMean),
                    .number(plain.returnDeviation), .number(plain.finalErrorMean),
                    .number(plain.limitedFraction, Markup.percent), .count(plain.aborted),
                ]
            }
        )
    }
}
