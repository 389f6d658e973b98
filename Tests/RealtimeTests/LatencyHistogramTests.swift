import Foundation
import Testing

@testable import Realtime

@Suite("LatencyHistogram")
struct LatencyHistogramTests {
    /// A small generator with a seed to print (Vigna's SplitMix64).
    struct Generator: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }

        /// Every size as likely: from nanoseconds to a minute.
        mutating func duration() -> Int64 {
            let octave = Int.random(in: 0..<36, using: &self)
            return Int64.random(in: 0...(1 << Int64(octave)), using: &self)
        }
    }

    static let seed = UInt64(ProcessInfo.processInfo.environment["SEED"] ?? "") ?? 70

    @Test("a histogram of nothing says nothing")
    func empty() {
        let figures = LatencyHistogram().figures
        #expect(figures == LatencyFigures())
    }

    @Test("small durations are exact; none is lost, negative or huge")
    func exact() {
        let histogram = LatencyHistogram()
        for value in 1...100 { histogram.record(Int64(value)) }
        var figures = histogram.figures
        #expect(figures.count == 100)
        #expect(figures.median == 50 && figures.p99 == 99 && figures.p999 == 100)
        histogram.record(-5)
        histogram.record(.max)
        figures = histogram.figures
        #expect(figures.count == 102)
        #expect(figures.maximum == (1 << 36) - 1)
    }

    @Test("buckets follow each other without a gap and are at most 1/64 of their values wide")
    func buckets() {
        var previous: UInt64?
        for bucket in 0...LatencyHistogram.bucket(of: LatencyHistogram.maximum) {
            let highest = LatencyHistogram.highest(of: bucket)
            let lowest = previous.map { $0 + 1 } ?? 0
            #expect(highest >= lowest)
            #expect(LatencyHistogram.bucket(of: lowest) == bucket)
            #expect(LatencyHistogram.bucket(of: highest) == bucket)
            #expect(Double(highest - lowest) <= Double(lowest) / 64)
            previous = highest
        }
        #expect(previous == LatencyHistogram.maximum)
    }

    @Test("counts up to a bound miss at most the bucket over it; the sum is right to a hundredth")
    func distribution() {
        print("seed \(Self.seed)")
        var generator = Generator(state: Self.seed)
        let histogram = LatencyHistogram()
        let values = (0..<3000).map { _ in generator.duration() }
        for value in values { histogram.record(value) }
        let bounds: [Int64] = [0, 127, 1000, 20_000, 1_000_000, 1 << 36]
        let (counts, sum) = histogram.distribution(upTo: bounds)
        for (bound, count) in zip(bounds, counts) {
            let most = values.filter { $0 <= bound }.count
            let least = values.filter { Double($0) <= Double(bound) * (1 - 1.0 / 64) }.count
            #expect(count <= most && count >= least, "\(bound)")
        }
        #expect(counts.last == values.count)
        let exact = values.reduce(0.0) { $0 + Double($1) }
        #expect((sum - exact).magnitude <= exact / 100)
        #expect(LatencyHistogram().distribution(upTo: [1]).counts == [0])
    }

    @Test("quantiles are those of the sorted durations, at most 1/64 above")
    func quantiles() {
        print("seed \(Self.seed)")
        var generator = Generator(state: Self.seed)
        for _ in 0..<50 {
            let histogram = LatencyHistogram()
            let count = Int.random(in: 1...3000, using: &generator)
            var values = (0..<count).map { _ in generator.duration() }
            for value in values { histogram.record(value) }
            values.sort()
            let figures = histogram.figures
            #expect(figures.count == count && figures.maximum == values[count - 1])
            for (share, found) in [
                (0.5, figures.median), (0.99, figures.p99), (0.999, figures.p999),
            ] {
                // The smallest value that at least this share does not exceed.
                let exact = values[max(1, Int((share * Double(count)).rounded(.up))) - 1]
                #expect(found >= exact && Double(found) <= Double(exact) * (1 + 1.0 / 64))
            }
        }
    }

    @Test("a reader beside the writer sees counts that only grow, and in the end all of them")
    func concurrent() {
        final class Shared: Sendable { let histogram = LatencyHistogram() }
        let shared = Shared()
        let count = 200_000
        let writer = WorkThread(name: "writer") {
            for index in 0..<count { shared.histogram.record(Int64(index % 5000)) }
        }
        var seen = 0
        while seen < count {
            let now = shared.histogram.figures.count
            #expect(now >= seen)
            seen = max(seen, now)
        }
        writer.join()
        #expect(shared.histogram.figures.count == count)
    }
}
