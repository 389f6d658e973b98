/// A copy of everything an update changes, as it was when it was last known to be good.
final class GoodState {
    private let originals: [FloatBuffer]
    private let copies: [FloatBuffer]
    private var temperature = Temperature(initial: 1)
    private var counts = Learner.StepCounts()

    init(buffers: [FloatBuffer]) {
        originals = buffers
        copies = originals.map { FloatBuffer(count: $0.count) }
    }

    /// Copies the present state, if every number in it is finite.
    func keep(temperature: Temperature, counts: Learner.StepCounts, kernels: Kernels) {
        for original in originals where !kernels.allFinite(original) { return }
        guard temperature.isFinite else { return }
        for (copy, original) in zip(copies, originals) { copy.copy(from: original) }
        self.temperature = temperature
        self.counts = counts
    }

    /// Puts the copy back into the networks and returns what else was kept.
    func restore() -> (temperature: Temperature, counts: Learner.StepCounts) {
        for (copy, original) in zip(copies, originals) { original.copy(from: copy) }
        return (temperature, counts)
    }
}

extension Learner {
    /// Makes the present state the one to return to, if every number in it is finite.
    func keepGoodState() {
        lastGood.keep(temperature: temperature, counts: counts, kernels: kernels)
    }

    /// Goes back to the last good state.
    ///
    /// The random streams go on, so the next batch is another.
    func returnToGoodState() {
        (temperature, counts) = lastGood.restore()
        rollbackCount += 1
    }
}
