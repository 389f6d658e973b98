import Glibc
import Testing

@testable import Learning

@Suite("Random streams")
struct RandomSourceTests {
    @Test("xoshiro256++ from the state 1, 2, 3, 4 gives the generator's published sequence")
    func publishedSequence() throws {
        var random = try #require(RandomSource(words: [1, 2, 3, 4]))
        let expected: [UInt64] = [
            41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386,
            9_228_616_714_210_784_205, 9_973_669_472_204_895_162, 14_011_001_112_246_962_877,
            12_406_186_145_184_390_807, 15_849_039_046_786_891_736, 10_450_023_813_501_588_000,
        ]
        for value in expected { #expect(random.next() == value) }
    }

    @Test("A stream goes on from its saved words, and no stream starts from zeros")
    func savedWords() throws {
        var random = RandomSource(seed: 5)
        for _ in 0..<17 { _ = random.next() }
        var resumed = try #require(RandomSource(words: random.words))
        #expect((0..<50).allSatisfy { _ in random.next() == resumed.next() })
        #expect(RandomSource(words: [0, 0, 0, 0]) == nil)
        #expect(RandomSource(words: [1, 2, 3]) == nil)
    }

    @Test("Streams of other names or seeds differ, streams of the same agree")
    func names() {
        let first = RandomSource(seed: 3, name: "noise")
        #expect(first == RandomSource(seed: 3, name: "noise"))
        let others = [
            RandomSource(seed: 3, name: "batches"), RandomSource(seed: 4, name: "noise"),
            RandomSource(seed: 3),
        ]
        for other in others { #expect(first != other) }
    }

    @Test("Normal deviates have the moments of the normal distribution")
    func moments() {
        var random = RandomSource(seed: 21)
        let count = 200_000
        var sums = [0.0, 0, 0, 0]
        for _ in 0..<count {
            let z = random.normal()
            for power in 1...4 { sums[power - 1] += pow(z, Double(power)) }
        }
        // Five standard errors: the variance of z^k is (2k-1)!! minus the square of its mean.
        let expected = [0.0, 1, 0, 3]
        let variance = [1.0, 2, 15, 96]
        for power in 0..<4 {
            let bound = 5 * (variance[power] / Double(count)).squareRoot()
            let mean = sums[power] / Double(count)
            #expect(abs(mean - expected[power]) < bound, "seed 21, power \(power + 1)")
        }
    }

    @Test("Indices are uniform and uniform numbers stay in their range")
    func uniform() {
        var random = RandomSource(seed: 9)
        var counts = [Int](repeating: 0, count: 10)
        for _ in 0..<100_000 { counts[random.index(below: 10)] += 1 }
        let chiSquare = counts.reduce(0.0) { $0 + pow(Double($1) - 10_000, 2) / 10_000 }
        // 9 degrees of freedom: 27.9 is exceeded once in a thousand seeds.
        #expect(chiSquare < 27.9, "seed 9: \(counts)")
        for _ in 0..<10_000 {
            let value = random.uniform()
            #expect(value >= 0 && value < 1)
            let inRange = random.uniform(in: -0.25...3)
            #expect(inRange >= -0.25 && inRange <= 3)
        }
    }
}
