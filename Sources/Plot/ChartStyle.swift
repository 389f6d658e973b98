/// How charts look: one place for colours, on light and on dark ground.
public enum ChartStyle {
    /// How many series can be told apart; more begin again.
    public static let seriesCount = 6

    /// Series colours after Okabe and Ito.
    ///
    /// Told apart with any common colour blindness, by lightness in print, and by their dashes
    /// without any colour. Contrast with the ground is at least 4.5 to 1.
    private static let light = """
        --ground:#fff;--raised:#f6f8fa;--ink:#1c2128;--soft:#57606a;--grid:#d8dee4;--axis:#8c959f;\
        --shade:#e3a008;--good:#007a5a;--s0:#0069a8;--s1:#b8470a;--s2:#007a5a;--s3:#96407e;\
        --s4:#755800;--s5:#4b535c
        """
    private static let dark = """
        --ground:#0f1318;--raised:#181d24;--ink:#e6edf3;--soft:#9aa5b1;--grid:#2b323b;--axis:#6e7884;\
        --shade:#e3a008;--good:#3fcfa5;--s0:#5cb8f0;--s1:#f0a04b;--s2:#3fcfa5;--s3:#e59ccb;\
        --s4:#efe05a;--s5:#c3cbd4
        """

    /// The colours as style sheet variables: by the reader's system, or by `data-theme` on the root.
    public static let colours = """
        :root{color-scheme:light dark;\(light)}
        @media(prefers-color-scheme:dark){:root{\(dark)}}
        :root[data-theme=light]{color-scheme:light;\(light)}
        :root[data-theme=dark]{color-scheme:dark;\(dark)}
        """

    /// Lines, areas and texts of charts.
    public static let shapes: String = {
        let dashes = ["none", "7 3", "2 3", "9 3 2 3", "4 2", "1 3"]
        let series = dashes.enumerated().map { index, dash in
            ".l\(index){stroke:var(--s\(index));stroke-dasharray:\(dash)}"
                + ".f\(index){fill:var(--s\(index))}"
        }
        return """
            .chart{display:block;overflow:visible;font:12px system-ui,sans-serif}
            .chart text{fill:var(--soft)}.chart .strong{fill:var(--ink)}
            .chart .grid{stroke:var(--grid)}.chart .axis{stroke:var(--axis)}
            .chart path,.chart line{vector-effect:non-scaling-stroke}
            .line{fill:none;stroke-width:1.75;stroke-linejoin:round;stroke-linecap:round}.area{opacity:.18}
            .span{fill:var(--shade);opacity:.22}.edge{stroke:var(--shade);stroke-width:1.5}
            .level{stroke:var(--good);stroke-width:1;stroke-dasharray:3 3}
            .mark{stroke:var(--s1);stroke-width:1}.track{fill:var(--grid);opacity:.6}
            .whisker{stroke:var(--ink);stroke-width:1.5}.hit{fill:transparent}
            .cursor{stroke:var(--ink);stroke-width:1;opacity:.6}
            \(series.joined())
            """
    }()
}

/// Where a chart's drawing goes: a page that gives it its width, or a file of its own.
public enum ChartFrame: Sendable, Hashable {
    /// As wide as the page lets it be; text keeps its size.
    case fluid
    /// So many pixels wide, at a place of a larger picture.
    case fixed(width: Double, top: Double)
}

extension ChartFrame {
    /// Space for the values beside the vertical axis.
    static let gutter = 50.0
    /// Space for half of the last value below the horizontal axis.
    static let margin = 18.0

    /// The opening tag of a chart with its words for those who do not see it.
    ///
    /// Its box is as wide as the plot, so that parts of the plot's width are percent; what is
    /// written left of the plot lies outside the box, in its margin.
    func chartTag(
        id: String,
        title: String,
        summary: String,
        height: Double,
        gutter: Double = gutter
    ) -> String {
        let sides = Int(gutter + Self.margin)
        let place =
            switch self {
            case .fluid:
                #"height="\#(Int(height))" style="width:calc(100% - \#(sides)px);"#
                    + #"margin-left:\#(Int(gutter))px""#
            case .fixed(let width, let top):
                #"x="\#(Int(gutter))" y="\#(Int(top))" width="\#(Int(width) - sides)" "#
                    + #"height="\#(Int(height))" overflow="visible""#
            }
        return """
            <svg class="chart" id="\(id)" \(place) role="img" aria-labelledby="\(id)-t \(id)-d">
            <title id="\(id)-t">\(Markup.escaped(title))</title>
            <desc id="\(id)-d">\(Markup.escaped(summary))</desc>
            """
    }
}
