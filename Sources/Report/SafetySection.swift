import Evaluation
import Plot

/// What the supervisor did: limited steps, aborted episodes, and what the journal noted.
struct SafetySection {
    let document: ReportDocument

    var section: PageSection? {
        var body: [String] = []
        if !document.runs.isEmpty {
            body.append(runTable.html)
            let charts = [limitedChart, resetChart].compactMap { $0?.figure }
            body.append(#"<div class="charts">\#(charts.joined(separator: "\n"))</div>"#)
            body += document.runs.compactMap(reasons)
            body += document.runs.compactMap(events)
        }
        if let table = evaluationTable { body.append(table.html) }
        guard !body.isEmpty else { return nil }
        return PageSection(id: "safety", title: "Safety", body: body)
    }

    private var runTable: ReportTable {
        ReportTable(
            name: "safety-runs",
            caption: "What the supervisor did while the runs learned",
            columns: [
                .init("run", "run"), .init("steps", "steps"),
                .init("limited_steps", "of them limited"), .init("episodes", "episodes"),
                .init("aborted", "of them aborted"), .init("reset_seconds", "in resets"),
            ],
            rows: document.runs.map { run in
                [
                    .words(run.name), .count(run.steps), .count(run.limitedSteps),
                    .count(run.episodes), .count(run.aborted),
                    .number(run.resetSeconds, HeadlineSection.duration),
                ]
            }
        )
    }

    private var limitedChart: LineChart? {
        chart("safety-limited", "Share of steps that the supervisor changed", isShare: true) {
            $0.limited
        }
    }

    private var resetChart: LineChart? {
        chart("safety-reset", "Seconds a reset took", isShare: false) { $0.resetSeconds }
    }

    private func chart(
        _ id: String,
        _ title: String,
        isShare: Bool,
        _ value: (LearningRow) -> Double
    ) -> LineChart? {
        let runs = document.runs.filter { $0.learning.count > 1 }
        guard !runs.isEmpty else { return nil }
        var chart = LineChart(
            id: id,
            title: title,
            summary: "",
            across: "policy steps",
            up: ""
        )
        chart.isShare = isShare
        chart.height = 110
        for (style, run) in runs.enumerated() {
            let curve = Curve(
                x: run.learning.map { Double($0.step) },
                y: run.learning.map(value)
            )
            chart.lines.append(LineChart.Line(run.name, style: style, curve))
        }
        chart.summary = LearningCharts.ends(chart)
        return chart
    }

    private func reasons(_ run: RunChapter) -> String? {
        guard !run.abortReasons.isEmpty else { return nil }
        return ReportTable(
            name: "aborts-" + run.name,
            caption: "Why episodes of \(run.name) were aborted",
            columns: [.init("reason", "reason"), .init("episodes", "episodes")],
            rows: run.abortReasons.map { [.words($0.what), .words($0.value)] }
        ).html
    }

    private func events(_ run: RunChapter) -> String? {
        guard !run.events.isEmpty else { return nil }
        let rows = run.events.map { event in
            "<tr><th scope=\"row\">\(Markup.escaped(event.time))</th>"
                + "<td>\(Markup.escaped(event.level))</td>"
                + "<td class=\"long\">\(Markup.escaped(event.text))</td></tr>"
        }
        return """
            <details><summary>\(run.events.count) warnings and changes of \
            \(Markup.escaped(run.name))</summary>
            <div class="scroll"><table><tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
            </details>
            """
    }

    private var evaluationTable: ReportTable? {
        guard !document.evaluations.isEmpty else { return nil }
        return ReportTable(
            name: "safety-evaluations",
            caption: "What the supervisor did under interference",
            columns: [
                .init("kind", "interference"), .init("policy", "policy"),
                .init("episodes", "episodes"),
                .init("interventions", "steps limited an episode", hasInterval: true),
                .init("aborted", "aborted"), .init("faults", "faults"),
            ],
            rows: SuccessSection.byKind(document.evaluations).map { result, evaluation in
                [
                    .words(result.kind),
                    .words(SuccessSection.policyName(result.policy, evaluation)),
                    .count(result.episodes),
                    .estimate(result.interventions, { Markup.fixed($0, decimals: 1) }),
                    .count(result.aborted), .words(Self.faults(result, evaluation)),
                ]
            }
        )
    }

    /// The numbers of the faults that aborted episodes, each once, as in docs/faults.
    private static func faults(_ result: KindResult, _ evaluation: EvaluationDocument) -> String {
        let found = evaluation.episodes.filter {
            $0.policy == result.policy && $0.kind == result.kind
        }.compactMap(\.fault)
        return Set(found).sorted().map(String.init).joined(separator: ", ")
    }
}
