import Foundation
import Testing

@testable import Journal

@Suite("Checkpoints")
struct CheckpointTests {
    private func bytes(_ number: Int, count: Int = 5000) -> [UInt8] {
        var generator = SeededGenerator(seed: UInt64(number))
        return (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    /// A run with checkpoints 1...`count`, each after ten times its number of steps.
    private func run(_ fixture: RunFixture, checkpoints count: Int) throws -> Journal {
        let journal = try fixture.open()
        for number in 1...count {
            let record = try journal.writeCheckpoint(
                bytes(number),
                step: number * 10,
                updates: number * 100,
                now: Double(number)
            )
            #expect(record.id == number)
        }
        return journal
    }

    private func damage(_ journal: Journal, _ name: String, _ change: (inout Data) -> Void) throws {
        let file = URL(filePath: journal.folder.checkpointsPath + "/" + name)
        var data = try Data(contentsOf: file)
        change(&data)
        try data.write(to: file)
    }

    @Test("the newest comes back byte for byte; three are kept, older ones removed")
    func newest() throws {
        let fixture = try RunFixture()
        let journal = try run(fixture, checkpoints: 5)
        let search = try journal.newestValidCheckpoint()
        #expect(search.bytes == bytes(5))
        #expect(search.record?.step == 50)
        #expect(search.record?.updates == 500)
        #expect(search.record?.time == 5)
        #expect(search.rejected.isEmpty)
        let names = ["00000003.safetensors", "00000004.safetensors", "00000005.safetensors"]
        #expect(try DurableFile.names(in: journal.folder.checkpointsPath) == names)
        #expect(try journal.checkpoints().map(\.id) == [5, 4, 3])
        #expect(try journal.verify().checkpoints == 3)
        #expect(try journal.summary().updates == 500)
    }

    @Test("damaged ones are passed over with a report, down to none")
    func fallBack() throws {
        let fixture = try RunFixture()
        let journal = try run(fixture, checkpoints: 3)
        try damage(journal, "00000003.safetensors") { $0[4000] ^= 1 }
        var search = try journal.newestValidCheckpoint()
        #expect(search.record?.id == 2)
        #expect(search.bytes == bytes(2))
        #expect(search.rejected == ["00000003.safetensors: wrong checksum"])
        try damage(journal, "00000002.safetensors") { $0.removeLast(3) }
        search = try journal.newestValidCheckpoint()
        #expect(search.bytes == bytes(1))
        #expect(search.rejected.last == "00000002.safetensors: 4997 bytes instead of 5000")
        try FileManager.default.removeItem(
            atPath: journal.folder.checkpointsPath + "/00000001.safetensors"
        )
        search = try journal.newestValidCheckpoint()
        #expect(search.record == nil)
        #expect(search.rejected.count == 3)
        #expect(try journal.verify().problems.count == 3)
        // Life goes on.
        try journal.writeCheckpoint(bytes(9), step: 90, updates: 0, now: 0)
        #expect(try journal.newestValidCheckpoint().record?.id == 4)
    }

    @Test("a run without checkpoints has none")
    func none() throws {
        let search = try RunFixture().open().newestValidCheckpoint()
        #expect(search == CheckpointSearch())
    }

    @Test("what a crash leaves behind is cleared at the next opening, sound files are not")
    func leftovers() throws {
        let fixture = try RunFixture()
        let journal = try run(fixture, checkpoints: 5)
        let folder = journal.folder
        try journal.close()
        // Pruned from the list but not removed; half written; written but not yet listed.
        for path in [
            "/checkpoints/00000002.safetensors", "/checkpoints/00000006.safetensors.partial",
            "/policy.safetensors.partial", "/checkpoints/00000006.safetensors",
        ] {
            try Data([1]).write(to: URL(filePath: folder.path + path))
        }
        let again = try fixture.open()
        #expect(
            try DurableFile.names(in: folder.checkpointsPath) == [
                "00000003.safetensors", "00000004.safetensors", "00000005.safetensors",
                "00000006.safetensors",
            ]
        )
        #expect(try !DurableFile.names(in: folder.path).contains("policy.safetensors.partial"))
        try again.writeCheckpoint(bytes(6), step: 60, updates: 600, now: 6)
        #expect(try again.newestValidCheckpoint().bytes == bytes(6))
        #expect(try again.verify().isWhole)
    }

    @Test("going back to a step removes newer checkpoints, and their numbers are not used again")
    func discard() throws {
        let fixture = try RunFixture()
        let journal = try run(fixture, checkpoints: 3)
        try journal.discard(afterStep: 20)
        #expect(try journal.newestValidCheckpoint().record?.id == 2)
        #expect(try DurableFile.names(in: journal.folder.checkpointsPath).count == 2)
        #expect(try journal.writeCheckpoint([1], step: 21, updates: 1, now: 0).id == 4)
    }

    @Test("going back to an episode removes its record even if it had no step")
    func discardStepless() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        var source = TransitionSource(seed: 3, episodeLength: 5)
        try journal.append(source.next(10))
        let stepless = EpisodeRecord.sample(2, firstStep: 10, steps: 0)
        try journal.record(episodes: [stepless])
        #expect(journal.newest.nextEpisode == 3)
        try journal.discard(afterStep: 9)
        #expect(journal.newest.nextEpisode == 3)
        try journal.discard(afterStep: 9, fromEpisode: 2)
        #expect(journal.newest.nextEpisode == 2 && journal.newest.transitions == 10)
    }
}
