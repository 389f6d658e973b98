import Foundation
import Testing

@testable import GymProtocol

/// Bytes as README.md in Benchmarks/gymnasium lists them.
@Suite("Messages of the Gymnasium bridge")
struct GymProtocolTests {
    /// Both ends of a pipe.
    final class Ends {
        let reading: Int32
        let writing: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            precondition(pipe(&ends) == 0)
            (reading, writing) = (ends[0], ends[1])
        }

        deinit {
            close(reading)
            close(writing)
        }

        var gym: GymPipe { GymPipe(reading: reading, writing: writing) }

        func write(_ bytes: [UInt8]) { _ = Glibc.write(writing, bytes, bytes.count) }

        func read(_ count: Int) -> [UInt8] {
            var bytes = [UInt8](repeating: 0, count: count + 1)
            let got = Glibc.read(reading, &bytes, bytes.count)
            return Array(bytes.prefix(got))
        }
    }

    static let oneAndMinusHalf: [UInt8] = [0, 0, 0x80, 0x3F, 0, 0, 0, 0xBF]

    @Test("a step is its length, an S and its floats")
    func step() throws {
        let ends = Ends()
        try ends.gym.send(.step([1, -0.5]))
        let bytes = ends.read(13)
        #expect(bytes == [9, 0, 0, 0, UInt8(ascii: "S")] + Self.oneAndMinusHalf)
        ends.write(bytes)
        #expect(try ends.gym.nextRequest() == .step([1, -0.5]))
    }

    @Test("a reset has flags for what it says, its seed and its stream's name")
    func reset() throws {
        let ends = Ends()
        let seed: [UInt8] = [4, 3, 2, 1, 0, 0, 0, 0]
        try ends.gym.send(.reset(GymReset(seed: 0x0102_0304, isFresh: true, stream: "eva")))
        let bytes = ends.read(17)
        #expect(bytes == [13, 0, 0, 0, UInt8(ascii: "R"), 7] + seed + Array("eva".utf8))
        ends.write([10, 0, 0, 0, UInt8(ascii: "R"), 0] + seed)
        #expect(try ends.gym.nextRequest() == .reset(GymReset()))
    }

    @Test("an outcome is its reward, its ends, its observation, and further numbers")
    func outcome() throws {
        let ends = Ends()
        let outcome = GymOutcome(
            observation: [1, -0.5],
            reward: 2,
            isTruncated: true,
            info: [-2]
        )
        try ends.gym.send(.outcome(outcome))
        let expected: [UInt8] =
            [30, 0, 0, 0, UInt8(ascii: "O")] + [0, 0, 0, 0, 0, 0, 0, 0x40] + [2]
            + [2, 0, 0, 0] + Self.oneAndMinusHalf + [0, 0, 0, 0, 0, 0, 0, 0xC0]
        let bytes = ends.read(expected.count)
        #expect(bytes == expected)
        ends.write(bytes)
        #expect(try ends.gym.nextReply() == .outcome(outcome))
    }

    @Test(
        "what is no message is refused",
        arguments: [
            // No kind; noise for a length; unknown kinds; half a float; an unknown flag; a step
            // in place of a reply.
            [0, 0, 0, 0],
            [0xFF, 0xFF, 0xFF, 0xFF, 1],
            [1, 0, 0, 0, UInt8(ascii: "x")],
            [3, 0, 0, 0, UInt8(ascii: "S"), 1, 2],
            [10, 0, 0, 0, UInt8(ascii: "R"), 8, 0, 0, 0, 0, 0, 0, 0, 0],
            [2, 0, 0, 0, UInt8(ascii: "R"), 1],
        ] as [[UInt8]]
    )
    func noise(bytes: [UInt8]) throws {
        let ends = Ends()
        ends.write(bytes)
        #expect {
            try ends.gym.nextRequest()
        } throws: { error in
            if case .malformed = error as? GymPipeError { return true }
            return false
        }
    }

    @Test("an outcome that ends before its observation does is refused")
    func cutOutcome() throws {
        let ends = Ends()
        let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 0, 3, 0, 0, 0]
        ends.write([22, 0, 0, 0, UInt8(ascii: "O")] + head + Self.oneAndMinusHalf)
        #expect {
            try ends.gym.nextReply()
        } throws: { error in
            if case .malformed = error as? GymPipeError { return true }
            return false
        }
    }

    @Test("a closed pipe is told apart from noise")
    func closed() throws {
        var ends: [Int32] = [-1, -1]
        precondition(pipe(&ends) == 0)
        // A message that was cut by the other side's death.
        _ = write(ends[1], [9, 0, 0, 0, UInt8(ascii: "S")] as [UInt8], 5)
        close(ends[1])
        let gym = GymPipe(reading: ends[0], writing: -1)
        #expect(throws: GymPipeError.closed) { try gym.nextRequest() }
        close(ends[0])
    }
}
