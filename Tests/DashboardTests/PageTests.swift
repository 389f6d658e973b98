import Foundation
import Testing

@testable import Dashboard

@Suite("The page")
struct PageTests {
    private static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Dashboard/Page")

    private static let files = [
        ("index.html", PageText.html), ("dashboard.css", PageText.style),
        ("dashboard.js", PageText.script), ("charts.js", PageText.charts),
        ("stream.js", PageText.stream), ("episodes.js", PageText.episodes),
        ("icon.svg", PageText.icon),
    ]

    @Test("what the program serves is what the files hold: run Page/make-page.py after a change")
    func generated() throws {
        for (name, served) in Self.files {
            let text = try String(
                contentsOf: Self.folder.appendingPathComponent(name),
                encoding: .utf8
            )
            #expect(served == text, "\(name)")
        }
    }

    @Test(
        "nothing is inline, as the content security policy asks, and nothing comes from elsewhere"
    )
    func noInline() throws {
        let html = PageText.html
        for scheme in ["http:", "https:", "//"] {
            #expect(!html.contains("src=\"\(scheme)"), "\(scheme)")
            #expect(!html.contains("href=\"\(scheme)"), "\(scheme)")
        }
        #expect(!html.contains("style=\""))
        #expect(!html.contains("<style"))
        let handlers = try Regex(#"\son[a-z]+="#)
        #expect(html.firstMatch(of: handlers) == nil)
        for script in html.split(separator: "<script").dropFirst() {
            #expect(script.hasPrefix(" src="), "\(script.prefix(60))")
        }
    }

    @Test("scripts put text into the page as text: no markup from data, no code from text")
    func noMarkup() {
        for (name, text) in Self.files where name.hasSuffix(".js") {
            for word in ["innerHTML", "outerHTML", "insertAdjacentHTML", "eval(", "new Function"] {
                #expect(!text.contains(word), "\(name): \(word)")
            }
        }
    }

    @Test("every control has a name: labels, texts or aria-label")
    func names() {
        let html = PageText.html
        for field in html.split(separator: "<input").dropFirst() {
            let tag = field.prefix(while: { $0 != ">" })
            let id = tag.split(separator: "id=\"").last?.prefix(while: { $0 != "\"" }) ?? ""
            #expect(
                html.contains("for=\"\(id)\"")
                    || html.contains("<label class=\"grow\">step <input id=\"\(id)\"")
            )
        }
        for section in html.split(separator: "<section").dropFirst() {
            #expect(section.prefix(while: { $0 != ">" }).contains("aria-labelledby="))
        }
    }
}
