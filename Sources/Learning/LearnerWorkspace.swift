/// Everything an update writes besides the networks, allocated once.
final class LearnerWorkspace {
    let batch: ReplayBatch
    /// Normals for the next actions, then for the fresh ones.
    let noise: FloatBuffer
    var noiseWords: [UInt64]
    let nextSamples: SquashedSamples
    let targets: FloatBuffer
    let critics: [CriticWorkspace]
    let actor: ActorWorkspace

    init(actor: NetworkShape, critic: NetworkShape, actionCount: Int, settings: LearnerSettings) {
        let size = settings.batchSize
        batch = ReplayBatch(
            observationCount: actor.inputs,
            actionCount: actionCount,
            size: size
        )
        nextSamples = SquashedSamples(actionCount: actionCount, batch: size, settings: settings)
        noise = FloatBuffer(count: 2 * actionCount * nextSamples.paddedCount)
        noiseWords = Array(repeating: 0, count: noise.count / 2)
        targets = FloatBuffer(count: size)
        let panel = Activations.panel(for: [actor, critic])
        critics = (0..<2).map { _ in CriticWorkspace(shape: critic, batch: size, panel: panel) }
        self.actor = ActorWorkspace(
            shape: actor,
            actionCount: actionCount,
            batch: size,
            settings: settings,
            panel: panel
        )
    }
}

/// A copy of everything an update changes, as it was when it was last known to be good.
final class GoodState {
    private let originals: [FloatBuffer]
    private let copies: [FloatBuffer]
    private var temperature = Temperature(initial: 1)
    private var adamSteps = 0

    init(networks: [TrainedNetwork]) {
        originals = networks.flatMap { $0.state.map(\.buffer) }
        copies = originals.map { FloatBuffer(count: $0.count) }
    }

    /// Copies the present state, if every number in it is finite.
    func keep(temperature: Temperature, adamSteps: Int, kernels: Kernels) {
        for original in originals where !kernels.allFinite(original) { return }
        guard temperature.isFinite else { return }
        for (copy, original) in zip(copies, originals) { copy.copy(from: original) }
        self.temperature = temperature
        self.adamSteps = adamSteps
    }

    /// Puts the copy back into the networks and returns what else was kept.
    func restore() -> (temperature: Temperature, adamSteps: Int) {
        for (copy, original) in zip(copies, originals) { original.copy(from: copy) }
        return (temperature, adamSteps)
    }
}

extension SACLearner {
    /// Makes the present state the one to return to, if every number in it is finite.
    func keepGoodState() {
        lastGood.keep(temperature: temperature, adamSteps: adamSteps, kernels: kernels)
    }

    /// Goes back to the last good state.
    ///
    /// The random streams go on, so the next batch is another.
    func returnToGoodState() {
        (temperature, adamSteps) = lastGood.restore()
        rollbackCount += 1
    }
}
