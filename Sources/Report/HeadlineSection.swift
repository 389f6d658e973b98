import Evaluation
import Plot

/// The few figures that a reader wants first, as cards and as a sentence.
struct HeadlineSection {
    let document: ReportDocument

    var section: PageSection? {
        let sentences = evaluationSentences + plainSentences + runSentences
        guard !sentences.isEmpty else { return nil }
        let judged = evaluationCards + plainCards
        // How long a run took matters where nothing says what came of it.
        let all = judged + (judged.isEmpty ? runCards : [])
        let cards = all.prefix(8).map { card in
            let value = card.key.map { #" data-key="\#($0)" data-value="\#(card.value)""# } ?? ""
            return "<li><strong\(value)>\(Markup.escaped(card.figure))</strong>"
                + "<span>\(Markup.escaped(card.words))</span></li>"
        }
        return PageSection(
            id: "headline",
            title: "In short",
            body: sentences.map { "<p>\(Markup.escaped($0))</p>" }
                + [#"<ul class="cards">\#(cards.joined(separator: "\n"))</ul>"#]
        )
    }

    private struct Card {
        var figure: String
        var words: String
        var key: String?
        var value = ""
    }

    // MARK: With interference

    private var evaluationSentences: [String] {
        document.evaluations.flatMap { evaluation in
            evaluation.policies.indices.compactMap { sentence(evaluation, $0) }
                + (evaluation.problem.map { ["The evaluation ended early: \($0)."] } ?? [])
        }
    }

    private func sentence(_ evaluation: EvaluationDocument, _ policy: Int) -> String? {
        let rows = evaluation.results.filter { $0.policy == policy }
        guard let without = rows.first(where: { $0.kind == EvaluationDocument.without }) else {
            return nil
        }
        let setting = evaluation.setting
        var text =
            "\(evaluation.policies[policy].name) on \(setting.robot), task \(setting.task): success in "
            + "\(without.success.percent) of \(without.episodes) episodes without interference"
        let kinds = rows.filter { $0.kind != EvaluationDocument.without }
        guard let worst = kinds.min(by: { $0.success.value < $1.success.value }) else {
            return text + "."
        }
        if let overall = evaluation.overall.first(where: { $0.policy == policy }), kinds.count > 1 {
            text += ", in \(overall.success.percent) over \(kinds.count) kinds of interference"
        }
        return text + "; least with \(worst.kind): \(worst.success.percent)."
    }

    private var evaluationCards: [Card] {
        document.evaluations.flatMap { evaluation in
            evaluation.policies.indices.flatMap { policy -> [Card] in
                let name = evaluation.policies[policy].name
                let without = evaluation.results.first {
                    $0.policy == policy && $0.kind == EvaluationDocument.without
                }
                let overall = evaluation.overall.first { $0.policy == policy }
                return [
                    without.map { card($0.success, "\(name), without interference", "without") },
                    overall.map { card($0.success, "\(name), all interferences", "overall") },
                ].compactMap(\.self)
            }
        }
    }

    private func card(_ share: Estimate, _ words: String, _ key: String) -> Card {
        Card(
            figure: Markup.percent(share.value),
            words: words + interval(share),
            key: key,
            value: "\(share.value)"
        )
    }

    private func interval(_ share: Estimate) -> String {
        " (95 %: \(Markup.fixed(share.low * 100, decimals: 0)) to "
            + "\(Markup.fixed(share.high * 100, decimals: 0)))"
    }

    // MARK: Without interference

    private var plainSentences: [String] {
        document.plainEvaluations.map { plain in
            var text =
                "\(plain.name)\(plain.robot.map { " on \($0)" } ?? "")"
                + "\(plain.task.map { ", task \($0)" } ?? ""): success held to the end in "
                + "\(plain.held.percent) of \(plain.episodes) episodes"
            if let random = plain.random?.first {
                text += "; random actions from the same starts: \(random.held.percent)"
            }
            return text + "." + (plain.problem.map { " It ended early: \($0)." } ?? "")
        }
    }

    private var plainCards: [Card] {
        document.plainEvaluations.flatMap { plain -> [Card] in
            [
                card(plain.held, "success held, \(plain.name)", "held"),
                Card(
                    figure: Markup.significant(plain.returnMean, digits: 3),
                    words: "mean return, deviation "
                        + Markup.significant(plain.returnDeviation, digits: 3),
                    key: "return",
                    value: "\(plain.returnMean)"
                ),
            ]
        }
    }

    // MARK: Training

    private var runSentences: [String] {
        document.runs.map { run in
            guard let last = run.learning.last else {
                return "\(run.name): no whole episode yet."
            }
            let count = min(run.window, run.learningCount)
            return "\(run.name): \(run.transitions) steps in \(run.episodes) episodes; "
                + "the last \(count) held success in \(last.held.percent), exploring as they learned."
        }
    }

    private var runCards: [Card] {
        document.runs.flatMap { run -> [Card] in
            guard let last = run.learning.last else { return [] }
            let held = card(last.held, "held while learning, \(run.name)", "learning")
            // Beside others a run is told by what it learned.
            if document.runs.count > 1 { return [held] }
            return [
                held,
                Card(
                    figure: "\(run.transitions)",
                    words: "policy steps",
                    key: "steps",
                    value: "\(run.transitions)"
                ),
                Card(figure: Self.duration(run.seconds), words: "from first to last episode"),
                Card(
                    figure: "\(run.aborted)",
                    words: "episodes aborted of \(run.episodes)",
                    key: "aborted",
                    value: "\(run.aborted)"
                ),
            ]
        }
    }

    static func duration(_ seconds: Double) -> String {
        let whole = Int(max(0, min(seconds, 1e9)))
        if whole >= 3600 { return "\(whole / 3600) h \(whole / 60 % 60) min" }
        if whole >= 60 { return "\(whole / 60) min \(whole % 60) s" }
        return "\(whole) s"
    }
}
