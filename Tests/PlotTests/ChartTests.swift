import Foundation
import FoundationXML
import Plot
import Testing

/// Elements of a document with their attributes and texts, by Foundation's parser (libxml2).
final class Elements: NSObject, XMLParserDelegate {
    struct Element {
        var name: String
        var attributes: [String: String]
        var text = ""
    }

    private(set) var all: [Element] = []
    private var open: [Int] = []

    init?(_ text: String) {
        super.init()
        let parser = XMLParser(data: Data(text.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(
        _ parser: XMLParser,
        didStartElement name: String,
        namespaceURI: String?,
        qualifiedName: String?,
        attributes: [String: String]
    ) {
        open.append(all.count)
        all.append(Element(name: name, attributes: attributes))
    }

    func parser(_ parser: XMLParser, foundCharacters string: String) {
        if let last = open.last { all[last].text += string }
    }

    func parser(
        _ parser: XMLParser,
        didEndElement name: String,
        namespaceURI: String?,
        qualifiedName: String?
    ) { open.removeLast() }

    /// Those whose `class` has this word.
    func of(_ word: String) -> [Element] {
        all.filter { ($0.attributes["class"] ?? "").split(separator: " ").contains { $0 == word } }
    }
}

@Suite("Charts")
struct ChartTests {
    private func chart(_ curve: Curve) -> LineChart {
        var chart = LineChart(
            id: "c",
            title: "error <of> \"all\" & 'none'",
            summary: "falls",
            across: "seconds",
            up: "rad"
        )
        chart.lines = [LineChart.Line("error", style: 0, curve)]
        return chart
    }

    /// The curve that a way in the picture stands for, read as a reader of the page would.
    private func read(_ chart: Elements, _ line: Elements.Element) throws -> [(Double, Double)] {
        let hit = try #require(chart.of("hit").first).attributes
        func ends(_ key: String) throws -> (Double, Double) {
            let ends = try #require(hit[key]).split(separator: " ").compactMap { Double($0) }
            return (ends[0], ends[1])
        }
        let (x0, x1) = try ends("data-x")
        let (y0, y1) = try ends("data-y")
        var points: [(Double, Double)] = []
        for piece in try #require(line.attributes["d"]).split(separator: "M") {
            let numbers = piece.split { !"-0123456789".contains($0) }.compactMap { Double($0) }
            var (x, y) = (0.0, 0.0)
            for index in stride(from: 0, to: numbers.count - 1, by: 2) {
                (x, y) = (x + numbers[index], y + numbers[index + 1])
                points.append((x0 + x / 10_000 * (x1 - x0), y1 - y / 10_000 * (y1 - y0)))
            }
        }
        return points
    }

    @Test("values read back from the picture are right to a ten-thousandth of the axes")
    func readBack() throws {
        let x = (0..<200).map { Double($0) * 0.05 }
        let y = x.map { 3 * cos($0) - 0.1 * $0 }
        let elements = try #require(Elements(chart(Curve(x: x, y: y)).svg()))
        let line = try #require(elements.of("line").first)
        let points = try read(elements, line)
        #expect(points.count == 200)
        for (point, wanted) in zip(points, zip(x, y)) {
            #expect((point.0 - wanted.0).magnitude < 10 * 1.0e-4)
            #expect((point.1 - wanted.1).magnitude < 8 * 1.0e-4)
        }
    }

    @Test("words for those who do not see it, well-formed whatever the names are")
    func words() throws {
        let elements = try #require(Elements(chart(Curve(x: [0, 1], y: [1, 2])).svg()))
        let title = try #require(elements.all.first { $0.name == "title" })
        #expect(title.text == "error <of> \"all\" & 'none'")
        #expect(elements.all.first { $0.name == "desc" }?.text == "falls")
        #expect(elements.all[0].attributes["role"] == "img")
        let label = try #require(elements.all[0].attributes["aria-labelledby"])
        #expect(label.contains(try #require(title.attributes["id"])))
    }

    @Test(
        "no chart has a number that is none",
        arguments: [
            Curve(x: [], y: []), Curve(x: [1], y: [2]), Curve(x: [0, 1], y: [.nan, .infinity]),
            Curve(x: [5, 5], y: [1, 1]), Curve(x: [0, 1, 2], y: [1, .nan, 3]),
            Curve(x: [0, 1e300], y: [-1e300, 1e300]), Curve(x: [0, 1e-300], y: [0, 1e-300]),
        ]
    )
    func odd(curve: Curve) throws {
        let text = chart(curve).svg()
        #expect(Elements(text) != nil)
        for element in try #require(Elements(text)).all {
            for (key, value) in element.attributes where key != "data-x" && key != "data-y" {
                #expect(!value.contains("nan") && !value.contains("inf"), "\(key)=\(value)")
            }
        }
    }

    @Test("spans are shaded from where to where they were")
    func spans() throws {
        var chart = chart(Curve(x: [0, 4], y: [0, 1]))
        chart.spans = [LineChart.Span("held", from: 1, to: 3)]
        let elements = try #require(Elements(chart.svg()))
        let shade = try #require(elements.of("span").first).attributes
        #expect(shade["x"] == "25%" && shade["width"] == "50%")
        #expect(elements.of("during").first?.attributes["data-name"] == "held")
        #expect(chart.legend.contains("held"))
    }

    @Test("bars are as long as their values, whiskers as their intervals")
    func bars() throws {
        let bars = IntervalBars(
            id: "b",
            title: "success",
            summary: "one",
            groups: [
                IntervalBars.Group(
                    "none",
                    [
                        .init("a", style: 0, value: 0.75, interval: 0.5...0.875, words: "75 %"),
                        .init("b", style: 1, value: 0, interval: nil, words: "0 %"),
                    ]
                )
            ]
        )
        let elements = try #require(Elements(bars.svg()))
        #expect(elements.of("f0").first?.attributes["width"] == "75%")
        #expect(elements.of("f1").first?.attributes["width"] == "0%")
        let whisker = try #require(elements.of("whisker").first).attributes
        #expect(whisker["x1"] == "50%" && whisker["x2"] == "87.5%")
        #expect(elements.of("whisker").count == 3)
        #expect(elements.of("bar").map { $0.attributes["data-value"] } == ["0.75", "0.0"])
    }

    @Test("a picture of its own is one well-formed file of a known size")
    func picture() throws {
        let curve = Curve(x: [0, 1, 2], y: [0, 1, 0])
        let text = Picture.svg(title: "a & b", [chart(curve), chart(curve)])
        let elements = try #require(Elements(text))
        #expect(elements.all[0].name == "svg" && elements.all[0].attributes["width"] == "640")
        #expect(elements.of("line").count == 2)
    }
}

@Suite("Scales and numbers")
struct ScaleTests {
    @Test(
        "ticks are round and within the axis",
        arguments: [
            (0.0, 1.0, [0, 0.25, 0.5, 0.75, 1]), (0, 10_000, [0, 2500, 5000, 7500, 10_000]),
            (-3, 3, [-2, 0, 2]), (0.001, 0.0031, [0.001, 0.002, 0.003]),
        ] as [(Double, Double, [Double])]
    )
    func ticks(low: Double, high: Double, wanted: [Double]) {
        let scale = Scale(low...high, reachesTicks: false)
        #expect(scale.low == low && scale.high == high)
        #expect(scale.ticks.count == wanted.count, "\(scale.ticks)")
        for (tick, round) in zip(scale.ticks, wanted) {
            #expect((tick - round).magnitude < 1e-9 * max(1, high), "\(scale.ticks)")
        }
    }

    @Test(
        "labels of one axis are all different",
        arguments: [0.0007, 0.3, 1, 47, 3000, 4e4, 2e5, 3e8]
    )
    func labels(high: Double) {
        let scale = Scale(0...high)
        let labels = scale.ticks.map { scale.label($0) }
        #expect(Set(labels).count == labels.count, "\(labels)")
        #expect(scale.ticks.count >= 3 && scale.ticks.count <= 7, "\(scale.ticks)")
        #expect(scale.high >= high)
    }

    @Test("an axis of one value, or of none, still has a length")
    func degenerate() {
        for scale in [Scale(5...5), Scale(0...0), Scale(-.infinity...(.infinity))] {
            #expect(scale.high > scale.low && scale.ticks.count >= 2)
        }
    }

    @Test("written decimals are the nearest", arguments: 0...6)
    func fixed(decimals: Int) throws {
        var value = -1234.5678
        while value < 2000 {
            let written = try #require(Double(Markup.fixed(value, decimals: decimals)))
            #expect((written - value).magnitude <= 0.5 * pow(10, -Double(decimals)) * 1.000001)
            value += 17.123_456_7
        }
    }

    @Test(
        "numbers as people write them",
        arguments: [
            (0, "0"), (0.5, "0.5"), (1234.5678, "1235"), (-0.012345, "-0.01235"), (1e-7, "1e-7"),
            (2.5e12, "2.5e12"), (.nan, "–"),
        ] as [(Double, String)]
    )
    func significant(value: Double, wanted: String) {
        #expect(Markup.significant(value) == wanted)
    }
}
