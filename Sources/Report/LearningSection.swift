import Evaluation
public import Plot

/// How the runs learned: success and return with intervals, then what the learner reported.
struct LearningSection {
    let runs: [RunChapter]

    var section: PageSection? {
        let learned = runs.filter { !$0.learning.isEmpty }
        guard !learned.isEmpty else { return nil }
        let window = learned.map(\.window).max() ?? 20
        let more = metricCharts(learned)
        return PageSection(
            id: "learning",
            title: "Learning",
            body: [
                "<p class=\"soft\">Each point is about the \(window) episodes that end there, exploring "
                    + "as they learned; aborted ones are left out. Shaded are 95 % intervals: Wilson's "
                    + "for shares, Student's for means. Curves of more than \(ReportPage.columns) "
                    + "columns keep each column's first, lowest, highest and last value.</p>",
                #"<div class="charts wide">"#,
                LearningCharts.held(learned).figure,
                LearningCharts.meanReturn(learned).figure,
                "</div>",
                more.isEmpty
                    ? ""
                    : #"<h3>What the learner reported</h3><div class="charts">"#
                        + more.joined(separator: "\n") + "</div>",
            ]
        )
    }

    private func metricCharts(_ runs: [RunChapter]) -> [String] {
        var names: [String] = []
        for name in runs.flatMap({ $0.metrics.map(\.name) }) where !names.contains(name) {
            names.append(name)
        }
        return names.compactMap { name in
            var chart = LineChart(
                id: "metric-" + name.map { $0.isLetter || $0.isNumber ? String($0) : "-" }.joined(),
                title: Self.words(name),
                summary: "",
                across: "policy steps",
                up: ""
            )
            for (style, run) in runs.enumerated() {
                guard let series = run.metrics.first(where: { $0.name == name }),
                    series.curve.range != nil
                else { continue }
                let line = runs.count == 1 ? Self.words(name) : run.name
                chart.lines.append(LineChart.Line(line, style: style, series.curve))
            }
            chart.height = 110
            chart.columns = 300
            chart.extent = LearningCharts.extent(runs)
            chart.isShare = name == "trial/held"
            if chart.isShare { chart.range = 0...1 }
            chart.summary = LearningCharts.ends(chart)
            // A curve of one value says nothing as a picture.
            return chart.lines.contains { $0.curve.x.count > 1 } ? chart.figure : nil
        }
    }

    static func words(_ name: String) -> String {
        let known = [
            "learner/critic_loss": "critic loss", "learner/actor_loss": "actor loss",
            "learner/temperature": "temperature (weight of entropy)",
            "learner/entropy": "entropy of the policy, nats", "learner/mean_q": "mean Q",
            "learner/updates": "updates", "trial/held": "trials of the policy: held",
            "trial/return": "trials of the policy: return",
        ]
        return known[name] ?? name
    }
}

/// The charts that the page and the comparison of runs have in common.
public enum LearningCharts {
    /// Success held, one line a run.
    public static func held(_ runs: [RunChapter]) -> LineChart {
        var chart = LineChart(
            id: "learning-held",
            title: "Share of episodes that held success",
            summary: "",
            across: "policy steps",
            up: ""
        )
        chart.isShare = true
        chart.range = 0...1
        chart.height = 200
        fill(&chart, runs) { $0.held }
        if runs.count == 1, let run = runs.first {
            let x = run.learning.map { Double($0.step) }
            let final = Curve(x: x, y: run.learning.map(\.final.value))
            chart.lines[0].name = "held to the end"
            chart.lines.append(LineChart.Line("at the final step", style: 1, final))
        }
        chart.summary = ends(chart)
        return chart
    }

    /// Mean return, one line a run.
    public static func meanReturn(_ runs: [RunChapter]) -> LineChart {
        var chart = LineChart(
            id: "learning-return",
            title: "Mean return of an episode",
            summary: "",
            across: "policy steps",
            up: ""
        )
        chart.height = 200
        fill(&chart, runs) { $0.meanReturn }
        chart.summary = ends(chart)
        return chart
    }

    private static func fill(
        _ chart: inout LineChart,
        _ runs: [RunChapter],
        _ value: (LearningRow) -> Estimate
    ) {
        for (style, run) in runs.enumerated() {
            let x = run.learning.map { Double($0.step) }
            let values = run.learning.map(value)
            let band = Band(x: x, low: values.map(\.low), high: values.map(\.high))
            chart.areas.append(LineChart.Area("95 % of \(run.name)", style: style, band))
            let curve = Curve(x: x, y: values.map(\.value))
            chart.lines.append(LineChart.Line(run.name, style: style, curve))
        }
        chart.extent = extent(runs)
    }

    /// From nothing to the longest run's end.
    static func extent(_ runs: [RunChapter]) -> ClosedRange<Double> {
        let last = runs.compactMap { $0.learning.last.map { Double($0.step) } }.max() ?? 0
        return 0...(last + 1)
    }

    /// What is to be seen, in words: where each line begins and ends and its extremes.
    static func ends(_ chart: LineChart) -> String {
        chart.lines.compactMap { line in
            guard let range = line.curve.range,
                let first = line.curve.y.first(where: \.isFinite),
                let last = line.curve.y.last(where: \.isFinite)
            else { return nil }
            func words(_ value: Double) -> String {
                chart.isShare ? Markup.percent(value) : Markup.significant(value)
            }
            return "\(line.name): from \(words(first)) to \(words(last)), "
                + "between \(words(range.lowerBound)) and \(words(range.upperBound))"
        }.joined(separator: "; ")
    }
}
