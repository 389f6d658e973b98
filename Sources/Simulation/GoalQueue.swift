import Robot

/// Goals on their way to the servos, in the order they were written; allocates nothing.
struct GoalQueue {
    /// Goals of one tick and when they arrive.
    struct Entry {
        var positions: JointArray<Radians?>
        var arrival: MonotonicTime
    }

    /// The most that can be under way; then the oldest are lost.
    static let capacity = 64

    private var entries: [Entry] = []
    private var first = 0
    private(set) var count = 0

    init() {}

    /// Adds goals; entries come out in this order even if a later one would arrive earlier.
    mutating func put(_ positions: JointArray<Radians?>, arrival: MonotonicTime) {
        let entry = Entry(positions: positions, arrival: arrival)
        if entries.isEmpty { entries = Array(repeating: entry, count: Self.capacity) }
        if count == Self.capacity { drop() }
        entries[(first + count) % Self.capacity] = entry
        count += 1
    }

    /// The oldest goals, if they arrive before `end`; each once.
    mutating func take(before end: MonotonicTime) -> Entry? {
        guard count > 0, entries[first].arrival < end else { return nil }
        let entry = entries[first]
        drop()
        return entry
    }

    /// A joint's goals do not arrive any more.
    mutating func forget(joint: Int) {
        for place in 0..<count { entries[(first + place) % Self.capacity].positions[joint] = nil }
    }

    private mutating func drop() {
        first = (first + 1) % Self.capacity
        count -= 1
    }
}
