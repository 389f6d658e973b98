/// Soft Actor-Critic, second version: twin critics, learned temperature.
///
/// One update draws a batch, moves both critics toward the soft Bellman target, moves the actor
/// toward the lower critic plus entropy, moves the temperature toward the entropy to keep, and lets
/// the target critics follow. Nothing is allocated in an update. Used by one thread at a
/// time; with `threads` 2 it has a second one of its own, which ends with it.
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
    private let work: SACUpdate
    /// Does half of each piece, if the settings ask for two threads.
    let secondThread: SecondThread?
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
        kernels: Kernels,
        startsThread: Bool = true
    ) {
        precondition(settings.batchSize > 0, "a batch of \(settings.batchSize)")
        precondition((1...2).contains(settings.threads), "\(settings.threads) threads")
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
        actor = TrainedNetwork(
            shape: actorShape,
            hasTarget: settings.policySmoothing < 1,
            random: &random
        )
        critics = (0..<2).map { _ in
            TrainedNetwork(shape: criticShape, hasTarget: true, random: &random)
        }
        temperature = Temperature(initial: settings.initialTemperature)
        samplingRandom = RandomSource(seed: seed, name: "batches")
        noiseRandom = RandomSource(seed: seed, name: "update noise")
        let work = SACUpdate(
            actor: actor,
            critics: critics,
            room: LearnerWorkspace(
                actor: actorShape,
                critic: criticShape,
                actionCount: actionCount,
                settings: settings
            ),
            settings: settings,
            kernels: kernels
        )
        self.work = work
        secondThread =
            settings.threads == 1
            ? nil
            : SecondThread(name: "sacbot-learner2", starts: startsThread) { piece, half in
                guard let piece = SACUpdate.Piece(rawValue: piece) else { return }
                work.perform(piece, half: half)
            }
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
        let room = work.room
        replay.sample(
            into: room.batch,
            rows: 0..<settings.batchSize,
            steps: 1,
            discount: Float(settings.discount),
            random: &samplingRandom
        )
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
        work.alpha = alpha
        work.criticStep = adamStep(settings.criticLearningRate)
        work.actorStep = adamStep(settings.actorLearningRate)
        perform(.targets)
        perform(.critics)
        let criticLoss = work.criticLossSum
        guard criticLoss.isFinite else {
            return metrics(critic: criticLoss, actor: nil, alpha: alpha, meanQ: .nan)
        }
        let meanValue = work.meanValue
        perform(.actorSlopes)
        let loss = work.actorLoss
        if loss.loss.isFinite { moveActor(loss) }
        return metrics(critic: criticLoss, actor: loss, alpha: alpha, meanQ: meanValue)
    }

    private func moveActor(_ loss: ActorLoss) {
        perform(.actorGradient)
        perform(.actorStep)
        let slope = Temperature.loss(
            logarithm: Double(temperature.logarithm),
            meanLogDensity: loss.meanLogDensity,
            targetEntropy: settings.targetEntropy(actionCount: actionCount)
        ).slope
        temperature.step(slope: slope, step: adamStep(settings.temperatureLearningRate))
    }

    private func perform(_ piece: SACUpdate.Piece) {
        if let secondThread {
            secondThread.run(piece.rawValue)
        } else {
            work.perform(piece, half: 0)
            // Only the critics are two whatever the number of threads.
            if piece == .critics { work.perform(piece, half: 1) }
        }
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
