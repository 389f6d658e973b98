/// The numeric work of one update of soft actor-critic, in pieces whose two halves do not touch the
/// same data.
///
/// ```
/// pictures ──> targets ──> critics ──> picture gradient ──> actor slopes ──> actor gradient ──> step
/// (by rows)    (by rows)  (by critic)     (by rows)           (by rows)      (by parameters)
///                                                               └──> value
/// ```
/// Pictures are only there with an encoder, the value only with a value network.
final class ActorCriticUpdate {
    /// The pieces, in the order in which they are done.
    enum Piece: Int {
        /// What the encoder makes of the batch's pictures.
        case pictures
        /// The soft Bellman targets of the batch.
        case targets
        /// Each critic's loss, gradient and step.
        case critics
        /// What the critics say about the encoder.
        case pictureGradient
        /// Fresh actions, their values, and the slopes at the actor's units.
        case actorSlopes
        /// The sums of these over the batch.
        case actorGradient
        /// The actor's step.
        case actorStep
    }

    let networks: LearnerNetworks
    let room: LearnerWorkspace
    /// The pictures' part, if there are any.
    private let pictures: PictureUpdate?
    var plan: UpdatePlan
    private let objective: ActorObjective
    private let settings: LearnerSettings
    private let kernels: Kernels
    private let actor: FrozenNetwork
    private let critics: [FrozenNetwork]
    private let targets: [FrozenNetwork]
    /// The critics whose minimum the targets take; all, or drawn for each update.
    private var targetCritics: [Int]

    init(
        networks: LearnerNetworks,
        settings: LearnerSettings,
        kernels: Kernels,
        plan: UpdatePlan
    ) {
        self.networks = networks
        self.settings = settings
        self.kernels = kernels
        self.plan = plan
        room = LearnerWorkspace(shapes: networks.shapes, settings: settings)
        pictures = networks.encoder.map { [room] in
            PictureUpdate($0, batch: room.batch, settings: settings, kernels: kernels)
        }
        objective = ActorObjective(usesMean: settings.actorUsesMeanCritic, kernels: kernels)
        actor = networks.actor.frozen
        critics = networks.critics.map(\.frozen)
        targets = networks.critics.compactMap(\.frozenTarget)
        targetCritics = Array(0..<settings.criticCount)
    }

    /// Draws whatever is random in an update besides the batch.
    func draw(random: inout RandomSource) {
        kernels.normals(into: room.noise, words: &room.noiseWords, random: &random)
        pictures?.draw(random: &random)
        if settings.targetCriticCount < settings.criticCount { drawTargetCritics(&random) }
        guard settings.dropout > 0 else { return }
        for block in room.blocks {
            block.drawDropped(random: &random, forActor: false)
            if looksAtActor { block.drawDropped(random: &random, forActor: true) }
        }
        for critic in room.critics { critic.dropped?.draw(random: &random) }
    }

    /// The first places of a shuffle.
    ///
    /// It begins anew each time: what one update leaves behind is in no checkpoint.
    private func drawTargetCritics(_ random: inout RandomSource) {
        for place in targetCritics.indices { targetCritics[place] = place }
        for place in 0..<settings.targetCriticCount {
            let other = place + random.index(below: settings.criticCount - place)
            targetCritics.swapAt(place, other)
        }
    }

    /// Whether fresh actions are needed: by the actor, or by the value network in every update.
    private var looksAtActor: Bool { plan.movesActor || networks.value != nil }

    /// Has all pieces done by `perform`; the actor's only if the critics' losses are finite and it
    /// is due.
    func run(_ perform: (Piece) -> Void) -> UpdateOutcome {
        if pictures != nil { perform(.pictures) }
        perform(.targets)
        perform(.critics)
        var outcome = UpdateOutcome(criticLoss: criticLossSum, meanQ: meanValue)
        guard outcome.criticLoss.isFinite else { return outcome }
        if let pictures {
            perform(.pictureGradient)
            pictures.step(plan)
        }
        guard looksAtActor else { return outcome }
        perform(.actorSlopes)
        let loss = ActorLoss(room.blocks, alpha: plan.alpha)
        outcome.actor = loss
        guard loss.loss.isFinite else { return outcome }
        if let value = networks.value { outcome.criticLoss += moveValue(value) }
        if plan.movesActor {
            perform(.actorGradient)
            perform(.actorStep)
        }
        return outcome
    }

    /// Does half 0 or half 1 of a piece.
    func perform(_ piece: Piece, half: Int) {
        switch piece {
        case .pictures: pictures?.encode(half: half)
        case .pictureGradient: pictures?.backward(half: half)
        case .targets: if half < room.blocks.count { prepareTargets(room.blocks[half]) }
        case .critics:
            for index in networks.critics.indices where index % 2 == half { moveCritic(index) }
        case .actorSlopes:
            if half < room.blocks.count {
                objective.slopes(
                    room.blocks[half],
                    actor: actor,
                    critics: critics,
                    input: room.batch.inputs,
                    noise: room.noise(1),
                    alpha: plan.alpha
                )
            }
        case .actorGradient:
            objective.gradient(
                part(half),
                of: networks.actor,
                observations: split(room.batch.inputs, actionCount: networks.shapes.actionCount)
                    .observations,
                workspace: room.actor,
                blocks: room.blocks
            )
        case .actorStep:
            networks.actor.step(
                plan.actorStep,
                smoothing: plan.policySmoothing,
                kernels: kernels,
                half: part(half)
            )
        }
    }

    private var criticLossSum: Double { room.critics.reduce(0) { $0 + $1.loss } }

    /// The mean of the critics' values of the batch.
    private var meanValue: Double {
        var sum = 0.0
        for critic in room.critics {
            for index in 0..<settings.batchSize { sum += Double(critic.values[index]) }
        }
        return sum / Double(room.critics.count * settings.batchSize)
    }

    /// One thread does the pieces that are cut by parameters in one go.
    private func part(_ half: Int) -> Half {
        guard settings.threads > 1 else { return .whole }
        return half == 0 ? .first : .second
    }

    /// y = r + discount (1 - d) V(s'), r and the discount being those of all steps of the return.
    private func prepareTargets(_ block: BatchBlock) {
        let input = room.batch.nextInputs.rows(block.rows)
        if let value = networks.value?.frozenTarget {
            forwardCritic(
                value,
                input: split(input, actionCount: networks.shapes.actionCount).observations,
                activations: block.critics[0],
                values: block.nextValues,
                kernels: kernels
            )
        } else {
            nextSoftValues(block, input)
        }
        let batch = room.batch
        for index in block.rows {
            let value = block.nextValues[index - block.rows.lowerBound]
            room.targets[index] = batch.rewards[index] + batch.continues[index] * value
        }
        addEntropyBetween(block)
    }

    /// V(s') = min Q̄(s', a') - alpha log pi(a'|s') for a fresh a'.
    private func nextSoftValues(_ block: BatchBlock, _ input: Matrix) {
        objective.draw(block, actor: actor, input: input, noise: room.noise(0))
        pictures?.putTargets(block.rows)
        let drawn = targetCritics.prefix(settings.targetCriticCount)
        for index in drawn {
            forwardCritic(
                targets[index],
                input: input,
                activations: block.critics[index],
                values: block.values[index],
                dropped: block.targetDropped?[index],
                kernels: kernels
            )
        }
        for row in 0..<block.rows.count {
            let lower = lowestValue(block.values, of: drawn, at: row)
            block.nextValues[row] = lower - plan.alpha * block.samples.logDensity[row]
        }
    }

    /// Adds -alpha log pi of fresh actions at the steps between, each with its discount.
    private func addEntropyBetween(_ block: BatchBlock) {
        for index in room.batch.intermediates.indices {
            let noise = room.noise(2 + index)
            let observations = room.batch.intermediates[index].rows(block.rows)
            objective.drawDensity(block, actor: actor, observations: observations, noise: noise)
            for row in block.rows {
                let weight = room.batch.intermediateWeights[index][row]
                let place = row - block.rows.lowerBound
                if weight > 0 {
                    room.targets[row] -= weight * plan.alpha * block.samples.logDensity[place]
                }
            }
        }
    }

    /// A critic whose loss is not finite stays where it is; the update is then taken back anyway.
    private func moveCritic(_ index: Int) {
        let (critic, workspace) = (networks.critics[index], room.critics[index])
        workspace.loss = criticLoss(
            critic,
            input: room.batch.inputs,
            targets: room.targets,
            workspace: workspace,
            kernels: kernels
        )
        guard workspace.loss.isFinite else { return }
        pictures?.takeSlopes(of: index, critic, at: workspace.activations)
        critic.step(plan.criticStep, smoothing: plan.targetSmoothing, kernels: kernels)
    }

    /// V(s) moves toward min Q(s, a) - alpha log pi(a|s), a being the actor's fresh actions.
    private func moveValue(_ value: TrainedNetwork) -> Double {
        guard let workspace = room.value else { return 0 }
        for block in room.blocks {
            for index in 0..<block.rows.count {
                let density = block.samples.logDensity[index]
                room.valueTargets[block.rows.lowerBound + index] =
                    block.actorValue(index) - plan.alpha * density
            }
        }
        let observations = split(room.batch.inputs, actionCount: networks.shapes.actionCount)
            .observations
        let loss = criticLoss(
            value,
            input: observations,
            targets: room.valueTargets,
            workspace: workspace,
            kernels: kernels
        )
        guard loss.isFinite else { return loss }
        value.step(plan.criticStep, smoothing: plan.targetSmoothing, kernels: kernels)
        return loss
    }
}
