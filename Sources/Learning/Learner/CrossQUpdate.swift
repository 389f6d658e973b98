/// The numeric work of one CrossQ update: both ends of each transition go through a critic in one
/// batch, whose statistics normalise it, and there are no targets to follow.
final class CrossQUpdate {
    /// What two threads share: work whose two halves do not touch the same data.
    enum Piece: Int {
        /// What the encoder makes of the batch's pictures.
        case pictures
        /// Each critic's values of both ends.
        case values
        /// Each critic's loss, gradient and step.
        case critics
        /// What the critics say about the encoder.
        case pictureGradient
    }

    let networks: LearnerNetworks
    let room: LearnerWorkspace
    /// The pictures' part, if there are any.
    let pictures: PictureUpdate?
    var plan: UpdatePlan
    private let settings: LearnerSettings
    private let kernels: Kernels
    private let renorm: BatchRenorm
    private let objective: ActorObjective
    /// (s, a) of the batch, then (s', a').
    private let jointInput: Matrix
    private let jointPasses: [JointPass]
    private let actorPass: RenormedPass
    /// The networks as they are at rest: what acts, and what the actor looks at.
    private let restingActor: FrozenNetwork
    private let restingCritics: [FrozenNetwork]
    private let foldingRoom: FoldingRoom
    private let jointValues: [FloatBuffer]
    private let allCritics: ArraySlice<Int>

    /// Room for one critic's pass over both ends.
    private final class JointPass {
        let layers: RenormedPass
        let values: FloatBuffer
        let slopes: FloatBuffer
        /// The slopes, a column.
        let slopeColumn: Matrix
        /// What the last update found.
        var loss = 0.0

        init(shape: NetworkShape, rows: Int) {
            // A panel of its own: the critics may be on different threads.
            layers = RenormedPass(shape: shape, rows: rows, panel: Activations.panel(for: [shape]))
            values = FloatBuffer(count: rows)
            slopes = FloatBuffer(count: rows)
            slopeColumn = Matrix(rows: rows, columns: 1)
        }
    }

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
        let shapes = networks.shapes
        var single = settings
        single.threads = 1
        // The actor's objective sees networks at rest, without normalisation.
        room = LearnerWorkspace(shapes: shapes.resting, settings: single)
        pictures = networks.encoder.map { [room] in
            PictureUpdate($0, batch: room.batch, settings: settings, kernels: kernels)
        }
        renorm = BatchRenorm(settings: settings.renormalisation, kernels: kernels)
        objective = ActorObjective(usesMean: settings.actorUsesMeanCritic, kernels: kernels)
        let size = settings.batchSize
        jointInput = Matrix(rows: 2 * size, columns: shapes.critic.inputs)
        jointPasses = networks.critics.map { _ in
            JointPass(shape: shapes.critic, rows: 2 * size)
        }
        let panel = Activations.panel(for: [shapes.actor])
        actorPass = RenormedPass(shape: shapes.actor, rows: size, panel: panel)
        restingActor = FrozenNetwork(resting: shapes.actor)
        restingCritics = networks.critics.map { _ in FrozenNetwork(resting: shapes.critic) }
        foldingRoom = FoldingRoom(for: [shapes.actor, shapes.critic])
        jointValues = jointPasses.map(\.values)
        allCritics = ArraySlice(networks.critics.indices)
    }

    /// Draws whatever is random in an update besides the batch.
    func draw(random: inout RandomSource) {
        kernels.normals(into: room.noise, words: &room.noiseWords, random: &random)
        pictures?.draw(random: &random)
    }

    /// Does half 0 or half 1 of a piece.
    func perform(_ piece: Piece, half: Int) {
        switch piece {
        case .pictures: pictures?.encode(half: half)
        case .values:
            for index in jointPasses.indices where index % 2 == half { forwardJoint(index) }
        case .critics:
            for index in jointPasses.indices where index % 2 == half { moveCritic(index) }
        case .pictureGradient: pictures?.backward(half: half)
        }
    }

    /// One update of the critics and, if it is due, of the actor; has pieces done by `perform`.
    func run(_ perform: (Piece) -> Void) -> UpdateOutcome {
        if pictures != nil { perform(.pictures) }
        drawNextActions()
        copyRows(room.batch.inputs, to: 0)
        copyRows(room.batch.nextInputs, to: settings.batchSize)
        perform(.values)
        prepareTargets()
        var outcome = UpdateOutcome(criticLoss: 0, meanQ: meanValue)
        perform(.critics)
        for pass in jointPasses { outcome.criticLoss += pass.loss }
        guard outcome.criticLoss.isFinite else { return outcome }
        if let pictures {
            perform(.pictureGradient)
            pictures.step(plan)
        }
        guard plan.movesActor else { return outcome }
        outcome.actor = moveActor()
        return outcome
    }

    /// a' from the actor at rest, as it would act.
    private func drawNextActions() {
        renorm.fold(
            networks.actor,
            parameters: networks.actor.parameters,
            into: restingActor,
            room: foldingRoom
        )
        objective.draw(
            room.blocks[0],
            actor: restingActor,
            input: room.batch.nextInputs,
            noise: room.noise(0)
        )
    }

    private func copyRows(_ source: Matrix, to first: Int) {
        for row in 0..<source.rows {
            unsafe jointInput.setRow(
                first + row,
                from: source.buffer.pointer(
                    at: source.offset + row * source.stride,
                    length: source.columns
                ),
                count: source.columns
            )
        }
    }

    private func forwardJoint(_ index: Int) {
        let (critic, pass) = (networks.critics[index], jointPasses[index])
        renorm.forward(critic, input: jointInput, pass: pass.layers)
        let shape = critic.shape
        kernels.rowDot(
            pass.layers.last,
            weights: shape.weights(shape.hiddenCount, in: critic.parameters),
            bias: critic.parameters[shape.layers[shape.hiddenCount].biasOffset],
            into: pass.values
        )
    }

    private func prepareTargets() {
        let (batch, block) = (room.batch, room.blocks[0])
        for row in 0..<settings.batchSize {
            let lower = lowestValue(jointValues, of: allCritics, at: settings.batchSize + row)
            let value = lower - plan.alpha * block.samples.logDensity[row]
            room.targets[row] = batch.rewards[row] + batch.continues[row] * value
        }
    }

    private var meanValue: Double {
        var sum = 0.0
        for pass in jointPasses {
            for index in 0..<settings.batchSize { sum += Double(pass.values[index]) }
        }
        return sum / Double(jointPasses.count * settings.batchSize)
    }

    private func moveCritic(_ index: Int) {
        let loss = criticGradient(index)
        jointPasses[index].loss = loss
        guard loss.isFinite else { return }
        networks.critics[index].step(plan.criticStep, smoothing: nil, kernels: kernels)
    }

    /// The gradient of half the mean squared error over the first half of the joint batch.
    ///
    /// No gradient flows through the targets, but through the statistics of both halves.
    private func criticGradient(_ index: Int) -> Double {
        let (critic, pass) = (networks.critics[index], jointPasses[index])
        let size = settings.batchSize
        let error = squaredError(pass.values, room.targets, rows: size, slopes: pass.slopes)
        for row in 0..<2 * size {
            if row >= size { pass.slopes[row] = 0 }
            pass.slopeColumn[row, 0] = pass.slopes[row]
        }
        let shape = critic.shape
        let last = shape.hiddenCount
        kernels.columnSum(
            pass.layers.last,
            scale: pass.slopes,
            into: shape.weights(last, in: critic.gradient)
        )
        critic.gradient[shape.layers[last].biasOffset] = error.slopeSum
        kernels.multiply(
            pass.slopeColumn,
            by: shape.weights(last, in: critic.parameters),
            into: pass.layers.last
        )
        renorm.backward(
            critic,
            input: jointInput,
            pass: pass.layers,
            toInput: pictures != nil
        )
        // The next observations' slopes, through the batch's statistics, are left out: their
        // pictures' layers are not kept.
        pictures?.takeSlopes(of: index, atInput: pass.layers.normalised[0])
        return error.loss
    }

    /// The actor trains with its batch's statistics against the critics at rest.
    private func moveActor() -> ActorLoss {
        for index in networks.critics.indices {
            renorm.fold(
                networks.critics[index],
                parameters: networks.critics[index].parameters,
                into: restingCritics[index],
                room: foldingRoom
            )
        }
        let loss = actorGradient()
        if loss.loss.isFinite {
            networks.actor.step(
                plan.actorStep,
                smoothing: plan.policySmoothing,
                kernels: kernels
            )
        }
        return loss
    }

    private func actorGradient() -> ActorLoss {
        let (actor, block, input) = (networks.actor, room.blocks[0], room.batch.inputs)
        let (observations, actions) = split(input, actionCount: networks.shapes.actionCount)
        let last = actor.shape.hiddenCount
        renorm.forward(actor, input: observations, pass: actorPass)
        kernels.multiply(
            actorPass.last,
            by: actor.shape.weights(last, in: actor.parameters),
            into: block.output,
            epilogue: .bias(actor.parameters, actor.shape.layers[last].biasOffset)
        )
        let noise = room.noise(1)
        block.samples.draw(
            from: block.output,
            noise: noise.buffer,
            noiseOffset: noise.offset,
            noiseStride: noise.stride,
            kernels: kernels
        )
        kernels.transpose(block.samples.action, into: actions)
        objective.valueSlopes(block, critics: restingCritics, input: input)
        objective.outputSlopes(block, alpha: plan.alpha, scale: 1 / Float(input.rows))
        let slopes = block.outputSlopes
        kernels.multiply(
            actorPass.last,
            transposed: true,
            by: slopes,
            into: actor.shape.weights(last, in: actor.gradient)
        )
        kernels.columnSum(slopes, into: actor.shape.bias(last, in: actor.gradient))
        kernels.multiply(
            slopes,
            byTransposed: actor.shape.weights(last, in: actor.parameters),
            into: actorPass.last,
            panel: actorPass.panel
        )
        renorm.backward(actor, input: observations, pass: actorPass)
        return ActorLoss(room.blocks, alpha: plan.alpha)
    }
}

extension FrozenNetwork {
    /// Room for a network at rest: the same layers, normalisation folded in.
    init(resting shape: NetworkShape) {
        self.init(shape: shape.plain, parameters: FloatBuffer(count: shape.plain.count))
    }
}
