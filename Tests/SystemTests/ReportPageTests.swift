import Foundation
import Testing

/// A browser without a window, and what it makes of a page.
private enum Browser {
    static let program = ["/usr/bin/chromium", "/usr/bin/google-chrome"]
        .first { FileManager.default.isExecutableFile(atPath: $0) }

    /// The page after its script ran, and what the script said.
    static func load(_ path: String, folder: String) throws -> (page: String, console: [String]) {
        let end = try ChildProcess(
            [
                program ?? "chromium", "--headless", "--no-sandbox", "--disable-gpu",
                "--user-data-dir=\(folder)/browser", "--enable-logging=stderr", "--dump-dom",
                "file://" + path,
            ],
            environment: ["PATH": "/usr/bin:/bin", "HOME": folder],
            folder: folder
        ).end()
        let console = end.errors.split(separator: "\n").filter { $0.contains("CONSOLE") }
        return (end.output, console.map(String.init))
    }
}

/// Reads pages with Python's own HTML parser and compares them with their sources.
private enum PageJudge {
    private static let interpreter =
        ProcessInfo.processInfo.environment["SACBOT_PYTHON"]
        ?? Bench.package + "/.venv/bin/python3"

    static let isThere = FileManager.default.isExecutableFile(atPath: interpreter)

    static func verdict(_ arguments: String..., in bench: Bench) throws -> String {
        try ChildProcess(
            [interpreter, Bench.package + "/Tests/peers/judge_report.py"] + arguments,
            environment: ["PATH": "/usr/bin:/bin"],
            folder: bench.folder
        ).end().output
    }
}

extension WholeProgram {
    /// `sacbot report`, `sacbot evaluate --report` and `sacbot runs compare`.
    @Suite("Reports", .enabled(if: PageJudge.isThere, "needs python3: make peers"))
    struct ReportPageTests {
        @Test("a report of a run and its evaluation says what journal and evaluation say")
        func wholeReport() throws {
            let bench = try Bench()
            try bench.train(steps: 200)
            let run = try bench.onlyRun()
            let evaluated = try bench.run(
                "evaluate",
                "--robot",
                "bench",
                "--episodes",
                "5",
                "--random-episodes",
                "3",
                "--json",
                "--report",
                "evaluated.html"
            )
            #expect(evaluated.code == 0, "\(evaluated)")
            try bench.write(evaluated.output, to: "evaluation.json")
            let end = try bench.run(
                "report",
                "latest",
                "evaluation.json",
                "--output",
                "report.html",
                "--data",
                "data"
            )
            #expect(end.code == 0 && end.errors.contains("report.html"), "\(end)")
            for page in ["evaluated.html", "report.html"] {
                let verdict = try PageJudge.verdict(
                    page,
                    "--run",
                    run.path,
                    "--evaluation",
                    "evaluation.json",
                    in: bench
                )
                #expect(verdict.hasSuffix("compared, 0 problems\n"), "\(page): \(verdict)")
            }
            for file in ["report.json", "learning.csv", "metrics.csv", "rollouts.csv"] {
                #expect(try bench.bytes("data/" + file).count > 100, "\(file)")
            }
            guard Browser.program != nil else { return }
            let loaded = try Browser.load(bench.path("report.html"), folder: bench.folder)
            #expect(loaded.console.isEmpty, "\(loaded.console)")
            try bench.write(loaded.page, to: "loaded.html")
            let verdict = try PageJudge.verdict(
                "loaded.html",
                "--scripted",
                "--run",
                run.path,
                "--evaluation",
                "evaluation.json",
                in: bench
            )
            #expect(verdict.hasSuffix("compared, 0 problems\n"), "\(verdict)")
        }

        @Test(
            "the pointer at a curve's end reads its last value; the button changes the colours",
            .enabled(if: Browser.program != nil, "needs chromium")
        )
        func script() throws {
            let bench = try Bench()
            try bench.train(steps: 200)
            let end = try bench.run("report", "latest", "--output", "report.html", "--data", "data")
            #expect(end.code == 0, "\(end)")
            let page = String(decoding: try bench.bytes("report.html"), as: UTF8.self)
            let probe = """
                <script>
                const hit = document.querySelector('#learning-held .hit');
                const box = hit.getBoundingClientRect();
                hit.dispatchEvent(new PointerEvent('pointermove',
                    {clientX: box.left + box.width * 0.999, clientY: box.top + 5}));
                document.title = document.getElementById('readout').textContent;
                document.documentElement.dataset.theme = 'light';
                document.getElementById('theme').click();
                </script></body>
                """
            try bench.write(page.replacingOccurrences(of: "</body>", with: probe), to: "probe.html")
            let loaded = try Browser.load(bench.path("probe.html"), folder: bench.folder)
            #expect(loaded.console.isEmpty, "\(loaded.console)")
            #expect(loaded.page.contains("data-theme=\"dark\""))
            let table = String(decoding: try bench.bytes("data/learning.csv"), as: UTF8.self)
            let rows = table.split(separator: "\n").map { $0.split(separator: ",") }
            let held = try #require(rows[0].firstIndex(of: "success_held"))
            let last = try #require(Double(rows[rows.count - 1][held]))
            let title = try #require(
                loaded.page.components(separatedBy: "<title>").dropFirst().first
            ).prefix { $0 != "<" }
            let line = try #require(title.split(separator: "\n").first { $0.hasPrefix("held") })
            let read = try #require(
                line.split(separator: " ").dropLast().last.flatMap { Double($0) },
                "\(title)"
            )
            #expect((read - last * 100).magnitude < 0.1, "\(title), \(last)")
        }

        @Test("runs are compared by steps, with intervals, as text, JSON and picture")
        func compare() throws {
            let bench = try Bench()
            try bench.train(steps: 200)
            try bench.train(steps: 200, "--fresh", "--seed", "2")
            let runs = try bench.listRuns().map(\.path)
            let text = try bench.start(arguments: ["runs", "compare"] + runs).end()
            #expect(text.code == 0 && text.output.contains("held, by steps"), "\(text)")
            let end = try bench.start(
                arguments: ["runs", "compare", "--json", "--output", "curves.svg"] + runs
            ).end()
            #expect(end.code == 0, "\(end)")
            let object = try JSONSerialization.jsonObject(with: Data(end.output.utf8))
            let rows = try #require((object as? [String: Any])?["runs"] as? [[String: Any]])
            #expect(rows.map { $0["path"] as? String } == runs)
            #expect(rows.allSatisfy { ($0["steps"] as? Int ?? 0) >= 200 }, "\(rows)")
            let picture = String(decoding: try bench.bytes("curves.svg"), as: UTF8.self)
            #expect(picture.components(separatedBy: "class=\"area").count == 5)
        }

        @Test("what is no run and no evaluation is refused in words, and nothing is written")
        func refused() throws {
            let bench = try Bench()
            try bench.write("{}", to: "empty.json")
            for (source, word) in [
                ("empty.json", "evaluation"), ("nowhere.json", "nowhere.json"),
                ("nowhere", "nowhere"),
            ] {
                let end = try bench.run("report", source, "--output", "page.html")
                #expect(end.code == 1 && end.errors.contains(word), "\(end)")
                #expect(!FileManager.default.fileExists(atPath: bench.path("page.html")))
            }
        }
    }
}
