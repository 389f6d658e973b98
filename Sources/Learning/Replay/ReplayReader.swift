/// Enough to wait for many at once, few enough to stay in the first-level cache.
private let rowsAtATime = 32

/// Reads drawn transitions and their frames out of a replay's rings.
@unsafe struct ReplayReader {
    // Safety: both rings belong to the replay that made this value and outlives it; nothing is put
    // in meanwhile.
    let transitions: RingElements
    let frames: RingElements
    let newestFrame: Int
    let count: Int
    let historyFrames: Int
    let windowFrames: Int
    let frameFloats: Int
    let actionCount: Int

    private var observationCount: Int { unsafe historyFrames * frameFloats }

    /// Fills rows whose transitions have been drawn.
    ///
    /// Draws lie anywhere in memory, so most of the time would go into waiting for it, one row
    /// after the other. Two short loops first ask for what some rows begin with; the processor
    /// waits for many of these at once, and has them near when the rows are copied.
    func read(_ rows: Range<Int>, of batch: ReplayBatch, steps: Int, discount: Float) {
        let drawn = batch.rows
        var found: UInt32 = 0
        var first = rows.lowerBound
        while first < rows.upperBound {
            let group = first..<min(first + rowsAtATime, rows.upperBound)
            for row in group { unsafe found |= askFor(transition(drawn[row])) }
            for row in group { unsafe found |= askForFrames(of: transition(drawn[row])) }
            for row in group {
                unsafe follow(drawn[row], into: row, of: batch, steps: steps, discount: discount)
            }
            first = group.upperBound
        }
        batch.readAhead = found
    }

    /// Rows read at a time.
    private static var group: Int { 64 }

    /// The transition that has `index` older ones before it.
    private func transition(_ index: Int) -> StoredTransition {
        let slot = unsafe transitions.slot(age: count - 1 - index)
        return unsafe StoredTransition(transitions[slot])
    }

    private func age(_ stored: StoredTransition) -> Int {
        unsafe stored.frameAge(newest: newestFrame)
    }

    /// Touches both ends of a transition, which may lie on two cache lines.
    private func askFor(_ stored: StoredTransition) -> UInt32 {
        unsafe stored.frame | stored.action[actionCount - 1].bitPattern
    }

    /// Touches each cache line of an observation and of the frame that follows it.
    private func askForFrames(of stored: StoredTransition) -> UInt32 {
        let slot = unsafe frames.slot(age: age(stored) - 1)
        let bytes = unsafe min(historyFrames + 1, frames.slots - slot) * frames.stride
        let start = unsafe frames[slot]
        var found = unsafe start.load(fromByteOffset: bytes - 4, as: UInt32.self)
        for offset in stride(from: 0, to: bytes, by: 64) {
            found |= unsafe start.load(fromByteOffset: offset, as: UInt32.self)
        }
        return found
    }

    /// Sums what a drawn transition and those after it earn, and copies what a row needs.
    private func follow(
        _ index: Int,
        into row: Int,
        of batch: ReplayBatch,
        steps: Int,
        discount: Float
    ) {
        var stored = unsafe transition(index)
        let column = batch.featureCount
        unsafe copyWindow(age: age(stored), to: batch.inputs, row: row, column: column)
        unsafe copyAction(stored, to: batch.inputs, row: row, column: column + observationCount)
        if batch.pixels.columns > 0 { batch.frameAges[row] = unsafe age(stored) }
        var (sum, weight) = unsafe (stored.reward, discount)
        var taken = 1
        while taken < steps, unsafe index + taken < count,
            unsafe !stored.flags.contains(.terminated)
        {
            let next = unsafe transition(index + taken)
            guard unsafe next.flags.contains(.goesOn) else { break }
            unsafe stored = unsafe next
            if taken <= batch.intermediateCount {
                batch.intermediateWeights[taken - 1][row] = weight
                unsafe copyWindow(age: age(stored), to: batch.intermediates[taken - 1], row: row)
            }
            unsafe sum += weight * stored.reward
            weight *= discount
            taken += 1
        }
        batch.rewards[row] = sum
        batch.continues[row] = unsafe stored.flags.contains(.terminated) ? 0 : weight
        let further = unsafe stored.flags.contains(.hasOwnNext) ? windowFrames : 1
        let next = unsafe age(stored) - further
        if batch.pixels.columns > 0 { batch.nextFrameAges[row] = next }
        unsafe copyWindow(age: next, to: batch.nextInputs, row: row, column: column)
        for place in (taken - 1)..<max(taken - 1, batch.intermediateCount) {
            batch.intermediateWeights[place][row] = 0
            unsafe copyWindow(age: next, to: batch.intermediates[place], row: row)
        }
    }

    private func copyAction(
        _ stored: StoredTransition,
        to matrix: Matrix,
        row: Int,
        column: Int
    ) {
        let place = unsafe matrix.buffer.pointer(
            at: matrix.offset + row * matrix.stride + column,
            length: actionCount
        )
        unsafe place.update(from: stored.action, count: actionCount)
    }

    /// Copies the window whose newest frame has `age` newer ones into a row.
    private func copyWindow(age: Int, to matrix: Matrix, row: Int, column: Int = 0) {
        let slot = unsafe frames.slot(age: age)
        let place = unsafe matrix.buffer.pointer(
            at: matrix.offset + row * matrix.stride + column,
            length: observationCount
        )
        let beforeEnd = unsafe min(historyFrames, frames.slots - slot) * frameFloats
        let newest = unsafe frames[slot].assumingMemoryBound(to: Float.self)
        unsafe place.update(from: newest, count: beforeEnd)
        let rest = unsafe observationCount - beforeEnd
        guard rest > 0 else { return }
        let older = unsafe frames[0].assumingMemoryBound(to: Float.self)
        unsafe (place + beforeEnd).update(from: older, count: rest)
    }
}
