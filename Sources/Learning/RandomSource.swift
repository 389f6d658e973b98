import Glibc

/// A stream of random numbers that can be split by name, saved and resumed (xoshiro256++).
///
/// One run has one seed; every use of chance takes its own stream by name, so adding a draw in one
/// place moves nothing elsewhere. The period is 2^256 - 1.
public struct RandomSource: RandomNumberGenerator, Sendable, Equatable, Codable {
    private var s0: UInt64
    private var s1: UInt64
    private var s2: UInt64
    private var s3: UInt64

    /// The stream of a seed.
    ///
    /// Every seed is as good as any other.
    public init(seed: UInt64) {
        // SplitMix64 spreads the seed over the state and never makes all four words zero.
        var state = seed
        func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var z = state
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        (s0, s1, s2, s3) = (next(), next(), next(), next())
    }

    /// The stream that belongs to `name` in the run with this seed.
    public init(seed: UInt64, name: String) {
        // FNV-1a keeps names apart; the multiplication keeps seed and name from cancelling.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        self.init(seed: (seed &* 0xD134_2543_DE82_EF95) ^ hash)
    }

    /// The stream that goes on from a saved state of four words, or `nil` for any other state.
    ///
    /// Four zeros are refused: from there the generator never moves.
    public init?(words: [UInt64]) {
        guard words.count == 4, words.contains(where: { $0 != 0 }) else { return nil }
        (s0, s1, s2, s3) = (words[0], words[1], words[2], words[3])
    }

    /// The state, for a checkpoint.
    public var words: [UInt64] { [s0, s1, s2, s3] }

    /// The next 64 uniform bits.
    public mutating func next() -> UInt64 {
        let sum = s0 &+ s3
        let result = ((sum << 23) | (sum >> 41)) &+ s0
        let shifted = s1 << 17
        s2 ^= s0
        s3 ^= s1
        s1 ^= s2
        s0 ^= s3
        s2 ^= shifted
        s3 = (s3 << 45) | (s3 >> 19)
        return result
    }

    /// A uniform number in [0, 1), a multiple of 2^-53.
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A uniform number in a range.
    public mutating func uniform(in range: ClosedRange<Double>) -> Double {
        let value = range.lowerBound + uniform() * (range.upperBound - range.lowerBound)
        return min(value, range.upperBound)
    }

    /// A standard normal deviate (Box-Muller; takes two draws and keeps nothing back).
    public mutating func normal() -> Double {
        let radius = sqrt(-2 * log(1 - uniform()))
        return radius * cos(2 * Double.pi * uniform())
    }

    /// A uniform index in `0 ..< count`.
    ///
    /// Traps when `count` is not positive.
    public mutating func index(below count: Int) -> Int {
        precondition(count > 0, "no index below \(count)")
        // Lemire's multiplication; a draw is thrown away only where it would bias the result.
        let bound = UInt64(count)
        var product = next().multipliedFullWidth(by: bound)
        if product.low < bound {
            let threshold = (0 &- bound) % bound
            while product.low < threshold { product = next().multipliedFullWidth(by: bound) }
        }
        return Int(product.high)
    }
}
