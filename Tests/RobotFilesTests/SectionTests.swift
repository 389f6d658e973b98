import Testing

@testable import RobotFiles

@Suite("Section") struct SectionTests {
    @Test("a value is read in SI units") func si() throws {
        let file = try YAMLFile(path: "x.yaml", text: "a: 30 deg\n")
        #expect(abs(file.section.quantity("a", .radians) - .pi / 6) < 1e-15)
        file.section.finish()
        try file.check()
    }
}
