/// Rows of the batch that one thread takes through the networks by itself, and room for that.
///
/// Nothing on the way from an observation to the slopes at the actor's units mixes rows, so blocks
/// need not wait for each other, and how the batch is cut does not change a bit.
final class BatchBlock {
    /// Which rows of the batch these are; the first is a multiple of 16.
    let rows: Range<Int>
    /// The actor's layers.
    let actor: Activations
    /// Where the slopes at the actor's layers go.
    let actorSlopes: Activations
    /// Each critic's layers, as many rows as the block has.
    let critics: [Activations]
    /// Each critic's values.
    let values: [FloatBuffer]
    /// V of the next observations.
    let nextValues: FloatBuffer
    let samples: SquashedSamples
    /// State-dependent exploration's part of the pass.
    let exploration: StateDependentNoise?
    /// The actor's output, sample-major (means, log sigmas).
    let output: Matrix
    /// The slopes at it, sample-major and coordinate-major.
    let outputSlopes: Matrix
    let headSlopes: Matrix
    /// The slopes at state-dependent log sigmas.
    let deviationSlopes: Matrix?
    /// dQ/da, coordinate-major.
    let actionSlopes: Matrix
    /// Ones, to start the backward pass of Q.
    let ones: FloatBuffer
    /// The rows, counted in the block, where each critic is the lower one.
    let lowerRows: [RowList]
    /// How much each critic's value counts in each row.
    let rowWeights: [FloatBuffer]
    /// dQ/da of one critic, sample-major.
    let compactActionSlopes: Matrix
    /// The units that each critic's pass for the actor leaves out, with dropout.
    let actorDropped: [DroppedUnits]?
    /// The units that each critic's pass for the targets leaves out, with dropout.
    let targetDropped: [DroppedUnits]?
    private let usesMean: Bool
    private let allCritics: ArraySlice<Int>

    init(
        rows: Range<Int>,
        actor: ActorWorkspace,
        critics: [Activations],
        shapes: LearnerShapes,
        settings: LearnerSettings,
        panel: FloatBuffer
    ) {
        self.rows = rows
        let count = rows.count
        let actionCount = shapes.actionCount
        self.actor = Activations(rows, of: actor.activations, panel: panel)
        actorSlopes = Activations(rows, of: actor.slopes, panel: panel)
        self.critics = critics
        values = critics.map { _ in FloatBuffer(count: count) }
        nextValues = FloatBuffer(count: count)
        samples = SquashedSamples(actionCount: actionCount, batch: count, settings: settings)
        exploration = shapes.actor.exploration.map { _ in
            StateDependentNoise(shape: shapes.actor, rows: count)
        }
        output = Matrix(rows: count, columns: 2 * actionCount)
        outputSlopes = actor.outputSlopes.rows(rows)
        headSlopes = Matrix(rows: 2 * actionCount, columns: count)
        deviationSlopes = actor.deviationSlopes?.rows(rows)
        actionSlopes = Matrix(rows: actionCount, columns: count)
        ones = FloatBuffer(count: count)
        for index in 0..<count { ones[index] = 1 }
        lowerRows = critics.map { _ in RowList(bound: count) }
        rowWeights = critics.map { _ in FloatBuffer(count: count) }
        compactActionSlopes = Matrix(rows: count, columns: actionCount)
        func dropped() -> [DroppedUnits]? {
            settings.dropout > 0
                ? critics.map { _ in
                    DroppedUnits(shape: shapes.critic, batch: count, share: settings.dropout)
                } : nil
        }
        actorDropped = dropped()
        targetDropped = dropped()
        usesMean = settings.actorUsesMeanCritic
        allCritics = ArraySlice(critics.indices)
    }

    /// Sorts the rows by which critic is the lowest there.
    func chooseLower() {
        for list in lowerRows { list.removeAll() }
        for index in 0..<rows.count { lowerRows[lowestCritic(index)].append(index) }
    }

    /// Weighs each critic in each row: alike for their mean, or 1 for the lowest and 0 otherwise.
    func weighRows() {
        let share = 1 / Float(values.count)
        for index in 0..<rows.count {
            let chosen = usesMean ? -1 : lowestCritic(index)
            for critic in values.indices {
                rowWeights[critic][index] = usesMean ? share : (critic == chosen ? 1 : 0)
            }
        }
    }

    private func lowestCritic(_ index: Int) -> Int {
        var lowest = 0
        for critic in 1..<max(1, values.count) where values[critic][index] < values[lowest][index] {
            lowest = critic
        }
        return lowest
    }

    /// The value that the actor climbs in one row, NaN if any critic's is.
    func actorValue(_ index: Int) -> Float {
        guard usesMean else { return lowestValue(values, of: allCritics, at: index) }
        var sum: Float = 0
        for value in values { sum += value[index] }
        return sum / Float(values.count)
    }

    /// Draws other units to leave out.
    func drawDropped(random: inout RandomSource, forActor: Bool) {
        for units in (forActor ? actorDropped : targetDropped) ?? [] { units.draw(random: &random) }
    }
}
