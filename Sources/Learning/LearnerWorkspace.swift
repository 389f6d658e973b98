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
        critics = (0..<2).map { _ in CriticWorkspace(shape: critic, batch: size) }
        self.actor = ActorWorkspace(
            shape: actor,
            critic: critic,
            actionCount: actionCount,
            batch: size,
            settings: settings
        )
    }
}

/// A copy of everything an update changes, as it was when it was last known to be good.
final class GoodState {
    private let networks: [TrainedNetwork]
    private let copies: [FloatBuffer]
    private var temperature = Temperature(initial: 1)
    private var adamSteps = 0

    init(networks: [TrainedNetwork]) {
        self.networks = networks
        copies = networks.flatMap { $0.state.map { FloatBuffer(count: $0.buffer.count) } }
    }

    func keep(temperature: Temperature, adamSteps: Int) {
        for (copy, original) in zip(copies, networks.flatMap(\.state)) {
            copy.copy(from: original.buffer)
        }
        self.temperature = temperature
        self.adamSteps = adamSteps
    }

    func restore() -> (temperature: Temperature, adamSteps: Int) {
        for (copy, original) in zip(copies, networks.flatMap(\.state)) {
            original.buffer.copy(from: copy)
        }
        return (temperature, adamSteps)
    }
}

extension SACLearner {
    /// Copies the present state, if every number in it is finite.
    func keepGoodState() {
        let networks = [actor] + critics
        let isFinite = networks.allSatisfy { network in
            network.state.allSatisfy { kernels.allFinite($0.buffer) }
        }
        guard isFinite && temperature.logarithm.isFinite else { return }
        lastGood.keep(temperature: temperature, adamSteps: adamSteps)
    }

    /// Goes back to the last good state.
    ///
    /// The random streams go on, so the next batch is another.
    func returnToGoodState() {
        (temperature, adamSteps) = lastGood.restore()
        for network in [actor] + critics { network.refreshTransposes(kernels) }
        rollbackCount += 1
    }
}
