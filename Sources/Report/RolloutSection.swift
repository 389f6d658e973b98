import Evaluation
import Foundation
import Plot

/// Single episodes over time, interference shaded: pictures, the task's quantities, each joint's.
struct RolloutSection {
    let document: ReportDocument
    let films: [Int: Filmstrip]

    /// So many show their joints at once; the others on request.
    private static let openAtMost = 1

    var section: PageSection? {
        guard !document.traces.isEmpty else { return nil }
        var body = [
            "<p class=\"soft\">Shaded: while something interfered. Dashed across: the error that is "
                + "still success. Ticks at the bottom: steps whose action the supervisor changed.</p>"
        ]
        for index in document.traces.indices { body.append(article(index)) }
        if document.tracesLeftOut > 0 {
            body.append(
                "<p class=\"soft\">\(document.tracesLeftOut) more recorded episodes are not shown; "
                    + "<code>sacbot report --rollouts N</code> shows more.</p>"
            )
        }
        return PageSection(id: "rollouts", title: "Single episodes", body: body)
    }

    private func article(_ index: Int) -> String {
        let trace = document.traces[index]
        let verdict = trace.succeeded ? "held" : "failed"
        let kind = trace.kind == EvaluationDocument.without ? "without interference" : trace.kind
        let what = "\(kind), episode \(trace.episode)"
        let charts = taskCharts(trace, index).map(\.figure)
        let joints = trace.joints.map { joint(trace, index, $0) }.filter { !$0.isEmpty }
        let isOpen = index < Self.openAtMost ? " open" : ""
        let details =
            joints.isEmpty
            ? ""
            : """
            <details\(isOpen)><summary>joints: \(Self.jointWords(trace))</summary>
            <div class="charts joints">\(joints.joined(separator: "\n"))</div></details>
            """
        return """
            <article aria-labelledby="trace-\(index)-h">
            <h3 id="trace-\(index)-h">\(Markup.escaped(what)) \
            <span class="verdict \(verdict)">\(verdict)</span> \
            <span class="soft">\(Markup.escaped(trace.policy))</span></h3>
            \(film(index, what: what))
            <div class="charts">\(charts.joined(separator: "\n"))</div>
            \(details)
            </article>
            """
    }

    private static func jointWords(_ trace: Trace) -> String {
        let names = ["position", "goal", "current", "temperature"].filter { name in
            trace.columns.contains { $0.name == name && $0.joint != nil }
        }
        return names.joined(separator: ", ")
    }

    private func film(_ index: Int, what: String) -> String {
        let trace = document.traces[index]
        var strips: [String] = []
        if let film = films[index] {
            strips.append(Self.strip(film, trace, "the simulated robot", what))
        }
        if let film = trace.seen.map(Filmstrip.init) {
            strips.append("<p class=\"soft\">What the policy saw:</p>")
            strips.append(Self.strip(film, trace, "the policy's view", what, "film seen"))
        }
        return strips.joined(separator: "\n")
    }

    private static func strip(
        _ film: Filmstrip,
        _ trace: Trace,
        _ subject: String,
        _ what: String,
        _ style: String = "film"
    ) -> String {
        let frames = film.frames.map { frame in
            let isDuring = trace.interfered.contains {
                $0.from <= frame.time && frame.time <= $0.to
            }
            let time = Markup.fixed(frame.time, decimals: 1) + " s"
            return """
                <li\(isDuring ? " class=\"on\"" : "")><img width="\(film.width)" \
                height="\(film.height)" alt="\(subject) at \(time), \(Markup.escaped(what))" \
                src="data:image/png;base64,\(frame.png.base64EncodedString())">\(time)\
                \(isDuring ? ", interference" : "")</li>
                """
        }
        return "<ul class=\"\(style)\">\(frames.joined(separator: "\n"))</ul>"
    }

    // MARK: The task

    /// Which quantities share a chart, and what it is called.
    private static let groups: [(title: String, names: [String])] = [
        ("error", ["error"]), ("object", ["object angle", "target angle"]),
        ("speed", ["speed", "wanted speed"]), ("tilt of the trunk", ["roll", "pitch"]),
        ("height of the trunk", ["height"]), ("peak current of any joint", ["peak current"]),
        ("reward of each step", ["reward"]),
    ]

    private func taskCharts(_ trace: Trace, _ index: Int) -> [LineChart] {
        Self.groups.enumerated().compactMap { number, group in
            let columns = group.names.compactMap { trace.column($0) }
            var chart = Self.chart(trace, "t\(index)-\(number)", group.title, columns)
            guard chart != nil else { return nil }
            chart?.height = 120
            if group.title == "error" { chart?.levels = Self.levels(trace, columns) }
            chart?.marks = trace.limitedAt
            return chart
        }
    }

    private static func levels(_ trace: Trace, _ columns: [Trace.Column]) -> [Double] {
        guard let below = trace.successBelow else { return [] }
        let isSigned = columns.contains { $0.values.contains { ($0 ?? 0) < 0 } }
        return isSigned ? [-below, below] : [below]
    }

    private static func chart(
        _ trace: Trace,
        _ id: String,
        _ title: String,
        _ columns: [Trace.Column]
    ) -> LineChart? {
        guard let unit = columns.first?.unit else { return nil }
        var chart = LineChart(id: id, title: title, summary: "", across: "seconds", up: "")
        chart.title += unit == "1" ? "" : ", \(unit)"
        for (style, column) in columns.enumerated() {
            let curve = Curve(x: trace.time, y: column.values.map { $0 ?? .nan })
            guard curve.range != nil else { continue }
            chart.lines.append(LineChart.Line(column.name, style: style, curve))
        }
        guard !chart.lines.isEmpty else { return nil }
        chart.extent = (trace.time.first ?? 0)...(trace.time.last ?? 1)
        chart.spans = trace.interfered.map {
            LineChart.Span(trace.kind, from: $0.from, to: $0.to)
        }
        chart.columns = 300
        chart.summary = LearningCharts.ends(chart)
        if let first = trace.interfered.first, let last = trace.interfered.last {
            chart.summary +=
                "; \(trace.kind) between \(Markup.significant(first.from)) and "
                + "\(Markup.significant(last.to)) seconds"
        }
        return chart
    }

    // MARK: Joints

    private func joint(_ trace: Trace, _ index: Int, _ joint: String) -> String {
        let number = trace.joints.firstIndex(of: joint) ?? 0
        let rows: [(String, [String])] = [
            ("position", ["position", "goal"]), ("current", ["current"]),
            ("temperature", ["temperature"]),
        ]
        let charts = rows.enumerated().compactMap { row, names -> String? in
            let columns = names.1.compactMap { trace.column($0, joint: joint) }
            let id = "t\(index)-j\(number)-\(row)"
            guard var chart = Self.chart(trace, id, "\(joint) \(names.0)", columns) else {
                return nil
            }
            chart.up = Self.axis(columns)
            chart.height = row == 0 ? 90 : 56
            chart.across = ""
            chart.columns = 200
            return chart.svg()
        }
        guard !charts.isEmpty else { return "" }
        return "<figure><figcaption>\(Markup.escaped(joint))</figcaption>"
            + charts.joined(separator: "\n") + "</figure>"
    }

    /// The names of a small chart's lines and their unit, instead of a legend.
    private static func axis(_ columns: [Trace.Column]) -> String {
        let names = columns.map { $0.name == "goal" ? "goal (dashed)" : $0.name }
        return "\(names.joined(separator: ", ")), \(columns.first?.unit ?? "")"
    }

    /// All traces as one table, a row a sample; columns that a trace does not have are empty.
    static func csv(_ traces: [Trace]) -> String {
        var keys: [String] = []
        for key in traces.flatMap({ $0.columns.map(\.key) }) where !keys.contains(key) {
            keys.append(key)
        }
        let head = ["policy", "kind", "episode", "time", "interfered", "limited"] + keys
        var lines = [head.map(ReportTable.quoted).joined(separator: ",")]
        for trace in traces {
            let columns = keys.map { key in trace.columns.first { $0.key == key } }
            let limited = Set(trace.limitedAt)
            let start = [trace.policy, trace.kind].map(ReportTable.quoted) + ["\(trace.episode)"]
            for (index, time) in trace.time.enumerated() {
                // A sample speaks of the step that ends at it.
                let isDuring = trace.interfered.contains { $0.from < time && time <= $0.to }
                let values = columns.map { column in
                    (column?.values[index]).flatMap { $0 }.map { Self.short($0) } ?? ""
                }
                let row =
                    start
                    + [Self.short(time), isDuring ? "1" : "0", limited.contains(time) ? "1" : "0"]
                lines.append((row + values).joined(separator: ","))
            }
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// Six digits: finer than any servo's.
    private static func short(_ value: Double) -> String { Markup.significant(value, digits: 6) }
}
