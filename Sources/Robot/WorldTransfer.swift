/// Carries a world's numbers into a `WorldState`, or back out of one.
///
/// Whoever owns a part of the world names it once and lists its numbers once; the same list serves
/// both ways, so that what is saved and what is restored cannot drift apart.
public struct WorldTransfer: Sendable {
    /// What was collected, or what is being restored from.
    public private(set) var state: WorldState
    /// The first thing that did not fit; what was restored is void then.
    public private(set) var problem: WorldProblem?
    /// Whether numbers come out of the state.
    public let isRestoring: Bool

    /// A transfer that collects.
    public init() {
        state = WorldState()
        isRestoring = false
    }

    /// A transfer that puts a saved state back.
    public init(restoring saved: WorldState) {
        state = saved
        isRestoring = true
    }

    /// Carries one part; `list` names its numbers in an order that never depends on their values.
    public mutating func part(_ name: String, _ list: (inout WorldNumbers) -> Void) {
        guard isRestoring else {
            var numbers = WorldNumbers()
            list(&numbers)
            state.parts[name] = numbers.words
            return
        }
        guard let words = state.parts[name] else { return refuse(.missing(part: name)) }
        var numbers = WorldNumbers(restoring: words)
        list(&numbers)
        if !numbers.allTaken { refuse(.doesNotFit(part: name)) }
    }

    /// Notes that the state cannot be carried; the first problem is kept.
    public mutating func refuse(_ problem: WorldProblem) { self.problem = self.problem ?? problem }
}

/// The numbers of one part of a world, on their way into words or out of them.
///
/// On the way out, a word that is missing or that no such number would have made leaves the number
/// as it was and spoils the part.
public struct WorldNumbers: Sendable {
    private(set) var words: [UInt64]
    private var next = 0
    private var isSpoilt = false
    /// Whether numbers come out of the words.
    public let isRestoring: Bool

    init() {
        words = []
        isRestoring = false
    }

    init(restoring words: [UInt64]) {
        self.words = words
        isRestoring = true
    }

    /// Whether every word became a number.
    var allTaken: Bool { !isSpoilt && next == words.count }

    /// Says that a number that came out cannot be right.
    public mutating func spoil() { isSpoilt = true }

    /// Carries 64 bits.
    public mutating func carry(_ value: inout UInt64) {
        guard isRestoring else {
            words.append(value)
            return
        }
        guard next < words.count else { return spoil() }
        value = words[next]
        next += 1
    }

    /// Carries a number with its sign of zero and its payload, whatever they are.
    public mutating func carry(_ value: inout Double) {
        var bits = value.bitPattern
        carry(&bits)
        value = Double(bitPattern: bits)
    }

    /// Carries a whole number.
    public mutating func carry(_ value: inout Int) {
        var bits = UInt64(bitPattern: Int64(value))
        carry(&bits)
        value = Int(Int64(bitPattern: bits))
    }

    /// Carries a whole number.
    public mutating func carry(_ value: inout Int64) {
        var bits = UInt64(bitPattern: value)
        carry(&bits)
        value = Int64(bitPattern: bits)
    }

    /// Carries a truth; any word but 0 and 1 spoils the part.
    public mutating func carry(_ value: inout Bool) {
        var bits: UInt64 = value ? 1 : 0
        carry(&bits)
        if bits > 1 { return spoil() }
        value = bits == 1
    }

    /// Carries a number that may be absent, in two words either way.
    public mutating func carry(_ value: inout Double?) {
        var isThere = value != nil
        var number = value ?? 0
        carry(&isThere)
        carry(&number)
        value = isThere ? number : nil
    }
}
