import Evaluation
import Foundation
import Testing

@testable import Report

/// A third party that reads pages: Tests/peers/judge_report.py, with Python's own HTML parser.
enum PageJudge {
    static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"] ?? "/usr/bin/python3"

    static let isThere = FileManager.default.isExecutableFile(atPath: interpreter)

    private static let script = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("peers/judge_report.py").path

    /// What it says of a page with these sources; its last line counts what it compared.
    static func verdict(on page: Data, evaluation: Data? = nil, run: String? = nil) throws -> String
    {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("sacbot-report-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appendingPathComponent("page.html")
        try page.write(to: file)
        var arguments = [script, file.path]
        if let evaluation {
            let source = folder.appendingPathComponent("evaluation.json")
            try evaluation.write(to: source)
            arguments += ["--evaluation", source.path]
        }
        if let run { arguments += ["--run", run] }
        let process = Process()
        process.executableURL = URL(fileURLWithPath: interpreter)
        process.arguments = arguments
        let pipe = Pipe()
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        let output = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: output, as: UTF8.self)
    }
}

@Suite("The report's page")
struct PageTests {
    private func empty() -> ReportDocument {
        ReportDocument(
            title: "claw & \"valve\" <near>",
            made: "2026-01-31T18:05:09Z",
            programVersion: "0.1.0",
            host: "bench"
        )
    }

    @Test(
        "every figure of an evaluation stands in the page as in its file",
        .enabled(if: PageJudge.isThere, "needs python3")
    )
    func interference() throws {
        let source = try SampleEvaluation().json()
        var document = empty()
        try document.add(file: source, named: "evaluation.json")
        let verdict = try PageJudge.verdict(on: ReportPage(document).html(), evaluation: source)
        #expect(verdict.hasSuffix("compared, 0 problems\n"), "\(verdict)")
        let count = try #require(verdict.split(separator: "\n").last?.split(separator: " ").first)
        #expect(try #require(Int(count)) > 1000)
    }

    @Test(
        "so does one without interference, also with a figure that is none",
        .enabled(if: PageJudge.isThere, "needs python3")
    )
    func plain() throws {
        let file = """
            {"aborted":1,"episodes":20,"final_error_mean":"nan","limited_fraction":0.0125,
            "policy":"runs/claw/near-simulation-sac/20260131-180509/policy.safetensors",
            "random":[{"aborted":0,"episodes":10,"final_error_mean":0.9,"limited_fraction":0.5,
            "return_deviation":40.5,"return_mean":-310.25,"success_final":0.1,
            "success_final_interval":[0.005,0.4],"success_held":0,"success_held_interval":[0,0.3]}],
            "return_deviation":31.5,"return_mean":512.125,"robot":"claw","success_final":0.95,
            "success_final_interval":[0.764,0.991],"success_held":0.9,
            "success_held_interval":[0.699,0.972],"task":"near"}
            """
        // The intervals that the judge computes, as the program does.
        let exact = file.replacingOccurrences(of: "[0.764,0.991]", with: interval(19, 20))
            .replacingOccurrences(of: "[0.699,0.972]", with: interval(18, 20))
            .replacingOccurrences(of: "[0.005,0.4]", with: interval(1, 10))
            .replacingOccurrences(of: "[0,0.3]", with: interval(0, 10))
        var document = empty()
        try document.add(file: Data(exact.utf8), named: "plain.json")
        let page = try ReportPage(document).html()
        let verdict = try PageJudge.verdict(on: page, evaluation: Data(exact.utf8))
        #expect(verdict.hasSuffix("compared, 0 problems\n"), "\(verdict)")
    }

    private func interval(_ successes: Int, _ count: Int) -> String {
        let interval = Share(successes: successes, count: count).interval
        return "[\(interval.lowerBound),\(interval.upperBound)]"
    }

    @Test(
        "the judge notices a wrong figure, a link that leaves the page and a tag left open",
        .enabled(if: PageJudge.isThere, "needs python3")
    )
    func judgeIsStrict() throws {
        let source = try SampleEvaluation().json()
        var document = empty()
        try document.add(file: source, named: "evaluation.json")
        let page = String(decoding: try ReportPage(document).html(), as: UTF8.self)
        let wrong = [
            ("data-value=\"0.82\"", "data-value=\"0.83\""), ("</h1>", ""),
            ("<main>", "<main><img alt=\"x\" src=\"https://example.org/x.png\">"),
            ("<main>", "<main><p id=\"success\"></p>"),
        ]
        for (old, new) in wrong {
            try #require(page.contains(old), "\(old)")
            let changed = Data(page.replacingOccurrences(of: old, with: new).utf8)
            let verdict = try PageJudge.verdict(on: changed, evaluation: source)
            #expect(!verdict.hasSuffix(" 0 problems\n"), "\(new): \(verdict)")
        }
    }

    @Test("a run of ten million steps makes a small page that has its best and worst")
    func longRun() throws {
        let count = 250_000
        let rows = (0..<count).map { index -> LearningRow in
            let value =
                index == 123_456 ? 900.0 : index == 200_001 ? -900 : sin(Double(index) / 1e4)
            let estimate = Estimate(value: value, low: value - 1, high: value + 1)
            let share = LearningWindow.share(index % 21, of: 20 + index % 2)
            return LearningRow(
                episode: index,
                step: index * 40,
                meanReturn: estimate,
                held: share,
                final: share,
                limited: 0.1,
                resetSeconds: 1
            )
        }
        let series = MetricSeries(
            name: "learner/critic_loss",
            steps: (0..<count).map { $0 * 40 },
            values: (0..<count).map { $0 == 77_777 ? 5000 : Double($0 % 7) },
            count: count
        )
        var document = empty()
        document.runs = [chapter(learning: rows, metrics: [series])]
        let page = try ReportPage(document).html()
        #expect(page.count < 1_500_000, "\(page.count) bytes")
        let thin = ReportPage(document).document.runs[0]
        #expect(thin.learningCount == count)
        #expect(thin.learning.contains { $0.meanReturn.value == 900 })
        #expect(thin.learning.contains { $0.meanReturn.value == -900 })
        #expect(thin.metrics[0].values.contains(5000))
        #expect(thin.learning.count <= 8 * ReportPage.columns)
    }

    private func chapter(learning: [LearningRow], metrics: [MetricSeries]) -> RunChapter {
        RunChapter(
            name: "near-simulation-sac",
            path: "runs/claw/near-simulation-sac/20260131-180509",
            provenance: [RunChapter.Fact("robot", "claw")],
            robotFile: "robot: claw\n",
            episodes: learning.count,
            transitions: learning.count * 40,
            updates: nil,
            aborted: 0,
            limitedSteps: 0,
            steps: learning.count * 40,
            seconds: 1e6,
            resetSeconds: 1e5,
            learning: learning,
            learningCount: learning.count,
            window: 20,
            metrics: metrics,
            events: [],
            abortReasons: []
        )
    }

    @Test("no data can end the script or a tag, whatever it is called")
    func hostile() throws {
        let evil = "</script><script>alert(1)</script>\"'><img src=x onerror=alert(1)>"
        var sample = SampleEvaluation()
        sample.policies = [evil]
        sample.joints = [evil, "b"]
        var document = empty()
        document.title = evil
        document.add(try sample.document())
        let page = String(decoding: try ReportPage(document).html(), as: UTF8.self)
        #expect(!page.contains("alert(1)</script>") && !page.contains("<img src=x"))
        #expect(page.components(separatedBy: "<script>").count == 2)
    }

    @Test("with too many rollouts each policy and kind keeps one, failures first")
    func chosen() throws {
        var document = empty()
        document.add(try SampleEvaluation().document())
        #expect(document.traces.count == 16)
        document.keepTraces(8)
        #expect(document.traces.count == 8 && document.tracesLeftOut == 8)
        #expect(Set(document.traces.map { $0.policy + $0.kind }).count == 8)
        #expect(document.traces.allSatisfy { !$0.succeeded })
        document.keepTraces(0)
        #expect(document.traces.isEmpty && document.tracesLeftOut == 16)
    }

    @Test("stretches begin with the step that was interfered and end with it")
    func stretches() {
        let found = Trace.stretches(
            [false, false, true, true, false, true],
            [0, 0.1, 0.2, 0.3, 0.4, 0.5]
        )
        #expect(found.map(\.from) == [0.1, 0.4] && found.map(\.to) == [0.3, 0.5])
        #expect(Trace.stretches([true, true], [0, 1]).map(\.from) == [0])
        #expect(Trace.stretches([], []).isEmpty)
    }

    @Test("the data comes back from its own file as it was")
    func roundTrip() throws {
        var document = empty()
        document.add(try SampleEvaluation().document())
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        #expect(try decoder.decode(ReportDocument.self, from: document.json()) == document)
    }

    @Test(
        "a file that is no evaluation is refused in words",
        arguments: [
            ("{}", "no `episodes`"), ("[1]", "not"), ("{\"episodes\": \"many\"}", "`episodes`"),
            ("not json", "not JSON"), ("{\"format\": \"sacbot.report\"}", "`sacbot.report`"),
            ("{\"format\": \"sacbot.evaluation\", \"version\": 99}", "version 99"),
            ("{\"format\": \"sacbot.evaluation\", \"version\": 1}", "no `"),
        ]
    )
    func refused(text: String, word: String) {
        var document = empty()
        do {
            try document.add(file: Data(text.utf8), named: "x.json")
            Issue.record("\(text) was taken")
        } catch {
            let words = "\(error)"
            #expect(words.contains("x.json") && words.contains(word), "\(words)")
        }
    }
}
