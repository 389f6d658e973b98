/// Curves over one axis, with what belongs to them: intervals, shaded spans, levels, marks.
public struct LineChart: Sendable, Hashable {
    /// A curve with a name.
    public struct Line: Sendable, Hashable {
        /// Its name in legend and read-out.
        public var name: String
        /// Its colour and dashes, see `ChartStyle`.
        public var style: Int
        /// Its values.
        public var curve: Curve

        /// A line.
        public init(_ name: String, style: Int, _ curve: Curve) {
            self.name = name
            self.style = style
            self.curve = curve
        }
    }

    /// An interval around a curve.
    public struct Area: Sendable, Hashable {
        /// Its name in the read-out.
        public var name: String
        /// Its colour.
        public var style: Int
        /// Its ends.
        public var band: Band

        /// An area.
        public init(_ name: String, style: Int, _ band: Band) {
            self.name = name
            self.style = style
            self.band = band
        }
    }

    /// A part of the horizontal axis in which something was so.
    public struct Span: Sendable, Hashable {
        /// What was so.
        public var name: String
        /// Where it began.
        public var from: Double
        /// Where it ended.
        public var to: Double

        /// A span.
        public init(_ name: String, from: Double, to: Double) {
            self.name = name
            self.from = from
            self.to = to
        }
    }

    /// The chart's id in its page; letters, digits and '-'.
    public var id: String
    /// What it shows, in a few words.
    public var title: String
    /// What is to be seen in it, for those who do not see it.
    public var summary: String
    /// What lies along the horizontal axis, with its unit.
    public var across: String
    /// What lies along the vertical axis, with its unit.
    public var up: String
    /// The curves.
    public var lines: [Line] = []
    /// The intervals, drawn behind the curves.
    public var areas: [Area] = []
    /// The shaded parts.
    public var spans: [Span] = []
    /// Values that matter, drawn across.
    public var levels: [Double] = []
    /// Places where something happened, as ticks at the bottom.
    public var marks: [Double] = []
    /// The vertical range if it does not follow from the values.
    public var range: ClosedRange<Double>?
    /// The horizontal range if it does not follow from the places.
    public var extent: ClosedRange<Double>?
    /// Whether 0 to 1 is written as percent.
    public var isShare = false
    /// The plot's height in pixels.
    public var height = 150.0
    /// How many columns a curve is thinned to.
    public var columns = 400

    /// An empty chart.
    public init(id: String, title: String, summary: String, across: String, up: String) {
        self.id = id
        self.title = title
        self.summary = summary
        self.across = across
        self.up = up
    }

    /// Space for the words above the vertical axis.
    private var top: Double { up.isEmpty ? 8 : 22 }
    private static let bottom = 22.0

    /// The whole drawing's height in pixels.
    public var totalHeight: Double { top + height + Self.bottom + (across.isEmpty ? 0 : 16) }

    var vertical: Scale {
        // Labels need the height of three lines each.
        let count = max(2, min(4, Int(height / 32)))
        if let range { return Scale(range, about: count, reachesTicks: false, isShare: isShare) }

        var ranges = lines.compactMap { $0.curve.range }
        ranges += areas.flatMap { [$0.band.low.range, $0.band.high.range].compactMap(\.self) }
        ranges += levels.map { $0...$0 }
        let low = ranges.map(\.lowerBound).min() ?? 0
        let high = ranges.map(\.upperBound).max() ?? 1
        guard isShare else { return Scale(low...high, about: count) }
        // No share is below 0 or above 1, and few are of interest without their distance from 0.
        let round = Scale(0...max(high, 0.01), about: count, isShare: true)
        return Scale(0...min(1, round.high), about: count, reachesTicks: false, isShare: true)
    }

    var horizontal: Scale {
        if let extent { return Scale(extent, reachesTicks: false) }
        let low = lines.compactMap(\.curve.x.first).min() ?? 0
        let high = lines.compactMap(\.curve.x.last).max() ?? 1
        return Scale(low...max(low, high), reachesTicks: false)
    }
}

extension LineChart {
    /// The chart as an SVG element.
    public func svg(_ frame: ChartFrame = .fluid) -> String {
        let (horizontal, vertical) = (horizontal, vertical)
        var parts = [
            frame.chartTag(id: id, title: title, summary: summary, height: totalHeight),
            #"<text x="-7" y="12">\#(Markup.escaped(up))</text>"#,
            #"<g transform="translate(0 \#(Int(top)))">"#,
        ]
        parts += spans.map { span(horizontal, $0) }
        parts += grid(vertical)
        parts += footing(horizontal)
        parts.append(
            #"<svg width="100%" height="\#(Int(height))" viewBox="0 0 10000 10000""#
                + #" preserveAspectRatio="none">"#
        )
        parts += areas.map { area(horizontal, vertical, $0) }
        parts += lines.map { line(horizontal, vertical, $0) }
        parts.append("</svg>")
        parts += marks.map { mark(horizontal, $0) }
        parts.append(hit(horizontal, vertical))
        parts.append("</g></svg>")
        return parts.filter { !$0.isEmpty }.joined(separator: "\n")
    }

    /// The curves' names beside a piece of each, for a page.
    ///
    /// Empty for a single curve without a shaded span: then the title says what it is.
    public var legend: String {
        var entries = lines.map { Self.key("line l\($0.style)", $0.name) }
        var named: [String] = []
        for span in spans where !named.contains(span.name) { named.append(span.name) }
        if !named.isEmpty {
            let swatch = #"<rect class="span" width="22" height="10"/>"#
            entries.append(Self.entry(swatch, named.joined(separator: ", ")))
        }
        if !marks.isEmpty {
            entries.append(Self.entry(#"<path class="mark" d="M11 0v10"/>"#, "limited by safety"))
        }
        guard entries.count > 1 else { return "" }
        return #"<ul class="legend">\#(entries.joined())</ul>"#
    }

    static func key(_ style: String, _ name: String) -> String {
        entry(#"<path class="\#(style)" d="M0 5h22"/>"#, name)
    }

    private static func entry(_ swatch: String, _ name: String) -> String {
        #"<li><svg width="22" height="10" aria-hidden="true">\#(swatch)</svg> "#
            + Markup.escaped(name) + "</li>"
    }
}
