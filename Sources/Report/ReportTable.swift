import Evaluation
import Plot

/// A table that is shown in the page and offered as CSV: the same cells in both.
struct ReportTable {
    /// A column: the key of programs and what people read.
    struct Column {
        var key: String
        var title: String
        /// Whether cells have intervals, which CSV holds in two more columns.
        var hasInterval = false

        init(_ key: String, _ title: String, hasInterval: Bool = false) {
            self.key = key
            self.title = title
            self.hasInterval = hasInterval
        }
    }

    /// A cell: what people read, and what programs read of it.
    struct Cell {
        var text: String
        var value: String
        var interval: (low: Double, high: Double)?

        /// Words.
        static func words(_ text: String) -> Cell { Cell(text: text, value: text) }

        /// A whole number.
        static func count(_ count: Int) -> Cell { Cell(text: "\(count)", value: "\(count)") }

        /// A number as text chooses to show it; `–` for none.
        static func number(
            _ value: Double?,
            _ text: (Double) -> String = { Markup.significant($0) }
        )
            -> Cell
        {
            guard let value, value.isFinite else { return Cell(text: "–", value: "") }
            return Cell(text: text(value), value: "\(value)")
        }

        /// A figure with its interval.
        static func estimate(
            _ estimate: Estimate?,
            _ text: (Double) -> String = { Markup.significant($0, digits: 3) }
        ) -> Cell {
            guard let estimate else { return Cell(text: "–", value: "") }
            let words =
                "\(text(estimate.value)) (\(text(estimate.low)) to \(text(estimate.high)))"
            return Cell(
                text: words,
                value: "\(estimate.value)",
                interval: (estimate.low, estimate.high)
            )
        }

        /// A share with its interval, as percent.
        static func share(_ estimate: Estimate?) -> Cell {
            guard let estimate else { return Cell(text: "–", value: "") }
            return Cell(
                text: estimate.percent,
                value: "\(estimate.value)",
                interval: (estimate.low, estimate.high)
            )
        }
    }

    /// The table's id in the page and its file's name without `.csv`.
    var name: String
    /// What it shows.
    var caption: String
    var columns: [Column]
    var rows: [[Cell]]

    /// The table with its download; the first column's cells are row headings.
    var html: String {
        let heads = columns.map {
            #"<th scope="col" data-key="\#($0.key)">\#(Markup.escaped($0.title))</th>"#
        }
        let body = rows.map { row in
            let cells = row.enumerated().map { index, cell in
                let data = attributes(cell)
                let text = Markup.escaped(cell.text)
                return index == 0
                    ? #"<th scope="row"\#(data)>\#(text)</th>"# : "<td\(data)>\(text)</td>"
            }
            return "<tr>\(cells.joined())</tr>"
        }
        return """
            <div class="scroll" tabindex="0" role="region" aria-label="\(Markup.escaped(caption))">\
            <table id="\(name)"><caption>\(Markup.escaped(caption))</caption>
            <thead><tr>\(heads.joined())</tr></thead>
            <tbody>
            \(body.joined(separator: "\n"))
            </tbody></table></div>
            """
    }

    private func attributes(_ cell: Cell) -> String {
        guard cell.value != cell.text || cell.interval != nil else { return "" }
        var text = #" data-value="\#(Markup.escaped(cell.value))""#
        if let interval = cell.interval {
            text += #" data-low="\#(interval.low)" data-high="\#(interval.high)""#
        }
        return text
    }

    /// The cells as comma-separated values (RFC 4180, but for line ends of one character).
    var csv: String {
        let heads = columns.flatMap {
            $0.hasInterval ? [$0.key, $0.key + "_low", $0.key + "_high"] : [$0.key]
        }
        let lines = rows.map { row in
            zip(columns, row).flatMap { column, cell -> [String] in
                guard column.hasInterval else { return [Self.quoted(cell.value)] }
                let interval = cell.interval
                return [
                    Self.quoted(cell.value), interval.map { "\($0.low)" } ?? "",
                    interval.map { "\($0.high)" } ?? "",
                ]
            }.joined(separator: ",")
        }
        return ([heads.joined(separator: ",")] + lines).joined(separator: "\n") + "\n"
    }

    static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\""
            + text.split(separator: "\"", omittingEmptySubsequences: false)
            .joined(separator: "\"\"") + "\""
    }
}

extension Estimate {
    /// A share in words: `96 % (90 to 98)`.
    var percent: String {
        func whole(_ share: Double) -> String { Markup.fixed(share * 100, decimals: 0) }
        return "\(Markup.percent(value)) (\(whole(low)) to \(whole(high)))"
    }

    var interval: ClosedRange<Double>? { low <= high ? low...high : nil }
}
