/// Rows of the batch that one thread takes through the networks by itself, and room for that.
///
/// Nothing on the way from an observation to the slopes at the actor's units mixes rows, so blocks
/// need not wait for each other, and how the batch is cut does not change a bit.
final class BatchBlock {
    /// Which rows of the batch these are; the first is a multiple of 16.
    let rows: Range<Int>
    /// The actor's layers.
    let actor: Activations
    /// Each critic's layers.
    let critics: [Activations]
    /// Each critic's values.
    let values: [FloatBuffer]
    let samples: SquashedSamples
    /// The actor's output, sample-major (means, log sigmas).
    let output: Matrix
    /// The slopes at it, sample-major and coordinate-major.
    let outputSlopes: Matrix
    let headSlopes: Matrix
    /// dQ/da of the lower critic, coordinate-major.
    let actionSlopes: Matrix
    /// Ones, to start the backward pass of Q.
    let ones: FloatBuffer
    /// The rows, counted in the block, where each critic is the lower one.
    let lowerRows: [RowList]
    /// dQ/da of those rows.
    let compactActionSlopes: Matrix

    init(
        rows: Range<Int>,
        actor: ActorWorkspace,
        critics: [CriticWorkspace],
        actionCount: Int,
        settings: LearnerSettings,
        panel: FloatBuffer
    ) {
        self.rows = rows
        let count = rows.count
        self.actor = Activations(rows, of: actor.activations, panel: panel)
        self.critics = critics.map { Activations(rows, of: $0.activations, panel: panel) }
        values = critics.map { _ in FloatBuffer(count: count) }
        samples = SquashedSamples(actionCount: actionCount, batch: count, settings: settings)
        output = Matrix(rows: count, columns: 2 * actionCount)
        outputSlopes = actor.outputSlopes.rows(rows)
        headSlopes = Matrix(rows: 2 * actionCount, columns: count)
        actionSlopes = Matrix(rows: actionCount, columns: count)
        ones = FloatBuffer(count: count)
        for index in 0..<count { ones[index] = 1 }
        lowerRows = [RowList(bound: count), RowList(bound: count)]
        compactActionSlopes = Matrix(rows: count, columns: actionCount)
    }

    /// Sorts the rows by which critic is lower there.
    ///
    /// Only the lower critic passes a gradient, so each critic's backward pass needs only its rows.
    func chooseLower() {
        for list in lowerRows { list.removeAll() }
        for index in 0..<rows.count {
            lowerRows[values[1][index] < values[0][index] ? 1 : 0].append(index)
        }
    }

    /// The lower value of one row, NaN if either is: a broken critic must not look like a high one.
    func lowerValue(_ index: Int) -> Float {
        let (first, second) = (values[0][index], values[1][index])
        return first.isNaN || second.isNaN ? .nan : Swift.min(first, second)
    }
}
