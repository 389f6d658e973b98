/// Draws without replacement, and the small table that takes.
///
/// An entry is an index below the number of the round in which it was drawn: a new round empties
/// the table without touching it.
struct DrawnSet {
    private var entries: [UInt64] = []
    private var round: UInt64 = 0

    /// Draws indices below `count`, at most 2^32, into some places of a list.
    ///
    /// Fewer indices than places: each is drawn before any again. Allocates only for more places
    /// than ever before.
    mutating func draw(
        _ places: Range<Int>,
        below count: Int,
        into list: inout [Int],
        random: inout RandomSource
    ) {
        precondition(count <= 1 << 32, "\(count) indices")
        makeRoom(for: places.count)
        var list = list.mutableSpan
        var left = 0
        for place in places {
            if left == 0 {
                round += 1
                left = count
            }
            var index = random.index(below: count)
            while !Self.insert(round << 32 | UInt64(index), &entries) {
                index = random.index(below: count)
            }
            left -= 1
            list[place] = index
        }
    }

    /// Adds an entry; false when it was there.
    private static func insert(_ entry: UInt64, _ entries: inout [UInt64]) -> Bool {
        let mask = entries.count - 1
        var entries = entries.mutableSpan
        // The upper half of a product depends on all bits of its factor.
        var slot = Int((entry &* 0x9E37_79B9_7F4A_7C15) >> 32) & mask
        while entries[slot] >> 32 == entry >> 32 {
            if entries[slot] == entry { return false }
            slot = (slot + 1) & mask
        }
        entries[slot] = entry
        return true
    }

    /// Makes the table twice as large as what may lie in it, and keeps rounds apart for ever.
    private mutating func makeRoom(for count: Int) {
        var size = max(1024, entries.count)
        while size < 2 * count { size *= 2 }
        guard size > entries.count || round + UInt64(count) > 1 << 31 else { return }
        entries = Array(repeating: 0, count: size)
        round = 0
    }
}
