/// Charts one below the other as an SVG file of its own, with title and legend.
public enum Picture {
    private static let width = 640.0
    private static let head = 46.0
    private static let gap = 12.0

    /// The file's text; its colours follow the reader's system.
    public static func svg(title: String, _ charts: [LineChart]) -> String {
        var top = head
        var drawn: [String] = []
        for chart in charts {
            drawn.append(chart.svg(.fixed(width: width, top: top)))
            drawn.append(legend(chart, top: top))
            top += chart.totalHeight + gap
        }
        let height = Int(top)
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \(Int(width)) \(height)" \
            width="\(Int(width))" height="\(height)" role="img" aria-label="\(Markup.escaped(title))">
            <style>
            \(ChartStyle.colours)
            \(ChartStyle.shapes)
            </style>
            <rect width="100%" height="100%" fill="var(--ground)"/>
            <g class="chart"><text class="strong" x="8" y="26" font-size="15">\
            \(Markup.escaped(title))</text></g>
            \(drawn.joined(separator: "\n"))
            </svg>

            """
    }

    /// Names beside pieces of their lines, at the right above the plot.
    private static func legend(_ chart: LineChart, top: Double) -> String {
        guard chart.lines.count > 1 else { return "" }
        // Seven pixels a letter is enough at 12 pixels.
        let widths = chart.lines.map { 40 + 7 * Double($0.name.count) }
        var x = width - ChartFrame.margin - widths.reduce(0, +)
        let y = Int(top) + 12
        var parts = [#"<g class="chart">"#]
        for (line, space) in zip(chart.lines, widths) {
            parts.append(
                #"<path class="line l\#(line.style % ChartStyle.seriesCount)" d="M\#(Int(x)) \#(y - 4)h22"/>"#
                    + #"<text x="\#(Int(x) + 28)" y="\#(y)">\#(Markup.escaped(line.name))</text>"#
            )
            x += space
        }
        return parts.joined() + "</g>"
    }
}
