import Evaluation
import Foundation
import Plot

/// The page's data as files: links that hold them.
struct DataSection {
    let document: ReportDocument
    let dataFolder: String?

    func section() throws(ReportError) -> PageSection {
        var body = ["<p>What this page shows, for other programs. \(note)</p>"]
        var links: [String] = []
        var missing: [String] = []
        for file in ReportFiles.tables(document) {
            let words = Markup.escaped("\(file.name).csv")
            if let link = DataLink.csv(file.csv, name: file.name, words: words) {
                links.append(link)
            } else {
                missing.append(words)
            }
        }
        if let link = try json() { links.append(link) } else { missing.append("report.json") }
        body.append("<p>\(links.joined(separator: "\n"))</p>")
        if !missing.isEmpty {
            body.append(
                "<p class=\"soft\">Too large for a link: \(missing.joined(separator: ", ")); "
                    + "<code>sacbot report --data FOLDER</code> writes it.</p>"
            )
        }
        return PageSection(id: "data", title: "Data", body: body)
    }

    private var note: String {
        if let dataFolder {
            return "The same at full length lies in <code>\(Markup.escaped(dataFolder))</code>."
        }
        return "Long curves are thinned as drawn; <code>sacbot report --data FOLDER</code> writes "
            + "everything at full length."
    }

    /// The document, without its schedule and then without single episodes if it is too long.
    private func json() throws(ReportError) -> String? {
        var shown = document
        let words = "report.json"
        if let link = DataLink.json(try shown.json(), name: "report", words: words) { return link }
        for index in shown.evaluations.indices { shown.evaluations[index].schedule.plans = [] }
        let without = words + " (without the schedule)"
        if let link = DataLink.json(try shown.json(), name: "report", words: without) {
            return link
        }
        for index in shown.evaluations.indices { shown.evaluations[index].episodes = [] }
        let less = words + " (without single episodes and the schedule)"
        return DataLink.json(try shown.json(), name: "report", words: less)
    }
}

/// The report's data as files, in the page's links and in a folder.
public enum ReportFiles {
    /// A table as a file.
    public struct Table: Sendable {
        /// The file's name without `.csv`.
        public var name: String
        /// Its text.
        public var csv: String
    }

    /// All tables of a report that have rows.
    public static func tables(_ document: ReportDocument) -> [Table] {
        var tables: [Table] = []
        func add(_ name: String, _ table: ReportTable) {
            if !table.rows.isEmpty { tables.append(Table(name: name, csv: table.csv)) }
        }
        add("success", SuccessSection.kindTable(document.evaluations, name: "success"))
        add("evaluation", SuccessSection.plainTable(document.plainEvaluations))
        add("episodes", episodes(document.evaluations))
        add("learning", learning(document.runs))
        add("metrics", metrics(document.runs))
        if !document.traces.isEmpty {
            tables.append(Table(name: "rollouts", csv: RolloutSection.csv(document.traces)))
        }
        return tables
    }

    private static func episodes(_ evaluations: [EvaluationDocument]) -> ReportTable {
        ReportTable(
            name: "episodes",
            caption: "Every episode",
            columns: [
                .init("policy", ""), .init("kind", ""), .init("episode", ""),
                .init("steps", ""), .init("succeeded", ""), .init("score", ""),
                .init("return", ""), .init("start_error", ""), .init("final_error", ""),
                .init("recovery_seconds", ""), .init("worst_deviation", ""),
                .init("peak_current", ""), .init("interventions", ""), .init("end", ""),
                .init("fault", ""), .init("speed", ""), .init("interference_begins", ""),
                .init("interference_ends", ""),
            ],
            rows: evaluations.flatMap { evaluation in
                evaluation.episodes.map { row($0, evaluation) }
            }
        )
    }

    private static func row(
        _ episode: EpisodeRow,
        _ evaluation: EvaluationDocument
    ) -> [ReportTable.Cell] {
        [
            .words(SuccessSection.policyName(episode.policy, evaluation)),
            .words(episode.kind), .count(episode.episode), .count(episode.steps),
            .count(episode.succeeded ? 1 : 0), .number(episode.score),
            .number(episode.totalReward), .number(episode.startError),
            .number(episode.finalError), .number(episode.recoverySeconds),
            .number(episode.worstDeviation), .number(episode.peakCurrent),
            .count(episode.interventions), .words(episode.end),
            .words(episode.fault.map { "\($0)" } ?? ""), .number(episode.speed),
            .number(episode.events.first?.start), .number(episode.events.last?.end),
        ]
    }

    private static func learning(_ runs: [RunChapter]) -> ReportTable {
        ReportTable(
            name: "learning",
            caption: "Learning curves",
            columns: [
                .init("run", ""), .init("episode", ""), .init("step", ""),
                .init("mean_return", "", hasInterval: true),
                .init("success_held", "", hasInterval: true),
                .init("success_final", "", hasInterval: true), .init("limited", ""),
                .init("reset_seconds", ""),
            ],
            rows: runs.flatMap { run in
                run.learning.map { row in
                    [
                        .words(run.name), .count(row.episode), .count(row.step),
                        .estimate(row.meanReturn), .share(row.held), .share(row.final),
                        .number(row.limited), .number(row.resetSeconds),
                    ]
                }
            }
        )
    }

    private static func metrics(_ runs: [RunChapter]) -> ReportTable {
        ReportTable(
            name: "metrics",
            caption: "What the learner reported",
            columns: [
                .init("run", ""), .init("metric", ""), .init("step", ""), .init("value", ""),
            ],
            rows: runs.flatMap { run in
                run.metrics.flatMap { series in
                    zip(series.steps, series.values).map { step, value in
                        [.words(run.name), .words(series.name), .count(step), .number(value)]
                    }
                }
            }
        )
    }
}
