import Foundation
import Testing

@testable import Journal

@Suite("A run's quota")
struct QuotaTests {
    @Test("what a run takes is what its files take")
    func diskBytes() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        try journal.writeCheckpoint(
            [UInt8](repeating: 1, count: 70_000),
            step: 1,
            updates: 1,
            now: 0
        )
        let files = FileManager.default.enumerator(atPath: journal.folder.path)
        var total = 0
        while let name = files?.nextObject() as? String {
            let path = journal.folder.path + "/" + name
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            guard attributes[.type] as? FileAttributeType == .typeRegular else { continue }
            total += attributes[.size] as? Int ?? 0
        }
        #expect(total > 70_000)
        #expect(try journal.diskBytes() == total)
    }

    @Test("above it old checkpoints go first, down to the newest sound one; transitions never")
    func thinning() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        var source = TransitionSource(seed: 5)
        let records = source.next(300)
        try journal.append(records)
        for number in 1...3 {
            let bytes = [UInt8](repeating: UInt8(number), count: 100_000)
            try journal.writeCheckpoint(bytes, step: number, updates: number, now: 0)
        }
        let full = try journal.diskBytes()
        try journal.keepWithin(quota: full)
        #expect(try journal.checkpoints().count == 3, "within the quota nothing goes")

        // The newest is damaged: it proves nothing, so the one before it stays too.
        let newest = journal.folder.checkpointsPath + "/00000003.safetensors"
        var data = try Data(contentsOf: URL(filePath: newest))
        data[500] ^= 1
        try data.write(to: URL(filePath: newest))
        try journal.keepWithin(quota: full - 50_000)
        #expect(try journal.checkpoints().map(\.id) == [3, 2])
        #expect(try journal.newestValidCheckpoint().record?.id == 2)

        let error = #expect(throws: JournalError.self) { try journal.keepWithin(quota: 20_000) }
        guard case .quotaReached(journal.folder.path, let used, 20_000) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        #expect(used == (try journal.diskBytes()))
        let words = "\(error?.description ?? "")"
        #expect(words.contains("runs: {quota: ...}") && words.contains("--fresh"))
        #expect(try journal.newestValidCheckpoint().record?.id == 2)
        #expect(try journal.allTransitions().records == records)
        // What is above its quota can be written all the same: nobody loses the last second.
        try journal.append(source.next(5))
        #expect(journal.newest.transitions == 305)
    }

    @Test("with no sound checkpoint none is removed")
    func nothingSound() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        try journal.writeCheckpoint([1, 2, 3], step: 1, updates: 1, now: 0)
        let path = journal.folder.checkpointsPath + "/00000001.safetensors"
        try Data([1, 2, 4]).write(to: URL(filePath: path))
        try journal.thin()
        #expect(try journal.checkpoints().map(\.id) == [1])
        #expect(FileManager.default.fileExists(atPath: path))
    }
}
