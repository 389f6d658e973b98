import Foundation
import Robot
import ServoEmulator
import Testing

@Suite("Every fault is documented")
struct FaultPageTests {
    private static let docs = RepositoryTests.root.appendingPathComponent("docs")

    @Test("every fault code has its page, in the index too", arguments: FaultCode.allCases)
    func page(code: FaultCode) throws {
        let folder = Self.docs.appendingPathComponent("faults").path
        let names = try FileManager.default.contentsOfDirectory(atPath: folder)
        let own = names.filter { $0.hasPrefix("\(code.rawValue)-") }
        try #require(own.count == 1, "fault \(code.rawValue): \(own)")
        let text = try String(contentsOfFile: folder + "/" + own[0], encoding: .utf8)
        #expect(text.hasPrefix("# \(code.rawValue): "))
        let parts = ["What you see", "What causes it", "What to do", "How it clears"]
        for part in parts { #expect(text.contains("\n## \(part)\n"), "\(own[0]): \(part)") }
        let index = try String(contentsOfFile: folder + "/README.md", encoding: .utf8)
        #expect(index.contains("| [\(code.rawValue)](\(own[0])) |"))
    }

    @Test("no page is about a fault that does not exist")
    func noOthers() throws {
        let folder = Self.docs.appendingPathComponent("faults").path
        let numbers = Set(FaultCode.allCases.map { "\($0.rawValue)" })
        for name in try FileManager.default.contentsOfDirectory(atPath: folder)
        where name != "README.md" {
            let number = name.split(separator: "-").first.map(String.init) ?? ""
            #expect(numbers.contains(number), "\(name)")
        }
    }

    @Test("every fault on demand is in the emulator's tables", arguments: FaultKind.allCases)
    func onDemand(kind: FaultKind) throws {
        let text = try String(
            contentsOf: Self.docs.appendingPathComponent("emulator.md"),
            encoding: .utf8
        )
        #expect(text.contains("\n| `\(kind.rawValue)` |"))
    }
}
