import Glibc

/// The numeric work of one update of soft Q-learning.
///
/// The critics learn r + discount V(s') with V by importance sampling over uniform actions; the
/// actor is a sampler a = tanh f(s, noise) that follows Stein's gradient toward exp(Q / alpha).
final class SoftQUpdate {
    let networks: LearnerNetworks
    let batch: ReplayBatch
    var plan: UpdatePlan
    private let settings: LearnerSettings
    private let kernels: Kernels
    private let targets: FloatBuffer
    private let critics: [CriticWorkspace]
    private let frozenCritics: [FrozenNetwork]
    private let frozenTargets: [FrozenNetwork]
    /// Every state of the batch several times, each row with an action or with noise beside it.
    private let values: ParticleRows
    private let fixed: ParticleRows
    private let moved: ParticleRows
    private let stein: SteinGradient
    private var entropySum = 0.0

    /// Rows of (state, action) or (state, noise), some for each state of the batch.
    private struct ParticleRows {
        let each: Int
        let input: Matrix
        /// The sampler's output before the squash.
        let particles: Matrix
        let slopes: Matrix
        let sampler: Activations
        let critic: Activations
        let values: [FloatBuffer]
        let rowWeights: [FloatBuffer]

        init(each: Int, shapes: LearnerShapes, settings: LearnerSettings, panel: FloatBuffer) {
            self.each = each
            let rows = each * settings.batchSize
            input = Matrix(rows: rows, columns: shapes.critic.inputs)
            particles = Matrix(rows: rows, columns: shapes.actionCount)
            slopes = Matrix(rows: rows, columns: shapes.actionCount)
            sampler = Activations(shape: shapes.actor, batch: rows, panel: panel)
            critic = Activations(shape: shapes.critic, batch: rows, panel: panel)
            values = (0..<settings.criticCount).map { _ in FloatBuffer(count: rows) }
            rowWeights = (0..<settings.criticCount).map { _ in FloatBuffer(count: rows) }
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
        batch = ReplayBatch(
            observationCount: shapes.observationCount,
            actionCount: shapes.actionCount,
            size: settings.batchSize,
            steps: settings.returnSteps
        )
        let panel = Activations.panel(for: [shapes.actor, shapes.critic])
        targets = FloatBuffer(count: settings.batchSize)
        critics = networks.critics.map { _ in
            CriticWorkspace(shape: shapes.critic, batch: settings.batchSize, panel: panel)
        }
        frozenCritics = networks.critics.map(\.frozen)
        frozenTargets = networks.critics.compactMap(\.frozenTarget)
        func rows(_ each: Int) -> ParticleRows {
            ParticleRows(each: each, shapes: shapes, settings: settings, panel: panel)
        }
        values = rows(settings.particles.values)
        fixed = rows(settings.particles.fixed)
        moved = rows(settings.particles.moved)
        stein = SteinGradient(
            fixed: settings.particles.fixed,
            moved: settings.particles.moved,
            coordinates: shapes.actionCount
        )
    }

    /// Fills states, uniform actions and noise; the batch must be there.
    func draw(random: inout RandomSource) {
        fill(values, from: batch.nextInputs) { Float(random.uniform(in: -1...1)) }
        fill(fixed, from: batch.inputs) { Float(random.normal()) }
        fill(moved, from: batch.inputs) { Float(random.normal()) }
    }

    private func fill(_ rows: ParticleRows, from states: Matrix, beside: () -> Float) {
        let observationCount = networks.shapes.observationCount
        for row in 0..<rows.input.rows {
            let source = states.offset + row / rows.each * states.stride
            unsafe rows.input.setRow(
                row,
                from: states.buffer.pointer(at: source, length: observationCount),
                count: observationCount
            )
            for column in observationCount..<rows.input.columns {
                rows.input[row, column] = beside()
            }
        }
    }

    /// One update of the critics and, if it is due, of the sampler.
    func run() -> UpdateOutcome {
        prepareTargets()
        var outcome = UpdateOutcome(criticLoss: 0, meanQ: 0)
        for index in critics.indices {
            outcome.criticLoss += moveCritic(index)
            for row in 0..<settings.batchSize {
                outcome.meanQ += Double(critics[index].values[row])
            }
        }
        outcome.meanQ /= Double(settings.batchSize * critics.count)
        guard outcome.criticLoss.isFinite, plan.movesActor else { return outcome }
        outcome.actor = moveSampler()
        return outcome
    }

    private func prepareTargets() {
        runCritics(frozenTargets, values)
        entropySum = 0
        for row in 0..<settings.batchSize {
            let particles = row * values.each..<(row + 1) * values.each
            let soft = softValue(
                values.values[0],
                rows: particles,
                alpha: plan.alpha,
                coordinates: networks.shapes.actionCount
            )
            targets[row] = batch.rewards[row] + batch.continues[row] * soft.value
            entropySum += Double(soft.entropy)
        }
    }

    /// Leaves the lowest value of each row in the first critic's, and which critic's it was.
    private func runCritics(_ networks: [FrozenNetwork], _ rows: ParticleRows) {
        for index in networks.indices {
            forwardCritic(
                networks[index],
                input: rows.input,
                activations: rows.critic,
                values: rows.values[index],
                kernels: kernels
            )
        }
        for row in 0..<rows.input.rows {
            var lowest = 0
            for index in networks.indices.dropFirst()
            where !(rows.values[index][row] >= rows.values[lowest][row]) { lowest = index }
            for index in networks.indices { rows.rowWeights[index][row] = index == lowest ? 1 : 0 }
            rows.values[0][row] = rows.values[lowest][row]
        }
    }

    private func moveCritic(_ index: Int) -> Double {
        let critic = networks.critics[index]
        let loss = criticLoss(
            critic,
            input: batch.inputs,
            targets: targets,
            workspace: critics[index],
            kernels: kernels
        )
        guard loss.isFinite else { return loss }
        critic.step(plan.criticStep, smoothing: plan.targetSmoothing, kernels: kernels)
        return loss
    }

    private func moveSampler() -> ActorLoss {
        let sampler = networks.actor
        sample(fixed, sampler.frozen)
        let meanQ = scoreFixed()
        sample(moved, sampler.frozen)
        for state in 0..<settings.batchSize {
            stein.slopes(
                state: state,
                fixedParticles: fixed.particles,
                scores: fixed.slopes,
                movedParticles: moved.particles,
                scale: 1 / Float(moved.input.rows),
                into: moved.slopes
            )
        }
        backwardOutputs(
            sampler,
            input: moved.input,
            activations: moved.sampler,
            slopes: moved.slopes,
            kernels: kernels
        )
        let loss = ActorLoss(
            loss: -meanQ,
            meanLogDensity: -entropySum / Double(settings.batchSize)
        )
        if loss.loss.isFinite {
            sampler.step(plan.actorStep, smoothing: plan.policySmoothing, kernels: kernels)
        }
        return loss
    }

    private func sample(_ rows: ParticleRows, _ sampler: FrozenNetwork) {
        forwardOutputs(
            sampler,
            input: rows.input,
            activations: rows.sampler,
            output: rows.particles,
            kernels: kernels
        )
    }

    /// Writes the fixed particles' scores, d/du (Q / alpha + sum log(1 - tanh²u)), into their slopes.
    ///
    /// - Returns: the mean of Q at them.
    private func scoreFixed() -> Double {
        let first = networks.shapes.observationCount
        for row in 0..<fixed.input.rows {
            for column in 0..<fixed.particles.columns {
                fixed.input[row, first + column] = tanhf(fixed.particles[row, column])
            }
        }
        runCritics(frozenCritics, fixed)
        fixed.slopes.fill { _, _ in 0 }
        for index in frozenCritics.indices { addScores(index) }
        var sum = 0.0
        for row in 0..<fixed.input.rows { sum += Double(fixed.values[0][row]) }
        for row in 0..<fixed.input.rows {
            for column in 0..<fixed.particles.columns {
                let action = fixed.input[row, first + column]
                let slope = fixed.slopes[row, column] / plan.alpha
                fixed.slopes[row, column] = (1 - action * action) * slope - 2 * action
            }
        }
        return sum / Double(fixed.input.rows)
    }

    /// Adds dQ/da of the rows where this critic is the lowest.
    private func addScores(_ index: Int) {
        let critic = frozenCritics[index]
        // The passes share their layers, so each critic runs again before its slopes.
        forwardHidden(critic, input: fixed.input, into: fixed.critic, kernels: kernels)
        let room = moved.slopes
        precondition(room.rows >= fixed.slopes.rows, "as many moved particles as fixed ones")
        inputSlopes(
            critic,
            scale: fixed.rowWeights[index],
            activations: fixed.critic,
            into: room.firstRows(fixed.slopes.rows),
            kernels: kernels
        )
        fixed.slopes.fill { fixed.slopes[$0, $1] + room[$0, $1] }
    }
}
