import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// The files of the page: ours from the program itself, dygraphs from Debian's libjs-dygraphs.
struct PageFiles: Sendable {
    /// Where libjs-dygraphs installs.
    static let chartFolder = "/usr/share/javascript/dygraphs"

    /// The addresses of all files.
    static let paths: Set<String> = [
        "/", "/dashboard.css", "/dashboard.js", "/charts.js", "/stream.js", "/episodes.js",
        "/icon.svg", "/dygraph.min.js", "/dygraph.min.css",
    ]

    private let contents: [String: (type: String, bytes: ByteBuffer)]
    /// Whether the chart library is there.
    let hasCharts: Bool

    /// Reads the chart library from a folder.
    init(chartFolder: String = chartFolder) {
        let script = FileManager.default.contents(atPath: chartFolder + "/dygraph.min.js")
        let style = FileManager.default.contents(atPath: chartFolder + "/dygraph.min.css")
        hasCharts = script != nil && style != nil
        func own(_ text: String, _ type: String) -> (type: String, bytes: ByteBuffer) {
            ("\(type); charset=utf-8", ByteBuffer(string: text))
        }
        contents = [
            "/": own(PageText.html, "text/html"),
            "/dashboard.css": own(PageText.style, "text/css"),
            "/dashboard.js": own(PageText.script, "text/javascript"),
            "/charts.js": own(PageText.charts, "text/javascript"),
            "/stream.js": own(PageText.stream, "text/javascript"),
            "/episodes.js": own(PageText.episodes, "text/javascript"),
            "/icon.svg": own(PageText.icon, "image/svg+xml"),
            // Without it the page shows its tables and says what is missing.
            "/dygraph.min.js": ("text/javascript", ByteBuffer(bytes: script ?? Data())),
            "/dygraph.min.css": ("text/css", ByteBuffer(bytes: style ?? Data())),
        ]
    }

    /// The answer for one of `paths`.
    func response(_ path: String) -> Response {
        guard let file = contents[path] else { return Response(status: .notFound) }
        return Response(
            status: .ok,
            headers: [.contentType: file.type, .cacheControl: "no-cache"],
            body: ResponseBody(byteBuffer: file.bytes)
        )
    }
}
