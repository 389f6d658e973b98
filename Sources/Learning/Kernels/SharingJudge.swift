/// Whether an owner does well to share its pieces with a second thread, judged by their times.
///
/// On one machine two threads are twice as fast as one, on another, whose cores have no cache in
/// common, small pieces take longer on both together than on one alone; and which of them a virtual
/// machine is may change from one second to the next. So the way not taken is tried now and then:
/// for a few pieces, seldom where the answer is clear.
struct SharingJudge {
    /// Pieces of a trial, and how many of them count: first the data has to move to its new place.
    static let trial = 40
    static let counted = 20
    /// Pieces from one trial to the next.
    ///
    /// The fewest after a change, the most after a long time without one. The most is a few seconds
    /// of a learner's work, and the trials a hundredth of that.
    static let bounds = 400...3200

    /// Mean times of each kind of piece, one way.
    private struct Times {
        private var sums = [Double](repeating: 0, count: SharingJudge.kinds)
        private(set) var counts = [Int](repeating: 0, count: SharingJudge.kinds)

        mutating func add(_ kind: Int, _ nanoseconds: Int64) {
            sums[kind] += Double(nanoseconds)
            counts[kind] += 1
        }

        mutating func clear() {
            for kind in sums.indices { (sums[kind], counts[kind]) = (0, 0) }
        }

        func mean(_ kind: Int) -> Double? {
            counts[kind] == 0 ? nil : sums[kind] / Double(counts[kind])
        }
    }

    /// Kinds of pieces told apart; others fall together.
    private static let kinds = 8
    /// The way that is taken between trials.
    private(set) var shares = true
    private var isTrying = false
    private var left = bounds.lowerBound
    private var interval = bounds.lowerBound
    private var usual = Times()
    private var tried = Times()

    /// Whether the next piece is to be shared.
    var sharesNext: Bool { shares != isTrying }

    /// Takes note of how long a piece took, which was done as `sharesNext` said.
    mutating func note(_ piece: Int, nanoseconds: Int64) {
        left -= 1
        if left < Self.counted {
            let kind = piece & (Self.kinds - 1)
            if isTrying { tried.add(kind, nanoseconds) } else { usual.add(kind, nanoseconds) }
        }
        guard left == 0 else { return }
        if isTrying { decide() }
        isTrying.toggle()
        left = isTrying ? Self.trial : interval
    }

    /// Compares both ways by the kinds of pieces that were done in both.
    private mutating func decide() {
        var (ours, theirs) = (0.0, 0.0)
        for kind in 0..<Self.kinds {
            guard let mean = usual.mean(kind), let other = tried.mean(kind) else { continue }
            ours += mean * Double(usual.counts[kind])
            theirs += other * Double(usual.counts[kind])
        }
        if theirs < ours {
            shares.toggle()
            interval = Self.bounds.lowerBound
        } else {
            interval = min(2 * interval, Self.bounds.upperBound)
        }
        usual.clear()
        tried.clear()
    }
}
