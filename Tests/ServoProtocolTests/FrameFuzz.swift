import Foundation
import ServoProtocol

/// A decoder that the fuzz loop can drive.
protocol FuzzedDecoder {
    /// A decoder as the loop wants it.
    static var fuzzed: Self { get }
    var pendingBytes: Int { get }
    mutating func take(_ bytes: [UInt8])
    mutating func abandonPartial()
    /// Told what frame is asked for, as a host knows the length of the answer; `nil` for any.
    mutating func expect(_ frame: [UInt8]?)
    /// The next frame's place in the bytes since the last `take`, pending ones included.
    mutating func nextRange() -> Range<Int>?
    /// Whether some bytes are a frame, by a judge written for this test.
    static func isFrame(_ bytes: ArraySlice<UInt8>) -> Bool
    /// Any frame.
    static func frame(_ random: inout SeededGenerator, into bytes: inout [UInt8])
}

/// Feeds a decoder damaged frames, garbage and good frames, and watches what it makes of them.
///
/// After each input: whatever was accepted is a frame by its own length and check sum; a frame with
/// one flipped bit is not accepted in its own length; a good frame is found unless another frame
/// that was accepted reaches into it; every byte is accounted for.
struct FrameFuzz<Decoder: FuzzedDecoder> {
    /// What was seen.
    struct Report {
        var inputs = 0
        var accepted = 0
        var flipped = 0
        /// Shorter frames inside a damaged one whose own check sum is right.
        var accidents = 0
        var problems: [String] = []
    }

    private(set) var report = Report()
    private var decoder = Decoder.fuzzed
    private var random: SeededGenerator
    private let seed: UInt64
    private var input: [UInt8] = []
    private var good: [UInt8] = []
    private var accepted: [Range<Int>] = []

    init(seed: UInt64) {
        self.seed = seed
        random = SeededGenerator(seed: seed)
    }

    /// How many inputs a test runs: a short loop unless the environment asks for a long one.
    static var inputCount: Int {
        ProcessInfo.processInfo.environment["SACBOT_FUZZ_INPUTS"].flatMap { Int($0) } ?? 100_000
    }

    mutating func run(inputs: Int) {
        while report.inputs < inputs, report.problems.count < 10 {
            report.inputs += 1
            switch random.next() % 4 {
            case 0: garbage()
            case 1: flippedBit()
            case 2: damaged()
            default: goodAmongDamaged()
            }
        }
    }

    private mutating func note(_ problem: String) {
        let hex = input.map { String($0, radix: 16) }.joined(separator: " ")
        report.problems.append("seed \(seed), input \(report.inputs): \(problem): \(hex)")
    }

    /// A number below `bound`.
    private mutating func below(_ bound: Int) -> Int { Int(random.next() >> 33) % bound }

    // MARK: Inputs

    private mutating func garbage() {
        input.removeAll(keepingCapacity: true)
        appendGarbage(1 + below(40))
        feed()
    }

    private mutating func appendGarbage(_ count: Int) {
        // Bytes that headers and lengths are made of, more often than others.
        for _ in 0..<count {
            let number = random.next()
            let byte = UInt8(truncatingIfNeeded: number >> 8)
            switch number % 8 {
            case 0, 1, 2: input.append(0xFF)
            case 3: input.append(0xFD)
            case 4: input.append(byte % 9)
            default: input.append(byte)
            }
        }
    }

    private mutating func flippedBit() {
        Decoder.frame(&random, into: &input)
        decoder.expect(input)
        defer { decoder.expect(nil) }
        let bit = below(8 * input.count)
        input[bit / 8] ^= 1 << UInt8(bit % 8)
        report.flipped += 1
        feed()
        for range in accepted {
            if range.count == input.count { note("flipped bit \(bit) was taken") }
            report.accidents += 1
        }
    }

    private mutating func damaged() {
        Decoder.frame(&random, into: &input)
        damage()
        feed()
    }

    private mutating func damage() {
        for _ in 0...below(3) where !input.isEmpty {
            let place = below(input.count)
            switch below(4) {
            case 0: input.remove(at: place)
            case 1: input.insert(UInt8(truncatingIfNeeded: random.next()), at: place)
            case 2: input[place] = UInt8(truncatingIfNeeded: random.next())
            default: input.removeSubrange(place...)
            }
        }
    }

    private mutating func goodAmongDamaged() {
        Decoder.frame(&random, into: &good)
        Decoder.frame(&random, into: &input)
        damage()
        appendGarbage(below(6))
        let start = input.count
        input.append(contentsOf: good)
        feed()
        let wanted = start..<input.count
        if accepted.contains(wanted) { return }
        // An FF of the garbage just before may make an earlier header; that frame then overlaps.
        if !accepted.contains(where: { $0.overlaps(wanted) }) { note("a good frame was lost") }
    }

    // MARK: Feeding

    /// Hands the input over in one to three pieces and takes everything out again.
    private mutating func feed() {
        accepted.removeAll(keepingCapacity: true)
        var consumed = 0
        var from = 0
        while from < input.count {
            let piece = from == 0 && below(2) == 0 ? input.count : 1 + below(input.count - from)
            let to = min(input.count, from + piece)
            consumed = from - decoder.pendingBytes
            decoder.take(Array(input[from..<to]))
            from = to
            drain(offset: consumed)
        }
        while decoder.pendingBytes > 0 {
            decoder.abandonPartial()
            drain(offset: consumed)
        }
    }

    private mutating func drain(offset: Int) {
        while let range = decoder.nextRange() {
            let place = (range.lowerBound + offset)..<(range.upperBound + offset)
            report.accepted += 1
            if place.upperBound > input.count || !Decoder.isFrame(input[place]) {
                note("what was taken at \(place) is no frame")
            }
            if let last = accepted.last, last.upperBound > place.lowerBound {
                note("frames overlap at \(place)")
            }
            accepted.append(place)
        }
    }
}
