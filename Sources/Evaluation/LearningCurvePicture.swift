public import Journal
import Plot

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
        func line(
            _ name: String,
            _ style: Int,
            _ value: (LearningCurvePoint) -> Double
        ) -> LineChart.Line {
            LineChart.Line(name, style: style, Curve(x: steps, y: curve.map(value)))
        }
        var success = chart("success", of: title, upTo: steps.last)
        success.lines = [
            line("held", 0) { $0.successHeld }, line("final", 1) { $0.successFinal },
        ]
        success.isShare = true
        success.range = 0...1
        var reward = chart("return", of: title, upTo: steps.last)
        reward.lines = [line("mean of 20", 0) { $0.meanReturn }]
        reward.across = "policy steps"
        return Picture.svg(title: title, [success, reward])
    }

    private static func chart(_ what: String, of title: String, upTo last: Double?) -> LineChart {
        var chart = LineChart(
            id: what,
            title: "Learning curve of \(title): \(what)",
            summary: "The mean over the last 20 episodes, by policy steps.",
            across: "",
            up: what
        )
        chart.extent = 0...max(last ?? 1, 1)
        return chart
    }
}
