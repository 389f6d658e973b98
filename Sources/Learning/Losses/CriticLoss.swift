/// Room for one value network's loss and its gradient.
final class CriticWorkspace {
    let activations: Activations
    let values: FloatBuffer
    let valueSlopes: FloatBuffer
    /// The units this pass leaves out, with dropout.
    let dropped: DroppedUnits?
    /// What the last update found.
    var loss = 0.0

    convenience init(shape: NetworkShape, batch: Int, dropout: Double = 0, panel: FloatBuffer) {
        self.init(
            activations: Activations(shape: shape, batch: batch, panel: panel),
            shape: shape,
            batch: batch,
            dropout: dropout
        )
    }

    /// The first `batch` rows of `room` are its layers.
    init(activations room: Activations, shape: NetworkShape, batch: Int, dropout: Double) {
        activations = Activations(0..<batch, of: room, panel: room.panel)
        values = FloatBuffer(count: batch)
        valueSlopes = FloatBuffer(count: batch)
        dropped =
            dropout > 0 ? DroppedUnits(shape: shape, batch: batch, share: dropout) : nil
    }
}

/// Mean of half the squared error of Q(s, a), or V(s), against `targets`, and its gradient.
///
/// Leaves the gradient in the critic's buffer and the values in `workspace.values`; the activations
/// give way to their slopes.
func criticLoss(
    _ critic: TrainedNetwork,
    input: Matrix,
    targets: FloatBuffer,
    workspace: CriticWorkspace,
    kernels: Kernels
) -> Double {
    let shape = critic.shape
    forwardCritic(
        critic.frozen,
        input: input,
        activations: workspace.activations,
        values: workspace.values,
        dropped: workspace.dropped,
        kernels: kernels
    )
    let error = squaredError(
        workspace.values,
        targets,
        rows: input.rows,
        slopes: workspace.valueSlopes
    )
    let last = shape.hiddenCount
    kernels.columnSum(
        workspace.activations.last,
        scale: workspace.valueSlopes,
        into: shape.weights(last, in: critic.gradient)
    )
    critic.gradient[shape.layers[last].biasOffset] = error.slopeSum
    kernels.outerMasked(
        scale: workspace.valueSlopes,
        weights: shape.weights(last, in: critic.parameters),
        gate: workspace.activations.last,
        into: workspace.activations.last
    )
    backwardHidden(
        critic,
        input: input,
        activations: workspace.activations,
        dropped: workspace.dropped,
        kernels: kernels
    )
    return error.loss
}

/// Mean of half the squared difference, its slopes by the values, and their sum.
func squaredError(
    _ values: FloatBuffer,
    _ targets: FloatBuffer,
    rows: Int,
    slopes: FloatBuffer
) -> (loss: Double, slopeSum: Float) {
    var sum = 0.0
    var slopeSum: Float = 0
    for index in 0..<rows {
        let error = values[index] - targets[index]
        sum += 0.5 * Double(error) * Double(error)
        let slope = error / Float(rows)
        slopes[index] = slope
        slopeSum += slope
    }
    return (sum / Double(rows), slopeSum)
}

/// The lowest of some critics' values of one row, NaN if any is: a broken critic must not look like
/// a high one.
func lowestValue(
    _ values: [FloatBuffer],
    of chosen: ArraySlice<Int>,
    at index: Int
) -> Float {
    var lowest = Float.infinity
    for critic in chosen {
        let value = values[critic][index]
        if value.isNaN { return .nan }
        lowest = Swift.min(lowest, value)
    }
    return lowest
}
