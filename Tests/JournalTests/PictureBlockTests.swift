import Testing

@testable import Journal

@Suite("Blocks with pictures")
struct PictureBlockTests {
    /// Two episodes of three steps; pictures of 6 bytes that count up.
    private func records() -> [TransitionRecord] {
        (0..<6).map { step in
            var record = TransitionRecord()
            record.observation = [Float(step)]
            record.nextObservation = [Float(step + 1)]
            record.action = [0]
            record.proposedAction = [0]
            record.step = step
            record.episode = step / 3
            // The second episode begins with a picture of its own, though the numbers go on.
            let first = step < 3 ? step : step + 10
            record.picture = (0..<6).map { UInt8(first * 6 + $0) }
            record.nextPicture = (0..<6).map { UInt8((first + 1) * 6 + $0) }
            return record
        }
    }

    private func block(_ records: [TransitionRecord]) throws -> TransitionBlockWriter {
        var block = TransitionBlockWriter(observationCount: 1, actionCount: 1, pictureBytes: 6)
        for record in records { try block.append(record) }
        return block
    }

    private func read(_ words: [UInt32]) -> ([TransitionRecord], String?) {
        words.withUnsafeBytes { bytes in
            let (opened, reason) = TransitionBlockReader.open(bytes)
            guard var reader = opened else { return ([], reason) }
            if let flaw = reader.flaw(afterStep: -1, afterEpisode: 0) { return ([], flaw) }
            var record = TransitionRecord()
            var all: [TransitionRecord] = []
            for row in 0..<reader.count {
                reader.decode(row: row, into: &record)
                all.append(record)
            }
            return (all, nil)
        }
    }

    @Test("come back as they were, each picture stored once")
    func roundTrip() throws {
        let records = records()
        let words = try block(records).encoded(sequence: 3)
        let (read, problem) = read(words)
        #expect(problem == nil && read == records)
        #expect(words[1] == 2, "blocks with pictures say so")
        // Six rows and two extras: the last row of each episode.
        #expect(words[4] == 6 && words[5] == 2)
        let rest = words[(8 + 6 * 10 + 2)...]
        #expect(rest.first == 6)
        let packed = Array(rest.dropFirst(2)).withUnsafeBytes { Array($0) }
        let size = Int(rest[rest.startIndex + 1])
        let bytes = packed.withUnsafeBytes {
            PicturePacking.unpacked(UnsafeRawBufferPointer(rebasing: $0[..<size]), count: 48)
        }
        let expected =
            records.flatMap(\.picture) + records[2].nextPicture + records[5].nextPicture
        #expect(bytes == expected)
    }

    @Test("what zstd makes of them is a zstd frame")
    func format() {
        // RFC 8878, section 3.1.1: the magic number, little-endian.
        #expect(Array(PicturePacking.packed([1, 2, 3]).prefix(4)) == [0x28, 0xB5, 0x2F, 0xFD])
    }

    @Test("pictures of another size are refused, and so is a damaged or cut block")
    func damage() throws {
        var writer = try block(records())
        var wrong = records()[5]
        wrong.step = 6
        wrong.picture.removeLast()
        #expect(throws: JournalError.wrongWidth(field: "picture", expected: 6, found: 5)) {
            try writer.append(wrong)
        }
        var words = writer.encoded(sequence: 1)
        for index in words.indices {
            for bit in [UInt32(1), 1 << 13, 1 << 31] {
                words[index] ^= bit
                // Must neither trap nor read outside; the checksum of the whole finds it anyway.
                _ = read(words)
                words[index] ^= bit
            }
        }
        for count in 0..<words.count {
            let (rows, problem) = read(Array(words[..<count]))
            #expect(rows.isEmpty && problem != nil)
        }
    }

    @Test("a run's pictures are read back from its journal")
    func journal() throws {
        let fixture = try RunFixture()
        let journal = try fixture.open()
        var writer = try block(records())
        try journal.append(&writer)
        let (read, report) = try journal.allTransitions()
        #expect(read == records() && report.reason == nil)
    }
}
