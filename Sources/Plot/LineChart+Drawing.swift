/// Curves are drawn in 10,000 by 10,000 units whatever the chart's size: whole numbers, short text,
/// and fine enough that a read-out from the picture is right to a ten-thousandth of the axis.
private let units = 10_000.0

extension LineChart {
    func grid(_ scale: Scale) -> [String] {
        scale.ticks.filter { (0...1).contains(scale.share(of: $0)) }.map { tick in
            let y = Int((height * (1 - scale.share(of: tick))).rounded())
            return #"<line class="grid" x2="100%" y1="\#(y)" y2="\#(y)"/>"#
                + #"<text x="-7" y="\#(y + 4)" text-anchor="end">"#
                + Markup.escaped(scale.label(tick)) + "</text>"
        }
            + levels.map { level in
                let y = Self.tenths(height * (1 - scale.share(of: level)))
                return #"<line class="level" x2="100%" y1="\#(y)" y2="\#(y)"/>"#
            }
    }

    /// The horizontal axis with its values and words.
    func footing(_ scale: Scale) -> [String] {
        let low = Int(height)
        var parts = [#"<line class="axis" x2="100%" y1="\#(low)" y2="\#(low)"/>"#]
        for tick in scale.ticks where (0...1.0001).contains(scale.share(of: tick)) {
            let x = Self.tenths(scale.share(of: tick) * 100)
            parts.append(
                #"<line class="axis" x1="\#(x)%" x2="\#(x)%" y1="\#(low)" y2="\#(low + 4)"/>"#
                    + #"<text x="\#(x)%" y="\#(low + 17)" text-anchor="middle">"#
                    + Markup.escaped(scale.label(tick)) + "</text>"
            )
        }
        if !across.isEmpty {
            parts.append(
                #"<text x="50%" y="\#(low + 33)" text-anchor="middle">"#
                    + Markup.escaped(across) + "</text>"
            )
        }
        return parts
    }

    func span(_ scale: Scale, _ span: Span) -> String {
        let from = min(1, max(0, scale.share(of: span.from)))
        let to = min(1, max(0, scale.share(of: span.to)))
        let (left, right) = (Self.tenths(from * 100), Self.tenths(to * 100))
        let width = Self.tenths((to - from) * 100)
        return #"<g class="during" data-name="\#(Markup.escaped(span.name))""#
            + #" data-from="\#(span.from)" data-to="\#(span.to)">"#
            + #"<rect class="span" x="\#(left)%" width="\#(width)%" height="\#(Int(height))"/>"#
            + #"<line class="edge" x1="\#(left)%" x2="\#(left)%" y2="\#(Int(height))"/>"#
            + #"<line class="edge" x1="\#(right)%" x2="\#(right)%" y2="\#(Int(height))"/></g>"#
    }

    func mark(_ scale: Scale, _ place: Double) -> String {
        let x = Self.tenths(scale.share(of: place) * 100)
        let (from, to) = (Int(height) - 7, Int(height))
        return #"<line class="mark" x1="\#(x)%" x2="\#(x)%" y1="\#(from)" y2="\#(to)"/>"#
    }

    func line(_ across: Scale, _ up: Scale, _ line: Line) -> String {
        let path = Self.path(line.curve.thinned(columns: columns), across, up)
        guard !path.isEmpty else { return "" }
        return #"<path class="line l\#(line.style % ChartStyle.seriesCount)""#
            + #" data-name="\#(Markup.escaped(line.name))" d="\#(path)"/>"#
    }

    /// A closed way: the lower ends from left to right, the upper ends back.
    func area(_ across: Scale, _ up: Scale, _ area: Area) -> String {
        let band = area.band.thinned(columns: columns)
        var path = ""
        for part in Self.parts(of: band) {
            let there = part.map { (band.low.x[$0], band.low.y[$0]) }
            let back = part.reversed().map { (band.high.x[$0], band.high.y[$0]) }
            path += Self.way(there + back, across, up) + "z"
        }
        guard !path.isEmpty else { return "" }
        return #"<path class="area f\#(area.style % ChartStyle.seriesCount)""#
            + #" data-name="\#(Markup.escaped(area.name))" d="\#(path)"/>"#
    }

    /// What the pointer meets, with what is needed to read values off the curves.
    func hit(_ across: Scale, _ up: Scale) -> String {
        #"<rect class="hit" width="100%" height="\#(Int(height))""#
            + #" data-x="\#(across.low) \#(across.high)" data-y="\#(up.low) \#(up.high)""#
            + (isShare ? " data-share=\"1\"" : "")
            + #" data-across="\#(Markup.escaped(self.across))"/>"#
    }

    private static func path(_ curve: Curve, _ across: Scale, _ up: Scale) -> String {
        var path = ""
        var piece: [(Double, Double)] = []
        for (x, y) in zip(curve.x, curve.y) {
            if y.isFinite {
                piece.append((x, y))
            } else if !piece.isEmpty {
                path += way(piece, across, up)
                piece.removeAll(keepingCapacity: true)
            }
        }
        return piece.isEmpty ? path : path + way(piece, across, up)
    }

    private static func way(
        _ points: [(Double, Double)],
        _ across: Scale,
        _ up: Scale
    ) -> String {
        var text = ""
        var (lastX, lastY) = (0, 0)
        for (index, point) in points.enumerated() {
            let x = unit(across.share(of: point.0))
            let y = unit(1 - up.share(of: point.1))
            switch index {
            case 0: text += "M\(x) \(y)"
            case 1: text += "l\(x - lastX) \(y - lastY)"
            default: text += " \(x - lastX) \(y - lastY)"
            }
            (lastX, lastY) = (x, y)
        }
        // A lone point is a dot: a line of no length with round ends would not be drawn.
        return points.count == 1 ? text + "l1 0" : text
    }

    private static func unit(_ share: Double) -> Int {
        Int((min(3, max(-2, share)) * units).rounded())
    }

    /// The stretches of a band without a gap.
    private static func parts(of band: Band) -> [Range<Int>] {
        var parts: [Range<Int>] = []
        var start: Int?
        for index in band.low.x.indices {
            let isWhole = band.low.y[index].isFinite && band.high.y[index].isFinite
            if isWhole, start == nil { start = index }
            if !isWhole, let first = start {
                parts.append(first..<index)
                start = nil
            }
        }
        if let start { parts.append(start..<band.low.x.count) }
        return parts
    }

    static func tenths(_ value: Double) -> String {
        Markup.trimmed(Markup.fixed(value, decimals: 2))
    }
}
