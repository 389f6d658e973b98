import Testing

@testable import Journal

@Suite("Checksum")
struct ChecksumTests {
    @Test(
        "CRC-32 agrees with zlib",
        arguments: [
            ([], 0), (Array("123456789".utf8), 0xCBF4_3926),
            ([UInt8](repeating: 0, count: 32), 0x190A_55AD),
            ([UInt8](repeating: 0xFF, count: 32), 0xFF6C_AB0B),
            (Array(0..<32), 0x9126_7E8A),
        ] as [([UInt8], UInt32)]
    )
    func zlib(bytes: [UInt8], expected: UInt32) {
        #expect(CRC32.checksum(bytes) == expected)
    }
}

@Suite("Transition block")
struct TransitionBlockTests {
    @Test("two steps of an episode and one of the next have the documented bytes")
    func layout() throws {
        var block = TransitionBlockWriter(observationCount: 1, actionCount: 1)
        var record = TransitionRecord()
        record.observation = [1]
        record.action = [0.5]
        record.proposedAction = [-0.5]
        record.reward = 2
        record.nextObservation = [-1]
        record.isLimited = true
        record.episode = 6
        record.step = 0x1_0000_0002
        record.timeNanoseconds = -1
        try block.append(record)
        record.observation = [-1]
        record.nextObservation = [-2]
        record.isLimited = false
        record.isTerminated = true
        record.step += 1
        try block.append(record)
        record.observation = [1]
        record.nextObservation = [0]
        record.isTerminated = false
        record.isTruncated = true
        record.episode = 7
        record.step += 1
        try block.append(record)

        let (one, minusOne, minusTwo, two): (UInt32, UInt32, UInt32, UInt32) =
            (0x3F80_0000, 0xBF80_0000, 0xC000_0000, 0x4000_0000)
        let (half, minusHalf): (UInt32, UInt32) = (0x3F00_0000, 0xBF00_0000)
        let all = UInt32.max
        let expected: [UInt32] = [
            0x3154_4253, 1, 1, 1, 3, 2, 5, 1,
            2, 1, all, all, 6, 4, two, one, half, minusHalf,
            3, 1, all, all, 6, 1 | 8, two, minusOne, half, minusHalf,
            4, 1, all, all, 7, 2 | 8, two, one, half, minusHalf,
            minusTwo,
            0,
        ]
        #expect(block.encoded(sequence: 0x1_0000_0005) == expected)
        #expect(block.encoded(sequence: 0x1_0000_0005) == expected, "encoding changes nothing")
    }

    @Test("a transition that does not fit is refused and leaves the block as it was")
    func refusals() throws {
        var source = TransitionSource(seed: 1)
        var block = TransitionBlockWriter(observationCount: 3, actionCount: 2)
        let first = source.next()
        try block.append(first)
        let before = block.encoded(sequence: 1)
        func refused(_ expected: JournalError, _ change: (inout TransitionRecord) -> Void) {
            var record = first
            record.step = 1
            change(&record)
            #expect(throws: expected) { try block.append(record) }
        }
        refused(.wrongWidth(field: "observation", expected: 3, found: 2)) {
            $0.observation.removeLast()
        }
        refused(.wrongWidth(field: "action", expected: 2, found: 3)) { $0.action.append(0) }
        refused(.wrongWidth(field: "proposed action", expected: 2, found: 0)) {
            $0.proposedAction = []
        }
        refused(.notFinite(field: "observation", step: 1)) { $0.observation[2] = .nan }
        refused(.notFinite(field: "action", step: 1)) { $0.action[0] = .infinity }
        refused(.notFinite(field: "reward", step: 1)) { $0.reward = -.infinity }
        refused(.notFinite(field: "next observation", step: 1)) { $0.nextObservation[0] = .nan }
        refused(.outOfOrder(field: "step", value: 0, previous: 0)) { $0.step = 0 }
        refused(.outOfOrder(field: "episode", value: -1, previous: 0)) { $0.episode = -1 }
        #expect(block.encoded(sequence: 1) == before)
        #expect(block.count == 1)
    }

    @Test("changing any single byte of a block is noticed")
    func everyByte() throws {
        var source = TransitionSource(seed: 2)
        var block = TransitionBlockWriter(observationCount: 3, actionCount: 2)
        for record in source.next(9) { try block.append(record) }
        var bytes = block.encoded(sequence: 1).withUnsafeBytes { Array($0) }
        let checksum = CRC32.checksum(bytes)
        for index in bytes.indices {
            bytes[index] ^= 0x10
            #expect(CRC32.checksum(bytes) != checksum)
            // Whatever the header claims, opening must neither trap nor read outside.
            bytes.withUnsafeBytes { raw in
                if let reader = TransitionBlockReader.open(raw).0 {
                    _ = reader.flaw(afterStep: -1, afterEpisode: 0)
                }
            }
            bytes[index] ^= 0x10
        }
        for count in bytes.indices {
            bytes.withUnsafeBytes { raw in
                #expect(
                    TransitionBlockReader.open(UnsafeRawBufferPointer(rebasing: raw[..<count])).0
                        == nil
                )
            }
        }
    }
}
