import Foundation
import Testing

@testable import Journal

/// A real file system of one megabyte; needs the right to mount one.
final class SmallDisk {
    let path: String

    init?() {
        path = FileManager.default.temporaryDirectory.path + "/sacbot-disk-\(UUID().uuidString)"
        guard mkdir(path, 0o755) == 0 else { return nil }
        guard mount("none", path, "tmpfs", 0, "size=1m") == 0 else {
            rmdir(path)
            return nil
        }
    }

    deinit {
        umount2(path, Int32(MNT_DETACH))
        rmdir(path)
    }

    /// Takes all but `count` bytes, in pages.
    func fill(leaving count: Int) throws {
        var status = statvfs()
        try #require(statvfs(path, &status) == 0)
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        let filler = FileManager.default.contents(atPath: path + "/filler")?.count ?? 0
        try Data(count: max(0, filler + free - count)).write(to: URL(filePath: path + "/filler"))
    }

    /// Doubles the disk.
    func grow() throws {
        let result = mount("none", path, "tmpfs", UInt(MS_REMOUNT), "size=2m")
        try #require(result == 0)
    }

    /// Gives the room back at once: a removed file keeps it while another test's child process, on
    /// its way from fork to exec, still has it open.
    func free() throws {
        try #require(truncate(path + "/filler", 0) == 0)
        try FileManager.default.removeItem(atPath: path + "/filler")
    }

    static let isPermitted = SmallDisk() != nil
}

@Suite(
    "Journal on a full disk",
    .serialized,
    .enabled(if: SmallDisk.isPermitted, "needs the right to mount a tmpfs")
)
struct FullDiskTests {
    @Test("a full disk stops recording with one clear error, and goes on when there is room")
    func append() throws {
        let disk = try #require(SmallDisk())
        let fixture = try RunFixture(root: disk.path + "/runs")
        let journal = try fixture.open()
        var source = TransitionSource(seed: 15, observations: 21, actions: 9)
        var records: [TransitionRecord] = []
        var block = TransitionBlockWriter(observationCount: 21, actionCount: 9)
        var refusal: JournalError?
        while refusal == nil, records.count < 20_000 {
            let new = source.next(50)
            for record in new { try block.append(record) }
            records += new
            do throws(JournalError) { try journal.append(&block) } catch { refusal = error }
        }
        #expect(refusal == .diskFull(path: journal.folder.journalPath))
        #expect(refusal?.description.contains("free some space") == true)
        #expect(block.count == 50, "what could not be recorded still waits")
        // Some of the disk is the log; make room of another kind.
        let kept = try journal.allTransitions().records
        #expect(kept == Array(records.dropLast(50)))
        try disk.grow()
        try journal.append(&block)
        #expect(try journal.allTransitions().records == records)
        try journal.close()
        let again = try fixture.open()
        #expect(try again.allTransitions().records == records)
        #expect(try again.verify().isWhole)
    }

    @Test(
        "however little room is left, files are whole or untouched and nothing half-written stays"
    )
    func files() throws {
        let disk = try #require(SmallDisk())
        let fixture = try RunFixture(root: disk.path + "/runs")
        let journal = try fixture.open()
        let old = [UInt8](repeating: 1, count: 50_000)
        let new = [UInt8](repeating: 2, count: 90_000)
        try journal.writeFile(RunFolder.policyName, old)
        try journal.writeCheckpoint(old, step: 1, updates: 1, now: 0)
        for room in Swift.stride(from: 0, to: 90_000, by: 15_000) {
            try disk.fill(leaving: room)
            #expect(throws: JournalError.diskFull(path: journal.folder.policyPath + ".partial")) {
                try journal.writeFile(RunFolder.policyName, new)
            }
            let error = #expect(throws: JournalError.self) {
                try journal.writeCheckpoint(new, step: 2, updates: 2, now: 0)
            }
            guard case .diskFull = error else {
                Issue.record("\(String(describing: error))")
                return
            }
            #expect(try journal.readFile(RunFolder.policyName) == old)
            #expect(try journal.newestValidCheckpoint().bytes == old)
            #expect(
                try DurableFile.names(in: journal.folder.checkpointsPath) == [
                    "00000001.safetensors"
                ]
            )
            #expect(
                try DurableFile.names(in: journal.folder.path).allSatisfy {
                    !$0.hasSuffix(".partial")
                }
            )
        }
        try disk.free()
        try journal.writeCheckpoint(new, step: 2, updates: 2, now: 0)
        #expect(try journal.newestValidCheckpoint().bytes == new)
        #expect(try journal.verify().isWhole)
    }

    @Test("a run cannot begin on a full disk, says so, and begins when there is room")
    func beginning() throws {
        let disk = try #require(SmallDisk())
        let fixture = try RunFixture(root: disk.path + "/runs")
        let folder = try fixture.folder()
        for room in Swift.stride(from: 0, to: 60_000, by: 4096) {
            try disk.fill(leaving: room)
            do {
                try Journal(folder: folder, identity: fixture.identity, now: 0).close()
            } catch {
                guard case .diskFull = error else {
                    Issue.record("with \(room) bytes left: \(error)")
                    continue
                }
            }
        }
        try disk.free()
        let journal = try fixture.open()
        #expect(try journal.identity() == fixture.identity)
        #expect(try journal.verify().isWhole)
    }
}
