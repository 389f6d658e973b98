import Foundation
import Testing

@testable import Journal

@Suite("The latch file")
struct FaultLatchTests {
    private func folder() throws -> String {
        var template = Array("/tmp/sacbot-latch-XXXXXX".utf8CString)
        try #require(mkdtemp(&template) != nil)
        return String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    @Test("what is written is read, in a folder that was not there; clearing leaves nothing")
    func roundTrip() throws {
        let top = try folder()
        defer { try? FileManager.default.removeItem(atPath: top) }
        let latch = FaultLatch(folder: top + "/state/runs", robot: "claw")
        #expect(try latch.read() == nil)
        let fault = LatchedFault(code: 11, joint: "a", time: 12.5, words: "fault 11:\ntoo fast")
        try latch.write(fault)
        let read = try #require(try FaultLatch(folder: top + "/state/runs", robot: "claw").read())
        #expect(read.code == 11 && read.joint == "a" && read.time == 12.5)
        #expect(read.words == "fault 11: too fast")
        let names = try FileManager.default.contentsOfDirectory(atPath: top + "/state/runs")
        #expect(names == ["claw.latch"])
        #expect(try FaultLatch(folder: top + "/state/runs", robot: "leg").read() == nil)
        try latch.clear()
        try latch.clear()
        #expect(try latch.read() == nil)
    }

    @Test(
        "a file that makes no sense is no clearance",
        arguments: ["", "sacbot latch 1\nx\n\n0\n\n", "sacbot latch 2\n11\n\n0\nwords\n", "\0\0\0"]
    )
    func damaged(text: String) throws {
        let top = try folder()
        defer { try? FileManager.default.removeItem(atPath: top) }
        let latch = FaultLatch(folder: top, robot: "claw")
        try text.write(toFile: latch.path, atomically: false, encoding: .utf8)
        #expect(throws: JournalError.self) { try latch.read() }
        try latch.clear()
        #expect(try latch.read() == nil)
    }
}
