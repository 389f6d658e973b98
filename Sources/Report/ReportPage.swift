import Evaluation
public import Foundation
import Plot

/// A report as one HTML file that needs nothing else: no network, no other file.
///
/// Complete without its script, which adds the read-out of values under the pointer and the switch
/// between light and dark.
public struct ReportPage {
    /// What is shown, curves thinned to the width of a page.
    let document: ReportDocument
    /// Pictures of traces, by the trace's index.
    let films: [Int: Filmstrip]
    /// Where the data is at full length, for the note beside the downloads; `nil` if nowhere.
    let dataFolder: String?

    /// A curve is never drawn wider than this many pixels.
    static let columns = 400

    /// - Parameters:
    ///   - document: what to show.
    ///   - films: pictures of traces, by the trace's index in the document.
    ///   - dataFolder: where the data was also written at full length.
    public init(
        _ document: ReportDocument,
        films: [Int: Filmstrip] = [:],
        dataFolder: String? = nil
    ) {
        var thin = document
        thin.runs = document.runs.map { $0.thinned(columns: Self.columns) }
        self.document = thin
        self.films = films
        self.dataFolder = dataFolder
    }

    /// The file's bytes.
    ///
    /// Throws `ReportError.notWritable`.
    public func html() throws(ReportError) -> Data {
        let sections = [
            HeadlineSection(document: document).section,
            SuccessSection(document: document).section,
            LearningSection(runs: document.runs).section,
            RolloutSection(document: document, films: films).section,
            SafetySection(document: document).section,
            ProvenanceSection(document: document).section,
            try DataSection(document: document, dataFolder: dataFolder).section(),
        ].compactMap(\.self)
        let title = Markup.escaped(document.title)
        let links = sections.map { "<a href=\"#\($0.id)\">\($0.title)</a>" }
        let page = """
            <!DOCTYPE html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width,initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; \
            style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <meta name="generator" content="sacbot \(Markup.escaped(document.programVersion))">
            <title>\(title)</title>
            <style>
            \(ChartStyle.colours)
            \(ChartStyle.shapes)
            \(PageStyle.css)
            </style>
            </head>
            <body>
            <a class="skip" href="#\(sections.first?.id ?? "data")">to the content</a>
            <header><h1>\(title)</h1>
            <p class="soft">made \(Markup.escaped(document.made)) by sacbot \
            \(Markup.escaped(document.programVersion)) on \(Markup.escaped(document.host))</p>
            <button id="theme" type="button" hidden>dark</button>
            <nav aria-label="Sections">\(links.joined(separator: "\n"))</nav></header>
            <main>
            \(sections.map(\.html).joined(separator: "\n"))
            </main>
            <div id="readout" role="status" hidden></div>
            <script>
            \(PageScript.text)
            </script>
            </body>
            </html>

            """
        return Data(page.utf8)
    }
}

/// A part of the page with a heading that the page's navigation names.
struct PageSection {
    var id: String
    var title: String
    var body: [String]

    var html: String {
        """
        <section id="\(id)" aria-labelledby="\(id)-h">
        <h2 id="\(id)-h">\(title)</h2>
        \(body.joined(separator: "\n"))
        </section>
        """
    }
}

/// Pictures of one episode.
public struct Filmstrip: Sendable {
    /// One picture.
    public struct Frame: Sendable {
        /// When, seconds since the first step began.
        public var time: Double
        /// The picture as PNG.
        public var png: Data

        /// A picture.
        public init(time: Double, png: Data) {
            self.time = time
            self.png = png
        }
    }

    /// The pictures in the order of time.
    public var frames: [Frame]
    /// Width of each in pixels.
    public var width: Int
    /// Height of each in pixels.
    public var height: Int

    /// A strip.
    public init(frames: [Frame], width: Int, height: Int) {
        self.frames = frames
        self.width = width
        self.height = height
    }

    /// What a policy saw.
    init(_ seen: SeenPictures) {
        self.init(
            frames: zip(seen.time, seen.png).map { Frame(time: $0, png: $1) },
            width: seen.width,
            height: seen.height
        )
    }
}

extension LineChart {
    /// The chart with its name and legend, for a page.
    var figure: String {
        """
        <figure><figcaption>\(Markup.escaped(title))</figcaption>\(legend)
        \(svg())</figure>
        """
    }
}

extension IntervalBars {
    /// The chart with its name, for a page.
    var figure: String {
        "<figure><figcaption>\(Markup.escaped(title))</figcaption>\n\(svg())</figure>"
    }
}
