/// Soft Actor-Critic, second version: twin critics, learned temperature.
///
/// One update draws a batch, moves both critics toward the soft Bellman target, moves the actor
/// toward the lower critic plus entropy, moves the temperature toward the entropy to keep, and lets
/// the target critics follow. Nothing is allocated in an update. Used by one thread at a time.
/// The same seed, settings and replay give the same bits on the same machine.
public final class SACLearner {
    /// What it was made with.
    public let settings: LearnerSettings
    /// Numbers in an observation.
    public let observationCount: Int
    /// Numbers in an action.
    public let actionCount: Int
    /// Updates done since the beginning, those taken back included.
    public internal(set) var updateCount = 0
    /// How often a loss that was not finite made it return to earlier parameters.
    public internal(set) var rollbackCount = 0

    let kernels: Kernels
    let actor: TrainedNetwork
    let critics: [TrainedNetwork]
    var temperature: Temperature
    /// Adam steps behind the present parameters; a rollback takes it back.
    var adamSteps = 0
    var samplingRandom: RandomSource
    var noiseRandom: RandomSource
    private let room: LearnerWorkspace
    let lastGood: GoodState

    /// A learner with fresh networks.
    ///
    /// Traps when the settings contradict themselves.
    public convenience init(
        settings: LearnerSettings,
        observationCount: Int,
        actionCount: Int,
        seed: UInt64
    ) {
        self.init(
            settings: settings,
            observationCount: observationCount,
            actionCount: actionCount,
            seed: seed,
            kernels: Kernels()
        )
    }

    init(
        settings: LearnerSettings,
        observationCount: Int,
        actionCount: Int,
        seed: UInt64,
        kernels: Kernels
    ) {
        precondition(settings.batchSize > 0, "a batch of \(settings.batchSize)")
        self.settings = settings
        self.observationCount = observationCount
        self.actionCount = actionCount
        self.kernels = kernels
        let actorShape = NetworkShape(
            inputs: observationCount,
            hidden: settings.hiddenWidths,
            outputs: 2 * actionCount
        )
        let criticShape = NetworkShape(
            inputs: observationCount + actionCount,
            hidden: settings.hiddenWidths,
            outputs: 1
        )
        var random = RandomSource(seed: seed, name: "networks")
        actor = TrainedNetwork(shape: actorShape, hasTarget: false, random: &random)
        critics = (0..<2).map { _ in
            TrainedNetwork(shape: criticShape, hasTarget: true, random: &random)
        }
        temperature = Temperature(initial: settings.initialTemperature)
        samplingRandom = RandomSource(seed: seed, name: "batches")
        noiseRandom = RandomSource(seed: seed, name: "update noise")
        room = LearnerWorkspace(
            actor: actorShape,
            critic: criticShape,
            actionCount: actionCount,
            settings: settings
        )
        lastGood = GoodState(networks: [actor] + critics)
        keepGoodState()
    }

    /// The temperature now.
    public var currentTemperature: Double { Double(temperature.value) }

    /// One update of critics, actor, temperature and targets.
    ///
    /// Traps when the replay is empty or holds transitions of other lengths. Without a finite
    /// loss, networks, moments and temperature return to the last known good ones.
    public func update(from replay: ReplayBuffer) -> UpdateMetrics {
        let lengthsFit =
            replay.observationCount == observationCount && replay.actionCount == actionCount
        precondition(lengthsFit, "a replay of other lengths")
        replay.sample(into: room.batch, random: &samplingRandom)
        kernels.normals(into: room.noise, words: &room.noiseWords, random: &noiseRandom)
        updateCount += 1
        let metrics = step(alpha: temperature.value)
        guard metrics.isFinite else {
            returnToGoodState()
            return metrics
        }
        if updateCount % Self.goodStateInterval == 0 { keepGoodState() }
        return metrics
    }

    /// Updates between two copies of the good state; a copy costs about a tenth of an update.
    static let goodStateInterval = 500

    private func step(alpha: Float) -> UpdateMetrics {
        adamSteps += 1
        prepareTargets(alpha: alpha)
        var criticLossSum = 0.0
        var valueSum = 0.0
        for (critic, workspace) in zip(critics, room.critics) {
            let loss = criticLoss(
                critic,
                input: room.batch.inputs,
                targets: room.targets,
                workspace: workspace,
                kernels: kernels
            )
            criticLossSum += loss
            for index in 0..<settings.batchSize { valueSum += Double(workspace.values[index]) }
            guard loss.isFinite else { break }
            critic.step(
                adamStep(settings.criticLearningRate),
                smoothing: Float(settings.targetSmoothing),
                kernels: kernels
            )
        }
        guard criticLossSum.isFinite else {
            return metrics(critic: criticLossSum, actor: nil, alpha: alpha, meanQ: .nan)
        }
        let loss = actorLoss(
            actor,
            critics: critics,
            input: room.batch.inputs,
            noise: room.noise,
            noiseOffset: room.noise.count / 2,
            alpha: alpha,
            workspace: room.actor,
            criticWorkspaces: room.critics,
            kernels: kernels
        )
        if loss.loss.isFinite { moveActor(loss) }
        return metrics(
            critic: criticLossSum,
            actor: loss,
            alpha: alpha,
            meanQ: valueSum / Double(2 * settings.batchSize)
        )
    }

    private func moveActor(_ loss: ActorLoss) {
        actor.step(adamStep(settings.actorLearningRate), smoothing: 0, kernels: kernels)
        let slope = Temperature.loss(
            logarithm: Double(temperature.logarithm),
            meanLogDensity: loss.meanLogDensity,
            targetEntropy: settings.targetEntropy(actionCount: actionCount)
        ).slope
        temperature.step(slope: slope, step: adamStep(settings.temperatureLearningRate))
    }

    private func prepareTargets(alpha: Float) {
        let (observations, actions) = split(room.batch.nextInputs, actionCount: actionCount)
        forwardActor(
            actor.shape,
            actor.parameters,
            input: observations,
            activations: room.actor.activations,
            head: room.actor.output,
            kernels: kernels
        )
        room.nextSamples.draw(
            from: room.actor.output,
            noise: room.noise,
            noiseOffset: 0,
            into: actions,
            kernels: kernels
        )
        for (critic, workspace) in zip(critics, room.critics) {
            guard let target = critic.target else { preconditionFailure("no target critic") }
            forwardCritic(
                critic.shape,
                target,
                input: room.batch.nextInputs,
                activations: workspace.activations,
                values: workspace.values,
                kernels: kernels
            )
        }
        bootstrapTargets(
            rewards: room.batch.rewards,
            continues: room.batch.continues,
            nextValues: (room.critics[0].values, room.critics[1].values),
            nextLogDensity: room.nextSamples.logDensity,
            discount: Float(settings.discount),
            alpha: alpha,
            batch: settings.batchSize,
            into: room.targets
        )
    }

    private func adamStep(_ rate: Double) -> AdamStep {
        AdamStep(count: adamSteps, rate: rate, settings: settings)
    }

    private func metrics(
        critic: Double,
        actor: ActorLoss?,
        alpha: Float,
        meanQ: Double
    ) -> UpdateMetrics {
        let actorLoss = actor?.loss ?? .nan
        return UpdateMetrics(
            criticLoss: critic,
            actorLoss: actorLoss,
            temperature: Double(alpha),
            entropy: -(actor?.meanLogDensity ?? .nan),
            meanQ: meanQ,
            isFinite: critic.isFinite && actorLoss.isFinite
        )
    }
}
