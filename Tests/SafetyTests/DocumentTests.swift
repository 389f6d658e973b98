import Foundation
import Robot
import Testing

@testable import Safety

@Suite("docs/safety.md and the code's tables")
struct DocumentTests {
    static let page = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("docs/safety.md")

    static var parts: [(name: String, text: String)] {
        [
            ("diagram", "```mermaid\n\(SafetyDocument.diagram)\n```"),
            ("transitions", SafetyDocument.transitions),
            ("rules", SafetyDocument.rules),
            ("stops", SafetyDocument.stops),
            ("faults", SafetyDocument.faults),
        ]
    }

    // SACBOT_WRITE_DOCS=1 writes the page instead of comparing it.
    @Test("the page says what the code does")
    func pageMatches() throws {
        var text = try String(contentsOf: Self.page, encoding: .utf8)
        let writes = ProcessInfo.processInfo.environment["SACBOT_WRITE_DOCS"] == "1"
        for part in Self.parts {
            let begin = "<!-- \(part.name): made from the code -->\n"
            let end = "\n<!-- end of \(part.name) -->"
            let from = try #require(text.range(of: begin), "no \(begin)")
            let to = try #require(text.range(of: end), "no \(end)")
            if writes {
                text.replaceSubrange(from.upperBound..<to.lowerBound, with: part.text)
            } else {
                #expect(
                    text[from.upperBound..<to.lowerBound] == part.text,
                    "docs/safety.md, \(part.name): SACBOT_WRITE_DOCS=1 swift test writes it anew"
                )
            }
        }
        if writes { try text.write(to: Self.page, atomically: true, encoding: .utf8) }
    }

    @Test("every rule has its row, every fault its rule or its reporter")
    func rowsAreComplete() {
        #expect(RuleTable.rows.map(\.rule) == SafetyRule.allCases)
        for row in RuleTable.rows {
            #expect(!row.name.isEmpty && !row.remedy.isEmpty)
            #expect(row.key.isEmpty == row.unit.isEmpty, "\(row.rule)")
            if let fault = row.rule.fault { #expect(row.rule.response == fault.response) }
            // Only what stops needs more than its cause's end to clear.
            #expect((row.rule.response < .stopInOrder) == (row.rule.clears == .whenGone))
        }
        // The last bit of each of a report's places is the robot's.
        #expect(SafetyRule.allCases.count <= RuleReport.capacity)
        #expect(JointArray<Int>.capacity < RuleReport.robotBit)
    }

    @Test("every key of the rules is in docs/robot-file.md")
    func keysAreDocumented() throws {
        let manual = Self.page.deletingLastPathComponent().appendingPathComponent("robot-file.md")
        let text = try String(contentsOf: manual, encoding: .utf8)
        for row in RuleTable.rows {
            for key in row.key.split(separator: ",") {
                let word = key.split(separator: " ")[0].split(separator: ".").last ?? ""
                #expect(text.contains("`\(word)`"), "\(word)")
            }
        }
    }
}
