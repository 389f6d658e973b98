/// The indices drawn so far in one batch, in a small table that is cleared by a number.
struct DrawnSet {
    private var count = 0
    private var keys: [Int] = Array(repeating: 0, count: 1024)
    private var stamps: [UInt64] = Array(repeating: 0, count: 1024)
    private var stamp: UInt64 = 0

    /// Draws indices below `count` without replacement into some places of a list.
    ///
    /// Fewer indices than places: each is drawn before any again.
    mutating func draw(
        _ places: Range<Int>,
        below count: Int,
        into list: inout [Int],
        random: inout RandomSource
    ) {
        begin()
        for place in places {
            if self.count == count { begin() }
            var index = random.index(below: count)
            while !insert(index) { index = random.index(below: count) }
            list[place] = index
        }
    }

    /// Empties the set.
    private mutating func begin() {
        stamp += 1
        count = 0
    }

    /// Adds an index; false when it was there.
    private mutating func insert(_ key: Int) -> Bool {
        if 2 * (count + 1) > keys.count { grow() }
        let mask = keys.count - 1
        var slot = Int(truncatingIfNeeded: UInt(bitPattern: key) &* 0x9E37_79B9_7F4A_7C15 >> 20)
        slot &= mask
        while stamps[slot] == stamp {
            if keys[slot] == key { return false }
            slot = (slot + 1) & mask
        }
        keys[slot] = key
        stamps[slot] = stamp
        count += 1
        return true
    }

    /// Doubles the table; happens only while the first batch of a larger size is drawn.
    private mutating func grow() {
        let held = zip(keys, stamps).filter { $0.1 == stamp }.map(\.0)
        self = DrawnSet(size: keys.count * 2)
        begin()
        for key in held { _ = insert(key) }
    }

    private init(size: Int) {
        keys = Array(repeating: 0, count: size)
        stamps = Array(repeating: 0, count: size)
    }

    init() { self.init(size: 1024) }
}
