/// Room for one critic's loss and its gradient.
final class CriticWorkspace {
    let activations: Activations
    let values: FloatBuffer
    let valueSlopes: FloatBuffer
    /// What the last update found.
    var loss = 0.0

    init(shape: NetworkShape, batch: Int, panel: FloatBuffer) {
        activations = Activations(shape: shape, batch: batch, panel: panel)
        values = FloatBuffer(count: batch)
        valueSlopes = FloatBuffer(count: batch)
    }
}

/// Mean of half the squared error of Q(s, a) against `targets`, and its gradient.
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
    let batch = input.rows
    forwardCritic(
        shape,
        critic.parameters,
        input: input,
        activations: workspace.activations,
        values: workspace.values,
        kernels: kernels
    )
    var sum = 0.0
    var slopeSum: Float = 0
    for index in 0..<batch {
        let error = workspace.values[index] - targets[index]
        sum += 0.5 * Double(error) * Double(error)
        let slope = error / Float(batch)
        workspace.valueSlopes[index] = slope
        slopeSum += slope
    }
    let last = shape.hiddenCount
    kernels.columnSum(
        workspace.activations.last,
        scale: workspace.valueSlopes,
        into: shape.weights(last, in: critic.gradient)
    )
    critic.gradient[shape.layers[last].biasOffset] = slopeSum
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
        kernels: kernels
    )
    return sum / Double(batch)
}

/// y = r + discount (1 - d) (min Q̄ - alpha log pi) for some rows of the batch.
///
/// What is about the next step starts with the first of these rows, the rest with row 0.
func bootstrapTargets(
    rewards: FloatBuffer,
    continues: FloatBuffer,
    nextValues: (FloatBuffer, FloatBuffer),
    nextLogDensity: FloatBuffer,
    discount: Float,
    alpha: Float,
    rows: Range<Int>,
    into targets: FloatBuffer
) {
    for index in rows {
        let place = index - rows.lowerBound
        let (first, second) = (nextValues.0[place], nextValues.1[place])
        // A NaN in either must reach the target; `min` would hide one of them.
        let lower = first.isNaN || second.isNaN ? Float.nan : Swift.min(first, second)
        let value = lower - alpha * nextLogDensity[place]
        targets[index] = rewards[index] + discount * continues[index] * value
    }
}
