/// Soft Actor-Critic and its relatives, as the settings say.
///
/// One update draws a batch, moves the critics toward their soft Bellman target, moves the actor and
/// the temperature when they are due, and lets the targets follow. Nothing is allocated in an
/// update once batches have their size. Used by one thread at a time; with `threads` 2 it has a
/// second one of its own, which ends with it.
/// The same seed, settings and replay give the same bits on the same machine.
public final class Learner {
    /// What it was made with.
    public let settings: LearnerSettings
    /// Numbers in an observation.
    public let observationCount: Int
    /// Numbers in an action.
    public let actionCount: Int
    /// The pictures it learns from beside the numbers, if any.
    public let image: ImageLayout?
    /// Updates done since the beginning, those taken back included.
    public internal(set) var updateCount = 0
    /// How often a loss that was not finite made it return to earlier parameters.
    public internal(set) var rollbackCount = 0

    let kernels: Kernels
    let networks: LearnerNetworks
    var temperature: Temperature
    var counts = StepCounts()
    /// What the last update that looked at the actor found.
    var lastActorLoss: ActorLoss?
    /// Mean and deviation of the observations, if the settings ask for them.
    var normaliser: RunningNormaliser?
    var samplingRandom: RandomSource
    var noiseRandom: RandomSource
    private let work: Work
    /// Does half of each piece, if the settings ask for two threads.
    let secondThread: SecondThread?
    let lastGood: GoodState

    /// Adam steps behind the present parameters; a rollback takes them back.
    struct StepCounts: Equatable {
        var critics = 0
        var actor = 0
    }

    /// The update that the algorithm asks for.
    private enum Work {
        case actorCritic(ActorCriticUpdate)
        case crossQ(CrossQUpdate)
        case softQ(SoftQUpdate)
    }

    /// A learner with fresh networks.
    ///
    /// With pictures, `observationCount` counts the numbers beside them, and the settings need an
    /// encoder. Traps when the settings contradict themselves (`LearnerSettings.problem`) or the
    /// pictures (`LearnerSettings.problem(of:)`).
    public convenience init(
        settings: LearnerSettings,
        observationCount: Int,
        actionCount: Int,
        image: ImageLayout? = nil,
        seed: UInt64
    ) {
        self.init(
            settings: settings,
            observationCount: observationCount,
            actionCount: actionCount,
            image: image,
            seed: seed,
            kernels: Kernels()
        )
    }

    init(
        settings: LearnerSettings,
        observationCount: Int,
        actionCount: Int,
        image: ImageLayout? = nil,
        seed: UInt64,
        kernels: Kernels,
        startsThread: Bool = true
    ) {
        let problem = settings.problem ?? settings.problem(of: image)
        if let problem { preconditionFailure(problem) }
        self.settings = settings
        self.observationCount = observationCount
        self.actionCount = actionCount
        self.image = image
        self.kernels = kernels
        let shapes = LearnerShapes(
            settings: settings,
            observationCount: observationCount,
            actionCount: actionCount,
            image: image
        )
        var random = RandomSource(seed: seed, name: "networks")
        networks = LearnerNetworks(shapes: shapes, settings: settings, random: &random)
        temperature = Temperature(initial: settings.initialTemperature)
        normaliser =
            settings.normalisesObservations ? RunningNormaliser(count: observationCount) : nil
        samplingRandom = RandomSource(seed: seed, name: "batches")
        noiseRandom = RandomSource(seed: seed, name: "update noise")
        (work, secondThread) = Self.work(networks, settings, kernels, startsThread)
        lastGood = GoodState(buffers: networks.buffers)
        keepGoodState()
    }

    private static func work(
        _ networks: LearnerNetworks,
        _ settings: LearnerSettings,
        _ kernels: Kernels,
        _ startsThread: Bool
    ) -> (Work, SecondThread?) {
        let plan = UpdatePlan(settings: settings)
        switch settings.algorithm {
        case .softActorCritic, .valueNetwork:
            let update = ActorCriticUpdate(
                networks: networks,
                settings: settings,
                kernels: kernels,
                plan: plan
            )
            guard settings.threads > 1 else { return (.actorCritic(update), nil) }
            let thread = SecondThread(name: "sacbot-learner2", starts: startsThread) {
                piece,
                half in
                guard let piece = ActorCriticUpdate.Piece(rawValue: piece) else { return }
                update.perform(piece, half: half)
            }
            return (.actorCritic(update), thread)
        case .crossQ:
            let update = CrossQUpdate(
                networks: networks,
                settings: settings,
                kernels: kernels,
                plan: plan
            )
            guard settings.threads > 1 else { return (.crossQ(update), nil) }
            let thread = SecondThread(name: "sacbot-learner2", starts: startsThread) {
                piece,
                half in
                guard let piece = CrossQUpdate.Piece(rawValue: piece) else { return }
                update.perform(piece, half: half)
            }
            return (.crossQ(update), thread)
        case .softQ:
            let update = SoftQUpdate(
                networks: networks,
                settings: settings,
                kernels: kernels,
                plan: plan
            )
            return (.softQ(update), nil)
        }
    }

    /// The temperature now.
    public var currentTemperature: Double { Double(temperature.value) }

    /// Counts an observation into the running mean and deviation, if the settings ask for them.
    ///
    /// Once for each transition, with the observation it began with.
    public func note(_ observation: Span<Float>) { normaliser?.note(observation) }

    /// One update of critics, actor, temperature and targets.
    ///
    /// Traps when the replay is empty or holds transitions of other lengths. Without a finite
    /// loss, networks, moments and temperature return to the last known good ones.
    /// - Parameter prior: earlier data for `priorShare` of the batch; without transitions in it the
    ///   whole batch is from `replay`.
    public func update(from replay: ReplayBuffer, prior: ReplayBuffer? = nil) -> UpdateMetrics {
        updateCount += 1
        counts.critics += 1
        let plan = nextPlan()
        let outcome: UpdateOutcome
        switch work {
        case .actorCritic(let update):
            drawBatch(into: update.room.batch, replay, prior)
            update.plan = plan
            update.draw(random: &noiseRandom)
            outcome = update.run { piece in perform(piece, of: update) }
        case .crossQ(let update):
            drawBatch(into: update.room.batch, replay, prior)
            update.plan = plan
            update.draw(random: &noiseRandom)
            outcome = update.run { piece in
                share(piece.rawValue) { half in update.perform(piece, half: half) }
            }
        case .softQ(let update):
            drawBatch(into: update.batch, replay, prior)
            update.plan = plan
            update.draw(random: &noiseRandom)
            outcome = update.run()
        }
        return finish(outcome, plan)
    }

    /// Updates between two copies of the good state; a copy costs about a tenth of an update.
    static let goodStateInterval = 500

    private func perform(_ piece: ActorCriticUpdate.Piece, of update: ActorCriticUpdate) {
        if let secondThread {
            secondThread.run(piece.rawValue)
        } else {
            update.perform(piece, half: 0)
            // Only critics and pictures are several whatever the number of threads.
            switch piece {
            case .critics, .pictures, .pictureGradient: update.perform(piece, half: 1)
            case .targets, .actorSlopes, .actorGradient, .actorStep: break
            }
        }
    }

    /// Has both halves of a piece done, on two threads if there are two.
    private func share(_ piece: Int, _ perform: (Int) -> Void) {
        if let secondThread {
            secondThread.run(piece)
        } else {
            perform(0)
            perform(1)
        }
    }

    private func drawBatch(into batch: ReplayBatch, _ replay: ReplayBuffer, _ prior: ReplayBuffer?)
    {
        for buffer in [replay, prior ?? replay] {
            let lengthsFit =
                buffer.observationCount == observationCount && buffer.actionCount == actionCount
                && buffer.pixelCount == image?.frameBytes ?? 0
            precondition(lengthsFit, "a replay of other lengths")
        }
        let size = settings.batchSize
        let earlier =
            (prior?.count ?? 0) > 0 ? Int((Double(size) * settings.priorShare).rounded()) : 0
        draw(replay, into: batch, rows: 0..<size - earlier)
        if let prior, earlier > 0 { draw(prior, into: batch, rows: size - earlier..<size) }
        normaliser?.apply(to: batch)
    }

    private func draw(_ replay: ReplayBuffer, into batch: ReplayBatch, rows: Range<Int>) {
        replay.sample(
            into: batch,
            rows: rows,
            steps: settings.returnSteps,
            discount: Float(settings.discount),
            random: &samplingRandom
        )
    }

    private func nextPlan() -> UpdatePlan {
        let movesActor = updateCount % settings.actorInterval == 0
        if movesActor { counts.actor += 1 }
        let movesTargets = updateCount % settings.targetInterval == 0
        return UpdatePlan(
            alpha: temperature.value,
            criticStep: step(settings.criticLearningRate, counts.critics),
            actorStep: step(settings.actorLearningRate, max(1, counts.actor)),
            targetSmoothing: movesTargets ? Float(settings.targetSmoothing) : nil,
            policySmoothing: Float(settings.policySmoothing),
            movesActor: movesActor
        )
    }

    private func step(_ rate: Double, _ count: Int) -> AdamStep {
        AdamStep(count: count, rate: rate, settings: settings)
    }

    private func finish(_ outcome: UpdateOutcome, _ plan: UpdatePlan) -> UpdateMetrics {
        lastActorLoss = outcome.actor ?? lastActorLoss
        let isFinite = outcome.criticLoss.isFinite && (outcome.actor?.loss.isFinite ?? true)
        let metrics = UpdateMetrics(
            criticLoss: outcome.criticLoss,
            actorLoss: lastActorLoss?.loss ?? 0,
            temperature: Double(plan.alpha),
            entropy: -(lastActorLoss?.meanLogDensity ?? 0),
            meanQ: outcome.meanQ,
            isFinite: isFinite
        )
        guard isFinite else {
            returnToGoodState()
            return metrics
        }
        if let actor = outcome.actor, plan.movesActor { moveTemperature(actor) }
        if updateCount % Self.goodStateInterval == 0 { keepGoodState() }
        return metrics
    }

    private func moveTemperature(_ actor: ActorLoss) {
        guard settings.temperatureLearningRate > 0 else { return }
        let slope = Temperature.loss(
            logarithm: Double(temperature.logarithm),
            meanLogDensity: actor.meanLogDensity,
            targetEntropy: settings.targetEntropy(actionCount: actionCount)
        ).slope
        temperature.step(
            slope: slope,
            step: step(settings.temperatureLearningRate, counts.actor)
        )
    }
}

extension UpdatePlan {
    /// A plan to be replaced before the first update.
    fileprivate init(settings: LearnerSettings) {
        self.init(
            alpha: 0,
            criticStep: AdamStep(count: 1, rate: settings.criticLearningRate, settings: settings),
            actorStep: AdamStep(count: 1, rate: settings.actorLearningRate, settings: settings),
            policySmoothing: 1,
            movesActor: true
        )
    }
}
