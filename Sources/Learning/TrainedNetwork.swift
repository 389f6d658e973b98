/// A network's parameters with everything an optimiser keeps about them.
final class TrainedNetwork {
    let shape: NetworkShape
    let parameters: FloatBuffer
    let gradient: FloatBuffer
    let firstMoment: FloatBuffer
    let secondMoment: FloatBuffer
    /// The slowly following copy, for critics.
    let target: FloatBuffer?
    init(shape: NetworkShape, hasTarget: Bool, random: inout RandomSource) {
        self.shape = shape
        parameters = FloatBuffer(count: shape.count)
        gradient = FloatBuffer(count: shape.count)
        firstMoment = FloatBuffer(count: shape.count)
        secondMoment = FloatBuffer(count: shape.count)
        target = hasTarget ? FloatBuffer(count: shape.count) : nil
        shape.initialize(parameters, random: &random)
        target?.copy(from: parameters)
    }

    /// The buffers that make up its state, each with its name in a checkpoint.
    var state: [(name: String, buffer: FloatBuffer)] {
        [("parameters", parameters), ("adam.m", firstMoment), ("adam.v", secondMoment)]
            + (target.map { [("target", $0)] } ?? [])
    }

    /// Moves the parameters against the gradient, and the target after them.
    func step(_ step: AdamStep, smoothing: Float, kernels: Kernels, half: Half = .whole) {
        kernels.adam(
            parameters,
            range: half.range(of: parameters.count, grain: 16),
            gradient: gradient,
            firstMoment: firstMoment,
            secondMoment: secondMoment,
            step: step,
            target: target,
            smoothing: smoothing
        )
    }
}

/// Room for one network's pass over a batch.
struct Activations {
    /// Each hidden layer's output, batch x units.
    let hidden: [Matrix]
    /// Where the backward pass turns weights.
    let panel: FloatBuffer

    init(shape: NetworkShape, batch: Int, panel: FloatBuffer) {
        self.panel = panel
        hidden = shape.layers.dropLast().map { Matrix(rows: batch, columns: $0.outputs) }
    }

    /// Some rows of `other`, with a panel of their own.
    init(_ rows: Range<Int>, of other: Activations, panel: FloatBuffer) {
        self.panel = panel
        hidden = other.hidden.map { $0.rows(rows) }
    }

    /// A panel that is large enough for every layer of these shapes.
    static func panel(for shapes: [NetworkShape]) -> FloatBuffer {
        let widest = shapes.flatMap(\.layers).map(\.outputs).max() ?? 1
        return FloatBuffer(count: Kernels.panelCount(widest))
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
/// Slopes take the place of activations: `activations.last` holds the slopes of the last layer, zero
/// where the rectifier was closed; below, each layer's are written over it once it is done with, so
/// that the pass stays in the second-level cache.
func backwardHidden(
    _ network: TrainedNetwork,
    input: Matrix,
    activations: Activations,
    kernels: Kernels
) {
    let shape = network.shape
    for layer in (0..<shape.hiddenCount).reversed() {
        let layerInput = layer == 0 ? input : activations.hidden[layer - 1]
        let slope = activations.hidden[layer]
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
