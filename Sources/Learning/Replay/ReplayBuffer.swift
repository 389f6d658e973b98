import Glibc

/// The transitions a learner draws from, oldest overwritten first.
///
/// Each transition is one record of floats on its own cache lines. Memory is reserved at once and
/// becomes resident only as it is filled. Used by one thread at a time.
@safe public final class ReplayBuffer {
    /// Numbers in an observation.
    public let observationCount: Int
    /// Numbers in an action.
    public let actionCount: Int
    /// Transitions held at most.
    public let capacity: Int
    /// Transitions held now.
    public private(set) var count = 0
    /// Transitions accepted since the beginning, overwritten ones included.
    public private(set) var appendedCount = 0
    /// Transitions refused because a number in them was infinite or NaN.
    public private(set) var refusedCount = 0

    private let recordStride: Int
    // Safety: the mapping is owned by this object alone, `capacity * recordStride` floats long,
    // zero where nothing was written, and unmapped in deinit.
    private let records: UnsafeMutablePointer<Float>
    private var drawn: DrawnSet

    /// Reserves room for `capacity` transitions.
    ///
    /// Traps on counts below 1, and when the address space for it cannot be had.
    public init(observationCount: Int, actionCount: Int, capacity: Int) {
        precondition(observationCount > 0 && actionCount > 0, "an empty transition")
        precondition(capacity > 0, "a replay of \(capacity) transitions")
        self.observationCount = observationCount
        self.actionCount = actionCount
        self.capacity = capacity
        recordStride = (2 * observationCount + actionCount + 2 + 15) / 16 * 16
        let bytes = capacity * recordStride * MemoryLayout<Float>.stride
        let flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE
        let mapping = unsafe mmap(nil, bytes, PROT_READ | PROT_WRITE, flags, -1, 0)
        guard let address = unsafe mapping, unsafe address != MAP_FAILED else {
            preconditionFailure("no address space for a replay of \(bytes) bytes")
        }
        unsafe records = address.bindMemory(to: Float.self, capacity: capacity * recordStride)
        drawn = DrawnSet()
    }

    deinit { unsafe munmap(records, capacity * recordStride * MemoryLayout<Float>.stride) }

    /// Adds a transition; false when a number in it is infinite or NaN, which is counted.
    ///
    /// `terminated` is true only at a true end, after which nothing more is to be earned; a time
    /// limit is not one. Traps when a length is not the buffer's.
    @discardableResult
    public func append(
        observation: Span<Float>,
        action: Span<Float>,
        reward: Float,
        nextObservation: Span<Float>,
        terminated: Bool
    ) -> Bool {
        let lengthsFit =
            observation.count == observationCount && action.count == actionCount
            && nextObservation.count == observationCount
        precondition(lengthsFit, "a transition of other lengths")
        guard
            reward.isFinite && isFinite(observation) && isFinite(action)
                && isFinite(nextObservation)
        else {
            refusedCount += 1
            return false
        }
        let base = (appendedCount % capacity) * recordStride
        write(observation, at: base)
        write(action, at: base + observationCount)
        write(nextObservation, at: base + observationCount + actionCount)
        unsafe records[base + recordStride - 2] = reward
        unsafe records[base + recordStride - 1] = terminated ? 0 : 1
        appendedCount += 1
        count = min(count + 1, capacity)
        return true
    }

    /// Adds a transition given as arrays; see the other `append`.
    @discardableResult
    public func append(
        observation: [Float],
        action: [Float],
        reward: Float,
        nextObservation: [Float],
        terminated: Bool
    ) -> Bool {
        append(
            observation: observation.span,
            action: action.span,
            reward: reward,
            nextObservation: nextObservation.span,
            terminated: terminated
        )
    }

    private func isFinite(_ values: Span<Float>) -> Bool {
        for index in values.indices where !values[index].isFinite { return false }
        return true
    }

    private func write(_ values: Span<Float>, at offset: Int) {
        for index in values.indices { unsafe records[offset + index] = values[index] }
    }

    /// Copies a uniform batch, drawn without replacement, into a learner's matrices.
    ///
    /// A buffer with fewer transitions than the batch gives each of them before any again. Traps
    /// on an empty buffer. `continues` is 0 at a true end and 1 elsewhere.
    func sample(
        into batch: ReplayBatch,
        rows: Range<Int>,
        steps: Int,
        discount: Float,
        random: inout RandomSource
    ) {
        precondition(count > 0, "nothing to draw from")
        drawn.begin()
        for row in rows {
            if drawn.count == count { drawn.begin() }
            var index = random.index(below: count)
            while !drawn.insert(index) { index = random.index(below: count) }
            batch.rows[row] = index
        }
        for row in rows {
            copyRecord(slot(batch.rows[row]), row: row, into: batch)
            batch.continues[row] *= discount
        }
    }

    /// Where the transition lies that has `index` older ones before it.
    ///
    /// Drawing by age makes a batch the same whether the ring was filled once around or reloaded
    /// from a journal.
    private func slot(_ index: Int) -> Int { (appendedCount - count + index) % capacity }

    private func copyRecord(_ index: Int, row: Int, into batch: ReplayBatch) {
        let record = unsafe records + index * recordStride
        let inputs = observationCount + actionCount
        unsafe batch.inputs.setRow(row, from: record, count: inputs)
        unsafe batch.nextInputs.setRow(row, from: record + inputs, count: observationCount)
        batch.rewards[row] = unsafe record[recordStride - 2]
        batch.continues[row] = unsafe record[recordStride - 1]
    }
}

/// Room for one batch: critic inputs now and next, and what came between.
final class ReplayBatch {
    /// Observation and action side by side.
    let inputs: Matrix
    /// The next observation, with room for an action beside it.
    let nextInputs: Matrix
    let rewards: FloatBuffer
    let continues: FloatBuffer
    /// Which transitions were drawn, 0 for the oldest held.
    var rows: [Int]

    let intermediates: [Matrix] = []
    let intermediateWeights: [FloatBuffer] = []

    init(
        observationCount: Int,
        actionCount: Int,
        size: Int,
        steps: Int = 1,
        withIntermediates: Bool = false
    ) {
        inputs = Matrix(rows: size, columns: observationCount + actionCount)
        nextInputs = Matrix(rows: size, columns: observationCount + actionCount)
        rewards = FloatBuffer(count: size)
        continues = FloatBuffer(count: size)
        rows = Array(repeating: 0, count: size)
    }
}

/// The indices drawn so far in one batch, in a small table that is cleared by a number.
private struct DrawnSet {
    private(set) var count = 0
    private var keys: [Int] = Array(repeating: 0, count: 1024)
    private var stamps: [UInt64] = Array(repeating: 0, count: 1024)
    private var stamp: UInt64 = 0

    /// Empties the set.
    mutating func begin() {
        stamp += 1
        count = 0
    }

    /// Adds an index; false when it was there.
    mutating func insert(_ key: Int) -> Bool {
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
