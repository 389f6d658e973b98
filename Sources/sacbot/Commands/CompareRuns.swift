import ArgumentParser
import Foundation
import Journal
import Plot
import Report

/// The command `sacbot runs compare`.
struct CompareRuns: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Learning curves side by side, with intervals, as a table and a picture.",
        discussion: """
            Examples:
              sacbot runs compare runs/claw/near-simulation-sac runs/claw/near-simulation-droq
              sacbot runs compare 20260131-180509 20260131-181200 --output compare.svg
            """
    )

    @Argument(help: "Runs: paths, names or `latest`.")
    var names: [String]
    @Option(help: "The folder of all runs.")
    var runs: String = "runs"
    @Option(help: "How many episodes a point of a curve is about.")
    var window: Int = 20
    @Option(help: "The share held that counts as learned, percent.")
    var learned: Double = 90
    @Option(name: .shortAndLong, help: "Also draw the curves into this SVG file.")
    var output: String?
    @Flag(help: "Print one JSON object instead of the table.")
    var json = false

    func validate() throws {
        if window < 1 { throw ValidationError("--window has to be at least 1") }
        if !(0...100).contains(learned) { throw ValidationError("--learned is 0 to 100") }
    }

    func run() throws {
        var chapters: [RunChapter] = []
        for name in names {
            let folder = try RunFolder.find(root: runs, name: name)
            let short = ReportJob.name(of: folder, besides: chapters)
            chapters.append(
                try RunChapter(
                    JournalReader(reading: folder),
                    name: short,
                    window: window,
                    time: WallClock.text
                )
            )
        }
        let comparison = RunComparison(chapters, window: window, learned: learned / 100)
        print(json ? try JSONOutput.text(comparison.document) : comparison.table)
        if let output {
            let picture = Picture.svg(
                title: "Learning curves, \(window) episodes a point, 95 % intervals",
                [LearningCharts.held(chapters), LearningCharts.meanReturn(chapters)]
            )
            try picture.write(toFile: output, atomically: true, encoding: .utf8)
            Say.note("picture  \(output)")
        }
    }
}
