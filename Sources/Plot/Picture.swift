/// Charts one below the other as an SVG file of its own, with title and legends.
public enum Picture {
    private static let width = 640.0
    private static let head = 46.0
    private static let gap = 12.0
    private static let rowHeight = 16.0

    /// The file's text; its colours follow the reader's system.
    public static func svg(title: String, _ charts: [LineChart]) -> String {
        var top = head
        var drawn: [String] = []
        for var chart in charts {
            // Alone in a file, a chart has its name above its axis.
            if chart.up.isEmpty { chart.up = chart.title }
            let rows = legendRows(chart)
            let isBeside = rows.count == 1 && chart.up.count + names(rows[0]) < 60
            for row in isBeside ? [] : rows {
                drawn.append(legend(row, from: ChartFrame.gutter, baseline: top + 12))
                top += rowHeight
            }
            drawn.append(chart.svg(.fixed(width: width, top: top)))
            if isBeside {
                let from = width - ChartFrame.margin - rows[0].reduce(0) { $0 + space($1) }
                drawn.append(legend(rows[0], from: from, baseline: top + 12))
            }
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

    // MARK: Legends

    /// The lines that share each row of names; none for a single line.
    private static func legendRows(_ chart: LineChart) -> [[LineChart.Line]] {
        guard chart.lines.count > 1 else { return [] }
        var rows: [[LineChart.Line]] = [[]]
        var x = ChartFrame.gutter
        for line in chart.lines {
            if x + space(line) > width, x > ChartFrame.gutter {
                rows.append([])
                x = ChartFrame.gutter
            }
            rows[rows.count - 1].append(line)
            x += space(line)
        }
        return rows
    }

    /// Seven pixels a letter is enough at 12 pixels.
    private static func space(_ line: LineChart.Line) -> Double { 40 + 7 * Double(line.name.count) }

    private static func names(_ row: [LineChart.Line]) -> Int {
        row.reduce(0) { $0 + $1.name.count + 6 }
    }

    /// Names behind pieces of their lines.
    private static func legend(
        _ row: [LineChart.Line],
        from left: Double,
        baseline: Double
    ) -> String {
        var x = left
        let y = Int(baseline)
        var parts = [#"<g class="chart">"#]
        for line in row {
            let style = line.style % ChartStyle.seriesCount
            parts.append(
                #"<path class="line l\#(style)" d="M\#(Int(x)) \#(y - 4)h22"/>"#
                    + #"<text x="\#(Int(x) + 28)" y="\#(y)">\#(Markup.escaped(line.name))</text>"#
            )
            x += space(line)
        }
        return parts.joined() + "</g>"
    }
}
