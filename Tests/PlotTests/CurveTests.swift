import Plot
import Testing

/// Draws that say their seed when a test fails.
private struct Draws {
    var generator: SystemDraws
    init(seed: UInt64) { generator = SystemDraws(state: seed) }
    mutating func unit() -> Double { Double.random(in: 0..<1, using: &generator) }
    mutating func index(_ bound: Int) -> Int { Int.random(in: 0..<bound, using: &generator) }
}

/// SplitMix64, by Steele and others, 2014.
private struct SystemDraws: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

@Suite("Thinned curves")
struct CurveTests {
    private func column(_ x: Double, _ curve: Curve, _ columns: Int) -> Int {
        let first = curve.x[0]
        let share = (x - first) / (curve.x[curve.x.count - 1] - first)
        return min(columns - 1, Int(share * Double(columns)))
    }

    @Test(
        "each column keeps its first, lowest, highest and last value",
        arguments: 0..<40 as Range<UInt64>
    )
    func extremes(seed: UInt64) {
        var draws = Draws(seed: seed)
        let columns = 1 + draws.index(60)
        let count = 2 * columns + 1 + draws.index(3000)
        var place = 0.0
        let x = (0..<count).map { _ in
            place += draws.unit()
            return place
        }
        let curve = Curve(x: x, y: x.map { _ in draws.unit() * 10 - 5 })
        let thin = curve.thinned(columns: columns)
        #expect(thin.x.count <= 4 * columns, "seed \(seed)")
        #expect(zip(thin.x, thin.x.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
        let all = Dictionary(grouping: curve.x.indices) { column(curve.x[$0], curve, columns) }
        let kept = Dictionary(grouping: thin.x.indices) { column(thin.x[$0], curve, columns) }
        #expect(Set(all.keys) == Set(kept.keys), "seed \(seed)")
        for (place, indices) in all {
            let before = indices.map { curve.y[$0] }
            let after = (kept[place] ?? []).map { thin.y[$0] }
            #expect(before.min() == after.min() && before.max() == after.max(), "seed \(seed)")
            #expect(before.first == after.first && before.last == after.last, "seed \(seed)")
        }
    }

    @Test("a single peak among a million points is drawn")
    func peak() {
        var y = [Double](repeating: 1, count: 1_000_000)
        y[654_321] = 70
        let thin = Curve(x: y.indices.map(Double.init), y: y).thinned(columns: 300)
        #expect(thin.y.contains(70))
        #expect(thin.x.count <= 1200)
    }

    @Test("a gap wider than a column stays, one inside a column goes")
    func gaps() {
        var y = (0..<1000).map(Double.init)
        for index in 400..<600 { y[index] = .nan }
        y[105] = .infinity
        let curve = Curve(x: y.indices.map(Double.init), y: y)
        let thin = curve.thinned(columns: 10)
        #expect(thin.y.count { !$0.isFinite } == 1)
        let gap = thin.y.firstIndex { !$0.isFinite } ?? 0
        #expect(thin.y[gap - 1] == 399 && thin.y[gap + 1] == 600)
        let nothing = Curve(x: curve.x, y: curve.x.map { _ in .nan })
        #expect(nothing.thinned(columns: 10).x.isEmpty && nothing.range == nil)
    }

    @Test("what is short already stays as it is")
    func short() {
        let curve = Curve(x: [0, 1, 2, 3], y: [3, .nan, 1, 2])
        let thin = curve.thinned(columns: 2)
        #expect(thin.x == curve.x && thin.y.count { $0.isNaN } == 1)
    }

    @Test("a band encloses what it was", arguments: 0..<20 as Range<UInt64>)
    func band(seed: UInt64) {
        var draws = Draws(seed: seed)
        let x = (0..<(50 + draws.index(2000))).map(Double.init)
        let middle = x.map { _ in draws.unit() }
        let band = Band(
            x: x,
            low: middle.map { $0 - draws.unit() },
            high: middle.map { $0 + draws.unit() }
        )
        let columns = 1 + draws.index(40)
        let thin = band.thinned(columns: columns)
        #expect(thin.low.x.count <= columns + 1, "seed \(seed)")
        #expect(thin.low.range?.lowerBound == band.low.range?.lowerBound, "seed \(seed)")
        #expect(thin.high.range?.upperBound == band.high.range?.upperBound, "seed \(seed)")
        #expect(thin.low.x.last == x.last, "seed \(seed)")
    }
}
