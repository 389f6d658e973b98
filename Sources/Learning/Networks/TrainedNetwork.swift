/// A network's parameters with everything an optimiser keeps about them.
final class TrainedNetwork {
    let shape: NetworkShape
    let parameters: FloatBuffer
    let gradient: FloatBuffer
    let firstMoment: FloatBuffer
    let secondMoment: FloatBuffer
    /// The slowly following copy.
    let target: FloatBuffer?
    /// Running means and variances, for batch normalisation.
    let statistics: FloatBuffer?

    init(
        shape: NetworkShape,
        hasTarget: Bool,
        random: inout RandomSource,
        logDeviation: Double = 0
    ) {
        self.shape = shape
        parameters = FloatBuffer(count: shape.count)
        gradient = FloatBuffer(count: shape.count)
        firstMoment = FloatBuffer(count: shape.count)
        secondMoment = FloatBuffer(count: shape.count)
        target = hasTarget ? FloatBuffer(count: shape.count) : nil
        statistics =
            shape.normalisation == .batch ? FloatBuffer(count: shape.statisticsCount) : nil
        shape.initialize(parameters, random: &random, logDeviation: logDeviation)
        if let statistics { shape.initialize(statistics: statistics) }
        target?.copy(from: parameters)
    }

    /// The parameter-sized buffers that make up its state, each with its name in a checkpoint.
    var state: [(name: String, buffer: FloatBuffer)] {
        [("parameters", parameters), ("adam.m", firstMoment), ("adam.v", secondMoment)]
            + (target.map { [("target", $0)] } ?? [])
    }

    /// All buffers that make up its state.
    var buffers: [FloatBuffer] { state.map(\.buffer) + (statistics.map { [$0] } ?? []) }

    /// The network as it is now, to be run only.
    var frozen: FrozenNetwork { FrozenNetwork(shape: shape, parameters: parameters) }

    /// Its slowly following copy, to be run only.
    var frozenTarget: FrozenNetwork? {
        target.map { FrozenNetwork(shape: shape, parameters: $0) }
    }

    /// Moves the parameters against the gradient, and the target after them unless `smoothing` is
    /// `nil`.
    func step(_ step: AdamStep, smoothing: Float?, kernels: Kernels, half: Half = .whole) {
        kernels.adam(
            parameters,
            range: half.range(of: parameters.count, grain: 16),
            gradient: gradient,
            firstMoment: firstMoment,
            secondMoment: secondMoment,
            step: step,
            target: smoothing == nil ? nil : target,
            smoothing: smoothing ?? 0
        )
    }
}

/// Parameters that a pass reads, with their places.
struct FrozenNetwork {
    let shape: NetworkShape
    let parameters: FloatBuffer
}

/// Room for one network's pass over a batch.
struct Activations {
    /// Each hidden layer's output, batch x units.
    let hidden: [Matrix]
    /// With layer norm, each hidden layer's units before gain and shift.
    let normalised: [Matrix]
    /// With layer norm, each hidden layer's inverse deviations, 1 x batch.
    let inverseDeviation: [Matrix]
    /// Where the backward pass turns weights.
    let panel: FloatBuffer

    init(shape: NetworkShape, batch: Int, panel: FloatBuffer) {
        self.panel = panel
        hidden = shape.hiddenWidths.map { Matrix(rows: batch, columns: $0) }
        let kept = shape.normalisation == .layer ? shape.hiddenWidths : []
        normalised = kept.map { Matrix(rows: batch, columns: $0) }
        inverseDeviation = kept.map { _ in Matrix(rows: 1, columns: batch) }
    }

    /// Some rows of `other`, the first a multiple of 16, with a panel of their own.
    init(_ rows: Range<Int>, of other: Activations, panel: FloatBuffer) {
        self.panel = panel
        hidden = other.hidden.map { $0.rows(rows) }
        normalised = other.normalised.map { $0.rows(rows) }
        inverseDeviation = other.inverseDeviation.map { $0.columns(rows) }
    }

    /// A panel that is large enough for every layer of these shapes.
    static func panel(for shapes: [NetworkShape]) -> FloatBuffer {
        let widest = shapes.flatMap(\.layers).map(\.outputs).max() ?? 1
        return FloatBuffer(count: Kernels.panelCount(widest))
    }

    /// The last hidden layer's output.
    var last: Matrix { hidden[hidden.count - 1] }
}
