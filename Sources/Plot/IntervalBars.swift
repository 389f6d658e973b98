/// Values with their intervals as bars, a row each, in groups that are to be compared.
public struct IntervalBars: Sendable, Hashable {
    /// One value.
    public struct Bar: Sendable, Hashable {
        /// Whose it is.
        public var name: String
        /// Its colour, see `ChartStyle`.
        public var style: Int
        /// The value.
        public var value: Double
        /// Its interval; `nil` if there is none.
        public var interval: ClosedRange<Double>?
        /// Value and interval in words.
        public var words: String

        /// A bar.
        public init(
            _ name: String,
            style: Int,
            value: Double,
            interval: ClosedRange<Double>?,
            words: String
        ) {
            self.name = name
            self.style = style
            self.value = value
            self.interval = interval
            self.words = words
        }
    }

    /// Bars under one heading.
    public struct Group: Sendable, Hashable {
        /// The heading.
        public var name: String
        /// Its bars.
        public var bars: [Bar]

        /// A group.
        public init(_ name: String, _ bars: [Bar]) {
            self.name = name
            self.bars = bars
        }
    }

    /// The chart's id in its page; letters, digits and '-'.
    public var id: String
    /// What it shows, in a few words.
    public var title: String
    /// What is to be seen in it, for those who do not see it.
    public var summary: String
    /// The groups from top to bottom.
    public var groups: [Group]
    /// The axis.
    public var scale: Scale

    /// A chart of shares from 0 to 1.
    public init(id: String, title: String, summary: String, groups: [Group]) {
        self.id = id
        self.title = title
        self.summary = summary
        self.groups = groups
        scale = Scale(0...1, about: 4, reachesTicks: false, isShare: true)
    }

    private static let headHeight = 24.0
    private static let barHeight = 34.0
    private static let gap = 10.0

    /// The chart as an SVG element.
    public func svg(_ frame: ChartFrame = .fluid) -> String {
        let height = groups.reduce(0) { $0 + self.height(of: $1) }
        var rows: [String] = []
        var top = 0.0
        for group in groups {
            rows.append(drawn(group, top: top))
            top += self.height(of: group)
        }
        let opening = frame.chartTag(
            id: id,
            title: title,
            summary: summary,
            height: height + 24,
            gutter: 2
        )
        return """
            \(opening)
            <g transform="translate(0 4)">
            \(axis(height))
            \(rows.joined(separator: "\n"))
            </g></svg>
            """
    }

    private func height(of group: Group) -> Double {
        let head = group.bars.count > 1 ? Self.headHeight : 0
        return head + Double(group.bars.count) * Self.barHeight + Self.gap
    }

    private func axis(_ height: Double) -> String {
        scale.ticks.map { tick in
            let x = LineChart.tenths(scale.share(of: tick) * 100)
            let isLast = scale.share(of: tick) > 0.99
            let anchor = scale.share(of: tick) < 0.01 ? "start" : isLast ? "end" : "middle"
            return #"<line class="grid" x1="\#(x)%" x2="\#(x)%" y2="\#(Int(height))"/>"#
                + #"<text x="\#(x)%" y="\#(Int(height) + 15)" text-anchor="\#(anchor)">"#
                + scale.label(tick) + "</text>"
        }.joined(separator: "\n")
    }

    private func drawn(_ group: Group, top: Double) -> String {
        var parts: [String] = []
        var y = top
        if group.bars.count > 1 {
            parts.append(
                #"<text class="strong" y="\#(Int(y) + 15)" font-weight="600">"#
                    + Markup.escaped(group.name) + "</text>"
            )
            y += Self.headHeight
        }
        for bar in group.bars {
            let name = group.bars.count > 1 ? bar.name : group.name
            parts.append(drawn(bar, name: name, in: group.name, top: y))
            y += Self.barHeight
        }
        return parts.joined(separator: "\n")
    }

    /// Words above, the bar below: so they fit on a phone, too.
    private func drawn(_ bar: Bar, name: String, in group: String, top: Double) -> String {
        let y = Int(top)
        let width = LineChart.tenths(min(1, max(0, scale.share(of: bar.value))) * 100)
        var data =
            #"data-group="\#(Markup.escaped(group))" data-name="\#(Markup.escaped(bar.name))""#
        data += #" data-value="\#(bar.value)""#
        var whisker = ""
        if let interval = bar.interval {
            data += #" data-low="\#(interval.lowerBound)" data-high="\#(interval.upperBound)""#
            let low = LineChart.tenths(min(1, max(0, scale.share(of: interval.lowerBound))) * 100)
            let high = LineChart.tenths(min(1, max(0, scale.share(of: interval.upperBound))) * 100)
            whisker =
                #"<line class="whisker" x1="\#(low)%" x2="\#(high)%" y1="\#(y + 23)" y2="\#(y + 23)"/>"#
                + [low, high].map {
                    #"<line class="whisker" x1="\#($0)%" x2="\#($0)%" y1="\#(y + 19)" y2="\#(y + 27)"/>"#
                }.joined()
        }
        return """
            <g class="bar" \(data)>\
            <text class="strong" y="\(y + 12)">\(Markup.escaped(name))</text>\
            <text x="100%" y="\(y + 12)" text-anchor="end">\(Markup.escaped(bar.words))</text>\
            <rect class="track" width="100%" y="\(y + 18)" height="10" rx="2"/>\
            <rect class="f\(bar.style % ChartStyle.seriesCount)" width="\(width)%" y="\(y + 18)" \
            height="10" rx="2"/>\(whisker)</g>
            """
    }
}
