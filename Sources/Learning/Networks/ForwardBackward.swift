/// Added to a variance by layer norm, as PyTorch and Flax do.
let layerNormEpsilon: Float = 1e-5

/// Runs the hidden layers of a network without batch norm.
///
/// - Parameter dropped: the units this pass leaves out; only with layer norm.
func forwardHidden(
    _ network: FrozenNetwork,
    input: Matrix,
    into activations: Activations,
    dropped: DroppedUnits? = nil,
    kernels: Kernels
) {
    let (shape, parameters) = (network.shape, network.parameters)
    precondition(shape.normalisation != .batch, "a batch norm that is not folded")
    var layerInput = input
    for layer in 0..<shape.hiddenCount {
        let output = activations.hidden[layer]
        let bias = shape.layers[layer].biasOffset
        let isNormalised = shape.normalisation == .layer
        kernels.multiply(
            layerInput,
            by: shape.weights(layer, in: parameters),
            into: output,
            epilogue: isNormalised ? .bias(parameters, bias) : .biasRectified(parameters, bias)
        )
        if isNormalised {
            dropped?.clear(in: output, layer: layer)
            kernels.layerNorm(
                output,
                gain: shape.gain(layer, in: parameters),
                shift: shape.shift(layer, in: parameters),
                // Units that stay are not scaled up by the share of those that go: normalising
                // takes that out again, but for this.
                epsilon: layerNormEpsilon * (dropped?.epsilonFactor ?? 1),
                normalised: activations.normalised[layer],
                inverseDeviation: activations.inverseDeviation[layer]
            )
        }
        layerInput = output
    }
}

/// Runs a critic: `values[i]` is Q of row i of `input` (observation and action side by side).
func forwardCritic(
    _ critic: FrozenNetwork,
    input: Matrix,
    activations: Activations,
    values: FloatBuffer,
    dropped: DroppedUnits? = nil,
    kernels: Kernels
) {
    forwardHidden(critic, input: input, into: activations, dropped: dropped, kernels: kernels)
    let shape = critic.shape
    kernels.rowDot(
        activations.last,
        weights: shape.weights(shape.hiddenCount, in: critic.parameters),
        bias: critic.parameters[shape.layers[shape.hiddenCount].biasOffset],
        into: values
    )
}

/// Runs a network with several outputs: row i of `output` is that of row i of `input`.
func forwardOutputs(
    _ network: FrozenNetwork,
    input: Matrix,
    activations: Activations,
    output: Matrix,
    kernels: Kernels
) {
    forwardHidden(network, input: input, into: activations, kernels: kernels)
    let shape = network.shape
    kernels.multiply(
        activations.last,
        by: shape.weights(shape.hiddenCount, in: network.parameters),
        into: output,
        epilogue: .bias(network.parameters, shape.layers[shape.hiddenCount].biasOffset)
    )
}

/// Writes the gradient of every hidden layer, given the slopes at the last one's output.
///
/// Slopes take the place of activations: `activations.last` holds the slopes of the last layer, zero
/// where the rectifier was closed; below, each layer's are written over it once it is done with, so
/// that the pass stays in the second-level cache.
func backwardHidden(
    _ network: TrainedNetwork,
    input: Matrix,
    activations: Activations,
    dropped: DroppedUnits? = nil,
    kernels: Kernels
) {
    let shape = network.shape
    for layer in (0..<shape.hiddenCount).reversed() {
        let layerInput = layer == 0 ? input : activations.hidden[layer - 1]
        let slope = activations.hidden[layer]
        if shape.normalisation == .layer {
            kernels.layerNormBack(
                slope,
                normalised: activations.normalised[layer],
                inverseDeviation: activations.inverseDeviation[layer],
                gain: shape.gain(layer, in: network.parameters),
                gainGradient: shape.gain(layer, in: network.gradient),
                shiftGradient: shape.shift(layer, in: network.gradient)
            )
            dropped?.clear(in: slope, layer: layer)
        }
        kernels.multiply(
            layerInput,
            transposed: true,
            by: slope,
            into: shape.weights(layer, in: network.gradient)
        )
        kernels.columnSum(slope, into: shape.bias(layer, in: network.gradient))
        guard layer > 0 else { return }
        kernels.multiply(
            slope,
            byTransposed: shape.weights(layer, in: network.parameters),
            into: activations.hidden[layer - 1],
            epilogue: .masked(activations.hidden[layer - 1], nil),
            panel: activations.panel
        )
    }
}

/// Takes slopes at a critic's value back to slopes at its input's last columns, all rows.
///
/// - Parameters:
///   - scale: the slope at each row's value.
///   - slopes: receives them, batch x `slopes.columns`, for so many columns from the end.
/// The parameters get no gradient; the activations give way to their slopes.
func inputSlopes(
    _ critic: FrozenNetwork,
    scale: FloatBuffer,
    activations: Activations,
    dropped: DroppedUnits? = nil,
    into slopes: Matrix,
    kernels: Kernels
) {
    let shape = critic.shape
    var slope = activations.last
    kernels.outerMasked(
        scale: scale,
        weights: shape.weights(shape.hiddenCount, in: critic.parameters),
        gate: slope,
        into: slope
    )
    for layer in (0..<shape.hiddenCount).reversed() {
        if shape.normalisation == .layer {
            kernels.layerNormBack(
                slope,
                normalised: activations.normalised[layer],
                inverseDeviation: activations.inverseDeviation[layer],
                gain: shape.gain(layer, in: critic.parameters)
            )
            dropped?.clear(in: slope, layer: layer)
        }
        let weights = shape.weights(layer, in: critic.parameters)
        if layer == 0 {
            kernels.multiply(
                slope,
                byTransposed: weights.rowsFrom(weights.rows - slopes.columns),
                into: slopes,
                panel: activations.panel
            )
        } else {
            let below = activations.hidden[layer - 1]
            kernels.multiply(
                slope,
                byTransposed: weights,
                into: below,
                epilogue: .masked(below, nil),
                panel: activations.panel
            )
            slope = below
        }
    }
}

/// Writes the gradient of a network with several outputs, given the slopes at them.
///
/// The activations give way to their slopes.
func backwardOutputs(
    _ network: TrainedNetwork,
    input: Matrix,
    activations: Activations,
    slopes: Matrix,
    kernels: Kernels
) {
    let shape = network.shape
    let last = shape.hiddenCount
    kernels.multiply(
        activations.last,
        transposed: true,
        by: slopes,
        into: shape.weights(last, in: network.gradient)
    )
    kernels.columnSum(slopes, into: shape.bias(last, in: network.gradient))
    kernels.multiply(
        slopes,
        byTransposed: shape.weights(last, in: network.parameters),
        into: activations.last,
        epilogue: .masked(activations.last, nil),
        panel: activations.panel
    )
    backwardHidden(network, input: input, activations: activations, kernels: kernels)
}
