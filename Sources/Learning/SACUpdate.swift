/// The numeric work of one update, in pieces whose two halves do not touch the same data.
///
/// ```
/// targets ──> critics ──> actor slopes ──> actor gradient ──> actor step
/// (by rows)   (by critic)   (by rows)      (by parameters)   (by parameters)
/// ```
final class SACUpdate {
    /// The pieces, in the order in which they are done.
    enum Piece: Int {
        /// The soft Bellman targets of the batch.
        case targets
        /// Each critic's loss, gradient and step.
        case critics
        /// Fresh actions, their values, and the slopes at the actor's units.
        case actorSlopes
        /// The sums of these over the batch.
        case actorGradient
        /// The actor's step.
        case actorStep
    }

    let actor: TrainedNetwork
    let critics: [TrainedNetwork]
    let room: LearnerWorkspace
    /// The temperature of this update.
    var alpha: Float = 0
    /// The critics' step of this update.
    var criticStep: AdamStep
    /// The actor's step of this update.
    var actorStep: AdamStep
    private let objective: ActorObjective
    private let settings: LearnerSettings
    private let kernels: Kernels

    init(
        actor: TrainedNetwork,
        critics: [TrainedNetwork],
        room: LearnerWorkspace,
        settings: LearnerSettings,
        kernels: Kernels
    ) {
        self.actor = actor
        self.critics = critics
        self.room = room
        self.settings = settings
        self.kernels = kernels
        objective = ActorObjective(actor: actor, critics: critics, kernels: kernels)
        criticStep = AdamStep(count: 1, rate: settings.criticLearningRate, settings: settings)
        actorStep = AdamStep(count: 1, rate: settings.actorLearningRate, settings: settings)
    }

    /// Does half 0 or half 1 of a piece.
    func perform(_ piece: Piece, half: Int) {
        switch piece {
        case .targets: if half < room.blocks.count { prepareTargets(room.blocks[half]) }
        case .critics: moveCritic(half)
        case .actorSlopes: if half < room.blocks.count { actorSlopes(room.blocks[half]) }
        case .actorGradient:
            objective.gradient(
                part(half),
                observations: split(room.batch.inputs, actionCount: actionCount).observations,
                workspace: room.actor,
                slopes: room.critics[0].activations
            )
        case .actorStep:
            actor.step(
                actorStep,
                smoothing: Float(settings.policySmoothing),
                kernels: kernels,
                half: part(half)
            )
        }
    }

    /// The critics' losses of this update.
    var criticLossSum: Double { room.critics[0].loss + room.critics[1].loss }

    /// The mean of both critics' values of the batch.
    var meanValue: Double {
        var sum = 0.0
        for critic in room.critics {
            for index in 0..<settings.batchSize { sum += Double(critic.values[index]) }
        }
        return sum / Double(2 * settings.batchSize)
    }

    /// The actor's loss of this update.
    var actorLoss: ActorLoss { ActorLoss(room.blocks, alpha: alpha) }

    private var actionCount: Int { actor.shape.outputs / 2 }

    /// One thread does the pieces that are cut by parameters in one go.
    private func part(_ half: Int) -> Half {
        guard settings.threads > 1 else { return .whole }
        return half == 0 ? .first : .second
    }

    private func prepareTargets(_ block: BatchBlock) {
        let input = room.batch.nextInputs.rows(block.rows)
        objective.draw(
            block,
            input: input,
            noise: room.noise,
            noiseOffset: 0,
            batch: settings.batchSize
        )
        for index in critics.indices {
            guard let target = critics[index].target else {
                preconditionFailure("no target critic")
            }
            forwardCritic(
                critics[index].shape,
                target,
                input: input,
                activations: block.critics[index],
                values: block.values[index],
                kernels: kernels
            )
        }
        bootstrapTargets(
            rewards: room.batch.rewards,
            continues: room.batch.continues,
            nextValues: (block.values[0], block.values[1]),
            nextLogDensity: block.samples.logDensity,
            // The batch's `continues` are discounted already.
            discount: 1,
            alpha: alpha,
            rows: block.rows,
            into: room.targets
        )
    }

    /// A critic whose loss is not finite stays where it is; the update is then taken back anyway.
    private func moveCritic(_ index: Int) {
        let (critic, workspace) = (critics[index], room.critics[index])
        workspace.loss = criticLoss(
            critic,
            input: room.batch.inputs,
            targets: room.targets,
            workspace: workspace,
            kernels: kernels
        )
        guard workspace.loss.isFinite else { return }
        critic.step(criticStep, smoothing: Float(settings.targetSmoothing), kernels: kernels)
    }

    private func actorSlopes(_ block: BatchBlock) {
        objective.slopes(
            block,
            input: room.batch.inputs,
            noise: room.noise,
            noiseOffset: room.noise.count / 2,
            alpha: alpha
        )
    }
}
