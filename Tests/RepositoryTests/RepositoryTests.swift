import Foundation
import Testing

/// Rules of the house that a program can check.
@Suite("Repository rules")
struct RepositoryTests {
    static let root = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    struct Source {
        var path: String
        var lines: [Substring]
    }

    /// All Swift files under Sources, without generated ones.
    static func sources() throws -> [Source] {
        let folder = root.appendingPathComponent("Sources")
        let names = try FileManager.default.subpathsOfDirectory(atPath: folder.path)
        return try names.filter { $0.hasSuffix(".swift") && !$0.contains(".generated.") }.map {
            let text = try String(contentsOf: folder.appendingPathComponent($0), encoding: .utf8)
            return Source(
                path: $0,
                lines: text.split(separator: "\n", omittingEmptySubsequences: false)
            )
        }
    }

    @Test("no source file is longer than 400 lines")
    func fileLength() throws {
        for source in try Self.sources() {
            #expect(source.lines.count <= 400, "\(source.path)")
        }
    }

    @Test("nothing unfinished is called finished")
    func unfinished() throws {
        for source in try Self.sources() {
            for (index, line) in source.lines.enumerated() {
                for word in ["TODO", "FIXME", "XXX", "fatalError(", "try!", "as!"] {
                    #expect(!line.contains(word), "\(source.path):\(index + 1): \(word)")
                }
            }
        }
    }

    @Test("every unchecked promise about threads says who owns what")
    func safetyComments() throws {
        for source in try Self.sources() {
            for (index, line) in source.lines.enumerated()
            where line.contains("@unchecked Sendable") || line.contains("nonisolated(unsafe)") {
                let near = source.lines[max(0, index - 4)..<min(source.lines.count, index + 5)]
                #expect(
                    near.contains { $0.contains("Safety:") },
                    "\(source.path):\(index + 1) has no `// Safety:` beside it"
                )
            }
        }
    }

    @Test("safe goals and torque permits are made in Safety only")
    func onlySafetyMakesGoals() throws {
        for source in try Self.sources() where !source.path.hasPrefix("Safety/") {
            for (index, line) in source.lines.enumerated() {
                let makes = line.contains("SafeGoal(") || line.contains("TorquePermit(")
                #expect(!makes, "\(source.path):\(index + 1)")
            }
        }
    }

    @Test("no Utils, Helpers or Managers")
    func names() throws {
        for source in try Self.sources() {
            for word in ["Utils", "Helper", "Manager"] {
                #expect(!source.path.contains(word), "\(source.path)")
            }
        }
    }
}
