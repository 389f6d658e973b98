/// Everything an update writes besides the networks, allocated once.
final class LearnerWorkspace {
    let batch: ReplayBatch
    /// Normals for the next actions, then for the fresh ones.
    let noise: FloatBuffer
    var noiseWords: [UInt64]
    let targets: FloatBuffer
    let critics: [CriticWorkspace]
    let actor: ActorWorkspace
    /// The batch in one part for each thread.
    let blocks: [BatchBlock]

    init(actor: NetworkShape, critic: NetworkShape, actionCount: Int, settings: LearnerSettings) {
        let size = settings.batchSize
        batch = ReplayBatch(
            observationCount: actor.inputs,
            actionCount: actionCount,
            size: size
        )
        noise = FloatBuffer(count: 2 * actionCount * Matrix.stride(size))
        noiseWords = Array(repeating: 0, count: noise.count / 2)
        targets = FloatBuffer(count: size)
        // One thread turns all weights in one panel, which then stays in the first-level cache.
        let panels = (0..<settings.threads).map { _ in Activations.panel(for: [actor, critic]) }
        let critics = (0..<2).map {
            CriticWorkspace(shape: critic, batch: size, panel: panels[$0 % panels.count])
        }
        let room = ActorWorkspace(shape: actor, batch: size, panel: panels[0])
        let halves: [Half] = settings.threads == 1 ? [.whole] : [.first, .second]
        let parts = halves.map { $0.range(of: size, grain: 16) }.filter { !$0.isEmpty }
        blocks = zip(parts, panels).map { rows, panel in
            BatchBlock(
                rows: rows,
                actor: room,
                critics: critics,
                actionCount: actionCount,
                settings: settings,
                panel: panel
            )
        }
        (self.critics, self.actor) = (critics, room)
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
