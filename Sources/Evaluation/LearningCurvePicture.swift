public import Journal

/// The learning curve of a run as a picture and as a table.
public enum LearningCurvePicture {
    /// The picture's name in a run's folder.
    public static let fileName = "learning-curve.svg"
    /// The table's name in a run's folder.
    public static let tableName = "learning-curve.csv"

    /// The curve as comma-separated values, a line an episode.
    public static func csv(_ curve: [LearningCurvePoint]) -> String {
        var lines = ["episode,step,mean_return,success_final,success_held"]
        for point in curve {
            lines.append(
                "\(point.episode),\(point.step),\(point.meanReturn),\(point.successFinal),"
                    + "\(point.successHeld)"
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// The curve as SVG, readable on light and dark ground: success above, return below.
    public static func svg(_ curve: [LearningCurvePoint], title: String) -> String {
        let steps = curve.map { Double($0.step) }
        let success = Panel(
            top: 46,
            label: "success",
            lines: [
                Line(name: "held", style: "held", values: curve.map(\.successHeld)),
                Line(name: "final", style: "final", values: curve.map(\.successFinal)),
            ],
            range: 0...1,
            steps: steps
        )
        let returns = curve.map(\.meanReturn)
        let reward = Panel(
            top: 236,
            label: "return",
            lines: [Line(name: "mean of 20", style: "held", values: returns)],
            range: (returns.min() ?? 0)...max(returns.max() ?? 1, (returns.min() ?? 0) + 1),
            steps: steps
        )
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 640 440" font-family="sans-serif" \
            font-size="12" role="img" aria-label="Learning curve of \(escaped(title))">
            <style>
            text{fill:#24292f}.axis{stroke:#8c959f;fill:none}.grid{stroke:#d0d7de;fill:none}
            .held{stroke:#0969da;fill:none;stroke-width:2}.final{stroke:#bc4c00;fill:none;\
            stroke-width:1.5;stroke-dasharray:4 3}
            @media(prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#30363d}\
            .held{stroke:#58a6ff}.final{stroke:#f0883e}}
            </style>
            <text x="60" y="24" font-size="15">\(escaped(title))</text>
            \(success.drawn)
            \(reward.drawn)
            <text x="340" y="428" text-anchor="middle">policy steps</text>
            </svg>

            """
    }

    private struct Line {
        var name: String
        var style: String
        var values: [Double]
    }

    /// One chart of the picture: 560 wide, 150 high, its axis text beside it.
    private struct Panel {
        var top: Double
        var label: String
        var lines: [Line]
        var range: ClosedRange<Double>
        var steps: [Double]

        private let left = 60.0
        private let width = 560.0
        private let height = 150.0

        init(
            top: Double,
            label: String,
            lines: [Line],
            range: ClosedRange<Double>,
            steps: [Double]
        ) {
            self.top = top
            self.label = label
            self.lines = lines
            self.range = range
            self.steps = steps
        }

        var drawn: String {
            let last = steps.last ?? 1
            var parts: [String] = []
            for tick in 0...4 {
                let share = Double(tick) / 4
                let y = top + height * (1 - share)
                let value = range.lowerBound + share * (range.upperBound - range.lowerBound)
                parts.append(#"<path class="grid" d="M\#(left) \#(y)h\#(width)"/>"#)
                parts.append(text(left - 6, y + 4, "end", number(value)))
                let x = left + width * share
                parts.append(text(x, top + height + 16, "middle", number(last * share)))
            }
            parts.append(#"<path class="axis" d="M\#(left) \#(top)v\#(height)h\#(width)"/>"#)
            for (index, line) in lines.enumerated() {
                parts.append(#"<path class="\#(line.style)" d="\#(path(line, last: last))"/>"#)
                let x = left + 90 + Double(index) * 110
                parts.append(
                    #"<path class="\#(line.style)" d="M\#(x) \#(top - 8)h24"/>"#
                        + text(x + 30, top - 4, "start", line.name)
                )
            }
            parts.append(text(left, top - 4, "start", label))
            return parts.joined(separator: "\n")
        }

        private func path(_ line: Line, last: Double) -> String {
            var path = ""
            for (step, value) in zip(steps, line.values) where value.isFinite {
                let share = (value - range.lowerBound) / (range.upperBound - range.lowerBound)
                let x = left + width * (last > 0 ? step / last : 0)
                let y = top + height * (1 - min(1, max(0, share)))
                path += (path.isEmpty ? "M" : "L") + "\(rounded(x)) \(rounded(y))"
            }
            return path
        }

        private func text(_ x: Double, _ y: Double, _ anchor: String, _ text: String) -> String {
            #"<text x="\#(rounded(x))" y="\#(rounded(y))" text-anchor="\#(anchor)">\#(text)</text>"#
        }

        private func rounded(_ value: Double) -> Double { (value * 10).rounded() / 10 }

        private func number(_ value: Double) -> String {
            value.magnitude >= 10 ? "\(Int(value.rounded()))" : "\((value * 100).rounded() / 100)"
        }
    }

    private static func escaped(_ text: String) -> String {
        var result = ""
        for character in text {
            switch character {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default: result.append(character)
            }
        }
        return result
    }
}
