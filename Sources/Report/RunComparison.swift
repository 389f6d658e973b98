public import Evaluation
import Plot

/// Several learning curves side by side, as rows of equal steps.
public struct RunComparison: Sendable {
    private let runs: [RunChapter]
    private let window: Int
    private let learned: Double

    /// Rows between nothing and the longest run's end.
    private static let rowCount = 10

    /// - Parameters:
    ///   - runs: what to compare, each read with this window.
    ///   - window: how many episodes a point is about.
    ///   - learned: the share held that counts as learned, 0 to 1.
    public init(_ runs: [RunChapter], window: Int, learned: Double) {
        self.runs = runs
        self.window = window
        self.learned = learned
    }

    /// What `--json` prints.
    public struct Document: Sendable, Codable, Hashable {
        /// One entry a run.
        public var runs: [Entry]
    }

    /// A run in a comparison.
    public struct Entry: Sendable, Codable, Hashable {
        /// What it is called.
        public var name: String
        /// Its folder.
        public var path: String
        /// Transitions it has.
        public var steps: Int
        /// Episodes it has.
        public var episodes: Int
        /// The first step at which a whole window held the wanted share; `nil` if none did.
        public var learnedAt: Int?
        /// Success held in the last window; `nil` without an episode.
        public var held: Estimate?
        /// Mean return in the last window; `nil` without an episode.
        public var meanReturn: Estimate?
    }

    /// The comparison as data.
    public var document: Document {
        Document(
            runs: runs.map { run in
                Entry(
                    name: run.name,
                    path: run.path,
                    steps: run.transitions,
                    episodes: run.episodes,
                    learnedAt: learnedAt(run),
                    held: run.learning.last?.held,
                    meanReturn: run.learning.last?.meanReturn
                )
            }
        )
    }

    /// The comparison as text: curves from top to bottom, a column a run, then what came out.
    public var table: String {
        let last = (runs.compactMap(\.learning.last?.step).max() ?? -1) + 1
        var rows = [["held, by steps"] + runs.map(\.name)]
        if last > 0 {
            for part in 1...Self.rowCount {
                let step = last * part / Self.rowCount
                rows.append(["\(step)"] + runs.map { held($0, upTo: step) })
            }
        }
        let percent = Markup.percent(learned)
        rows.append(
            ["steps to \(percent) held"] + runs.map { learnedAt($0).map { "\($0)" } ?? "not yet" }
        )
        rows.append(
            ["return, last \(window)"]
                + runs.map { run in
                    guard let mean = run.learning.last?.meanReturn else { return "–" }
                    return "\(Markup.significant(mean.value)) (\(Markup.significant(mean.low)) to "
                        + "\(Markup.significant(mean.high)))"
                }
        )
        rows.append(["episodes"] + runs.map { "\($0.episodes)" })
        return Self.aligned(rows)
    }

    /// The newest point at that step; nothing for a run that had ended long before.
    private func held(_ run: RunChapter, upTo step: Int) -> String {
        guard let last = run.learning.last,
            let index = run.learning.lastIndex(where: { $0.step < step })
        else { return "–" }
        let isOver = index == run.learning.count - 1 && last.step + 1 < step - step / Self.rowCount
        return isOver ? "" : run.learning[index].held.percent
    }

    private func learnedAt(_ run: RunChapter) -> Int? {
        run.learning.dropFirst(window - 1).first { $0.held.value >= learned }?.step
    }

    private static func aligned(_ rows: [[String]]) -> String {
        let widths = (rows.first ?? []).indices.map { column in
            rows.map { $0[column].count }.max() ?? 0
        }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 3)
            }
            while line.last == " " { line.removeLast() }
            return line
        }.joined(separator: "\n")
    }
}
