/// A network's parameters with everything an optimiser keeps about them.
final class TrainedNetwork {
    let shape: NetworkShape
    let parameters: FloatBuffer
    let gradient: FloatBuffer
    let firstMoment: FloatBuffer
    let secondMoment: FloatBuffer
    /// The slowly following copy, for critics.
    let target: FloatBuffer?
    /// The transposed weights of every layer but the first and a single-output last, for the
    /// backward pass; kept here so that they are formed once an update.
    private let transposes: [Matrix?]

    init(shape: NetworkShape, hasTarget: Bool, random: inout RandomSource) {
        self.shape = shape
        parameters = FloatBuffer(count: shape.count)
        gradient = FloatBuffer(count: shape.count)
        firstMoment = FloatBuffer(count: shape.count)
        secondMoment = FloatBuffer(count: shape.count)
        target = hasTarget ? FloatBuffer(count: shape.count) : nil
        transposes = shape.layers.indices.map { layer in
            let place = shape.layers[layer]
            return layer == 0 || place.outputs == 1
                ? nil : Matrix(rows: place.outputs, columns: place.inputs)
        }
        shape.initialize(parameters, random: &random)
        target?.copy(from: parameters)
    }

    /// The buffers that make up its state, each with its name in a checkpoint.
    var state: [(name: String, buffer: FloatBuffer)] {
        [("parameters", parameters), ("adam.m", firstMoment), ("adam.v", secondMoment)]
            + (target.map { [("target", $0)] } ?? [])
    }

    /// Brings the transposed weights up to date with the parameters.
    func refreshTransposes(_ kernels: Kernels) {
        for (layer, transpose) in transposes.enumerated() {
            guard let transpose else { continue }
            kernels.transpose(shape.weights(layer, in: parameters), into: transpose)
        }
    }

    /// Moves the parameters against the gradient, and the target after them.
    func step(_ step: AdamStep, smoothing: Float, kernels: Kernels) {
        kernels.adam(
            parameters,
            gradient: gradient,
            firstMoment: firstMoment,
            secondMoment: secondMoment,
            step: step,
            target: target,
            smoothing: smoothing
        )
        refreshTransposes(kernels)
    }

    /// The transposed weights of a layer that has them.
    func transposed(_ layer: Int) -> Matrix {
        guard let matrix = transposes[layer] else {
            preconditionFailure("layer \(layer) keeps no transpose")
        }
        return matrix
    }
}

/// Room for one network's pass over a batch.
struct Activations {
    /// Each hidden layer's output, batch x units.
    let hidden: [Matrix]

    init(shape: NetworkShape, batch: Int) {
        hidden = shape.layers.dropLast().map { Matrix(rows: batch, columns: $0.outputs) }
    }

    /// The last hidden layer's output.
    var last: Matrix { hidden[hidden.count - 1] }
}

/// Runs the hidden layers of a network.
func forwardHidden(
    _ shape: NetworkShape,
    _ parameters: FloatBuffer,
    input: Matrix,
    into activations: Activations,
    kernels: Kernels
) {
    var layerInput = input
    for layer in 0..<shape.hiddenCount {
        kernels.multiply(
            layerInput,
            by: shape.weights(layer, in: parameters),
            into: activations.hidden[layer],
            epilogue: .biasRectified(parameters, shape.layers[layer].biasOffset)
        )
        layerInput = activations.hidden[layer]
    }
}

/// Runs a critic: `values[i]` is Q of row i of `input` (observation and action side by side).
func forwardCritic(
    _ shape: NetworkShape,
    _ parameters: FloatBuffer,
    input: Matrix,
    activations: Activations,
    values: FloatBuffer,
    kernels: Kernels
) {
    forwardHidden(shape, parameters, input: input, into: activations, kernels: kernels)
    let last = shape.layers[shape.hiddenCount]
    kernels.rowDot(
        activations.last,
        weights: shape.weights(shape.hiddenCount, in: parameters),
        bias: parameters[last.biasOffset],
        into: values
    )
}

/// Runs an actor: row i of `head` holds the means of sample i, then its log sigmas.
func forwardActor(
    _ shape: NetworkShape,
    _ parameters: FloatBuffer,
    input: Matrix,
    activations: Activations,
    head: Matrix,
    kernels: Kernels
) {
    forwardHidden(shape, parameters, input: input, into: activations, kernels: kernels)
    kernels.multiply(
        activations.last,
        by: shape.weights(shape.hiddenCount, in: parameters),
        into: head,
        epilogue: .bias(parameters, shape.layers[shape.hiddenCount].biasOffset)
    )
}

/// Writes the gradient of every hidden layer, given the slopes at the last one's output.
///
/// `slopes.last` is already zero where the rectifier was closed; the earlier ones are overwritten.
func backwardHidden(
    _ network: TrainedNetwork,
    input: Matrix,
    activations: Activations,
    slopes: Activations,
    kernels: Kernels
) {
    let shape = network.shape
    for layer in (0..<shape.hiddenCount).reversed() {
        let layerInput = layer == 0 ? input : activations.hidden[layer - 1]
        let slope = slopes.hidden[layer]
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
            by: network.transposed(layer),
            into: slopes.hidden[layer - 1],
            epilogue: .masked(activations.hidden[layer - 1], nil)
        )
    }
}
