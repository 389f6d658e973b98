import Evaluation
import Plot

/// Which robot, files, settings, seed, program and machine the figures come from.
struct ProvenanceSection {
    let document: ReportDocument

    var section: PageSection? {
        var body: [String] = []
        if !document.runs.isEmpty {
            body.append(
                table(
                    "provenance-runs",
                    "Training runs",
                    heads: document.runs.map(\.name),
                    columns: document.runs.map(Self.facts)
                )
            )
        }
        for (number, evaluation) in document.evaluations.enumerated() {
            body.append(
                table(
                    "provenance-evaluation-\(number)",
                    "Evaluation \(number + 1)",
                    heads: ["value"],
                    columns: [Self.facts(evaluation.setting)]
                )
            )
            body.append(
                table(
                    "provenance-policies-\(number)",
                    "Its policies",
                    heads: evaluation.policies.map(\.name),
                    columns: evaluation.policies.map(Self.facts)
                )
            )
        }
        if !document.plainEvaluations.isEmpty { body.append(plain) }
        body += document.runs.filter { !$0.robotFile.isEmpty }.map(file)
        return PageSection(id: "provenance", title: "Settings and provenance", body: body)
    }

    private static func facts(_ run: RunChapter) -> [RunChapter.Fact] {
        [RunChapter.Fact("folder", run.path)] + run.provenance + [
            RunChapter.Fact("transitions", "\(run.transitions)"),
            RunChapter.Fact("updates", run.updates.map { "\($0)" } ?? "no checkpoint"),
            RunChapter.Fact("episodes", "\(run.episodes)"),
        ]
    }

    private static func facts(_ setting: EvaluationSetting) -> [RunChapter.Fact] {
        [
            RunChapter.Fact("robot", setting.robot), RunChapter.Fact("task", setting.task),
            RunChapter.Fact("backend", setting.backend),
            RunChapter.Fact("robot file", setting.robotHash),
            RunChapter.Fact("calibration", setting.calibrationHash),
            RunChapter.Fact("sacbot", setting.programVersion),
            RunChapter.Fact("begun", setting.started),
            RunChapter.Fact("seed of starts and interference", "\(setting.seed)"),
            RunChapter.Fact("episodes a kind", "\(setting.episodesPerKind)"),
            RunChapter.Fact(
                "an episode",
                "\(setting.stepCount) steps of \(Markup.significant(setting.stepSeconds)) s"
            ),
            RunChapter.Fact(
                "success",
                "error below \(Markup.significant(setting.successBelow)) \(setting.errorUnit) in each "
                    + "of the last \(setting.heldSteps) steps"
            ),
            RunChapter.Fact("world drawn anew", setting.isRandomised ? "every episode" : "no"),
            RunChapter.Fact("bootstrap samples", "\(setting.bootstrapSamples)"),
        ]
    }

    /// Layouts of hundreds of numbers are in the policy's file; here is what tells policies apart.
    private static func facts(_ policy: EvaluatedPolicy) -> [RunChapter.Fact] {
        let notes = policy.notes.filter { $0.value.count <= 120 && !$0.value.contains("\n") }
        return [RunChapter.Fact("file", policy.path)]
            + notes.sorted { $0.key < $1.key }.map { RunChapter.Fact($0.key, $0.value) }
    }

    private var plain: String {
        table(
            "provenance-plain",
            "Evaluations without interference",
            heads: document.plainEvaluations.map(\.name),
            columns: document.plainEvaluations.map { plain in
                [
                    RunChapter.Fact("policy", plain.policy ?? ""),
                    RunChapter.Fact("robot", plain.robot ?? ""),
                    RunChapter.Fact("task", plain.task ?? ""),
                    RunChapter.Fact("episodes", "\(plain.episodes)"),
                ]
            }
        )
    }

    /// One row a fact, one column a source.
    private func table(
        _ id: String,
        _ caption: String,
        heads: [String],
        columns: [[RunChapter.Fact]]
    ) -> String {
        var rows: [String] = []
        for what in columns.flatMap({ $0.map(\.what) }) where !rows.contains(what) {
            rows.append(what)
        }
        let body = rows.map { what in
            let cells = columns.map { facts in
                let value = facts.first { $0.what == what }?.value ?? "–"
                return "<td class=\"hash\">\(Markup.escaped(value))</td>"
            }
            return "<tr><th scope=\"row\">\(Markup.escaped(what))</th>\(cells.joined())</tr>"
        }
        let head = heads.map { "<th scope=\"col\">\(Markup.escaped($0))</th>" }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(Markup.escaped(caption))">\
            <table id="\(id)"><caption>\(Markup.escaped(caption))</caption>
            <thead><tr><th scope="col">what</th>\(head.joined())</tr></thead>
            <tbody>
            \(body.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func file(_ run: RunChapter) -> String {
        """
        <details><summary>robot file of \(Markup.escaped(run.name)), with task, limits and learner\
        </summary><pre tabindex="0">\(Markup.escaped(run.robotFile))</pre></details>
        """
    }
}
