/// Whether an owner does well to share its pieces with a second thread, judged by their times.
///
/// On one machine two threads are twice as fast as one; on another, whose cores have no cache in
/// common, small pieces take longer on both together than on one alone. Which of them a virtual
/// machine is may change from one second to the next. So the way not taken is tried now and then:
/// for a few pieces, seldom where the answer stays the same.
///
/// The shortest time of each kind of piece counts, so that what else happens on the machine for a
/// moment decides nothing; preemptions are `Truce`'s business.
struct SharingJudge {
    /// Pieces of a trial.
    static let trial = 20
    /// Pieces of a trial that count, its last: first the data has to move to its new place.
    static let counted = 10
    /// Pieces that stand for the usual way, the last ones before a trial.
    static let remembered = 100
    /// Pieces from one trial to the next.
    ///
    /// The fewest after a change, the most after a long time without one: some seconds of a
    /// learner's work, of which the trials are a hundredth.
    static let bounds = 200...1600

    /// Kinds of pieces told apart; others fall together.
    private static let kinds = 8
    /// The way that is taken between trials.
    private(set) var shares = true
    private var isTrying = false
    private var left = bounds.lowerBound
    private var interval = bounds.lowerBound
    /// How often each kind came since the last decision.
    private var frequency = [Int](repeating: 0, count: kinds)
    /// Nanoseconds each kind took at least, the usual way and the other.
    private var usual = [Int64?](repeating: nil, count: kinds)
    private var tried = [Int64?](repeating: nil, count: kinds)

    /// Whether the next piece is to be shared.
    var sharesNext: Bool { shares != isTrying }

    /// Takes note of how long a piece took, which was done as `sharesNext` said.
    mutating func note(_ piece: Int, nanoseconds: Int64) {
        let kind = piece & (Self.kinds - 1)
        frequency[kind] += 1
        left -= 1
        if isTrying {
            if left < Self.counted { tried[kind] = min(tried[kind] ?? .max, nanoseconds) }
        } else if left < Self.remembered {
            usual[kind] = min(usual[kind] ?? .max, nanoseconds)
        }
        guard left == 0 else { return }
        if isTrying { decide() }
        isTrying.toggle()
        left = isTrying ? Self.trial : interval
    }

    /// Compares both ways by the kinds of pieces that were done in both.
    private mutating func decide() {
        var (before, now): (Int64, Int64) = (0, 0)
        for kind in frequency.indices {
            guard let old = usual[kind], let new = tried[kind] else { continue }
            before += Int64(frequency[kind]) * old
            now += Int64(frequency[kind]) * new
        }
        // Sharing takes a second core: it has to be worth that, by an eighth.
        let isBetter = shares ? 8 * now < 9 * before : 9 * now < 8 * before
        if isBetter {
            shares.toggle()
            interval = Self.bounds.lowerBound
        } else {
            interval = min(2 * interval, Self.bounds.upperBound)
        }
        for kind in frequency.indices {
            (frequency[kind], usual[kind], tried[kind]) = (0, nil, nil)
        }
    }
}
