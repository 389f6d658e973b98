import Synchronization

/// Counts how long something took, in nanoseconds, without allocating and without locks.
///
/// One thread records; any thread reads meanwhile. A bucket's width is at most 1/64 of its values:
/// 64 buckets for each doubling, up to `maximum`, which also stands for everything above it. Memory
/// is taken once, 16 kB. Why not a ready-made one: docs/decisions/007.
@safe public struct LatencyHistogram: ~Copyable, @unchecked Sendable {
    // Safety: the buffer is made in `init`, never moved and freed in `deinit`; its elements are
    // atomics, so that reading beside the one writer is defined.
    private let counts: UnsafeMutableBufferPointer<Atomic<UInt64>>
    private let largest = Atomic<UInt64>(0)

    /// The largest value told apart from larger ones, nanoseconds (68 s).
    public static var maximum: UInt64 { (1 << 36) - 1 }

    /// Bits of a value that say which of an octave's buckets it is in.
    private static var fineBits: Int { 6 }
    private static var bucketCount: Int { bucket(of: maximum) + 1 }

    /// A histogram that has seen nothing.
    public init() {
        unsafe counts = .allocate(capacity: Self.bucketCount)
        for index in unsafe counts.indices {
            unsafe counts.initializeElement(at: index, to: Atomic(0))
        }
    }

    deinit {
        unsafe counts.deinitialize()
        unsafe counts.deallocate()
    }

    /// Counts a duration; a negative one counts as 0.
    ///
    /// From one thread only: an addition is a load and a store, not an exchange.
    public func record(_ nanoseconds: Int64) {
        let value = min(UInt64(max(0, nanoseconds)), Self.maximum)
        let index = Self.bucket(of: value)
        let count = unsafe counts[index].load(ordering: .relaxed)
        unsafe counts[index].store(count &+ 1, ordering: .relaxed)
        if value > largest.load(ordering: .relaxed) { largest.store(value, ordering: .relaxed) }
    }

    /// Count, quantiles and maximum as they stand.
    ///
    /// A quantile is the largest value of its bucket, so it is never too small.
    public var figures: LatencyFigures {
        var total: UInt64 = 0
        var copy = [UInt64](repeating: 0, count: Self.bucketCount)
        for index in copy.indices {
            copy[index] = unsafe counts[index].load(ordering: .relaxed)
            total += copy[index]
        }
        let top = largest.load(ordering: .relaxed)
        func quantile(_ share: Double) -> Int64 {
            let rank = max(1, UInt64((share * Double(total)).rounded(.up)))
            var seen: UInt64 = 0
            for index in copy.indices {
                seen += copy[index]
                if seen >= rank { return Int64(min(Self.highest(of: index), top)) }
            }
            return Int64(top)
        }
        guard total > 0 else { return LatencyFigures() }
        var figures = LatencyFigures()
        figures.count = Int(total)
        figures.median = quantile(0.5)
        figures.p99 = quantile(0.99)
        figures.p999 = quantile(0.999)
        figures.maximum = Int64(top)
        return figures
    }

    /// How many durations were at most each of `bounds`, and what all take together.
    ///
    /// A duration in a bucket that reaches over a bound counts as longer; the sum takes every
    /// duration for the middle of its bucket, so it is right to one part in a hundred.
    public func distribution(upTo bounds: [Int64]) -> (counts: [Int], sumNanoseconds: Double) {
        var counts = [Int](repeating: 0, count: bounds.count)
        var sum = 0.0
        var total = 0
        var place = 0
        for index in 0..<Self.bucketCount {
            let highest = Self.highest(of: index)
            while place < bounds.count, highest > UInt64(max(0, bounds[place])) {
                counts[place] = total
                place += 1
            }
            let count = Int(unsafe self.counts[index].load(ordering: .relaxed))
            let lowest = index == 0 ? 0 : Self.highest(of: index - 1) + 1
            sum += Double(count) * (Double(lowest) + Double(highest)) / 2
            total += count
        }
        while place < bounds.count {
            counts[place] = total
            place += 1
        }
        return (counts, sum)
    }

    /// Values below 128 have a bucket each; above, the leading seven bits choose it.
    static func bucket(of value: UInt64) -> Int {
        let exponent = UInt64.bitWidth - 1 - value.leadingZeroBitCount
        let shift = max(0, exponent - fineBits)
        return (shift << fineBits) + Int(value >> UInt64(shift))
    }

    /// The largest value that falls into a bucket.
    static func highest(of bucket: Int) -> UInt64 {
        let shift = max(0, (bucket >> fineBits) - 1)
        let leading = UInt64(bucket - (shift << fineBits))
        return ((leading + 1) << UInt64(shift)) - 1
    }
}

/// What a histogram says, nanoseconds; zeros if it has seen nothing.
public struct LatencyFigures: Sendable, Hashable {
    /// How many durations were counted.
    public var count = 0
    /// Half of them took no longer.
    public var median: Int64 = 0
    /// 99 % of them took no longer.
    public var p99: Int64 = 0
    /// 99.9 % of them took no longer.
    public var p999: Int64 = 0
    /// The longest.
    public var maximum: Int64 = 0

    /// Figures of nothing.
    public init() {}
}
