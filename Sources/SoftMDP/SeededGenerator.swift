/// A small generator for reproducible samples (SplitMix64, Steele, Lea and Flood 2014).
///
/// Passes BigCrush; good for sampling tables, not for secrets.
public struct SeededGenerator: RandomNumberGenerator, Sendable {
    private var state: UInt64

    /// The stream of a seed; every seed is as good as any other.
    public init(seed: UInt64) { state = seed }

    /// The next 64 uniform bits.
    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var bits = state
        bits = (bits ^ (bits >> 30)) &* 0xBF58_476D_1CE4_E5B9
        bits = (bits ^ (bits >> 27)) &* 0x94D0_49BB_1331_11EB
        return bits ^ (bits >> 31)
    }
}

extension RandomNumberGenerator {
    /// A uniform number in [0, 1), a multiple of 2^-53.
    ///
    /// Made here and not by the standard library, whose way from bits to numbers may change.
    mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A uniform index below `count`, which has to be positive.
    mutating func index(below count: Int) -> Int {
        min(Int(uniform() * Double(count)), count - 1)
    }

    /// An index drawn with these probabilities.
    mutating func index(from probabilities: [Double]) -> Int {
        var rest = uniform()
        for (index, probability) in probabilities.enumerated() {
            rest -= probability
            if rest < 0 { return index }
        }
        // Rounding may leave a little; it belongs to the last that can happen.
        return probabilities.lastIndex { $0 > 0 } ?? 0
    }
}
