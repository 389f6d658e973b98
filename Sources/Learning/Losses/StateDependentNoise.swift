import Glibc

/// Generalised state-dependent exploration: sigma² = features² · exp(2 S), S learned
/// (Raffin et al., 2021, arXiv 2005.05719).
///
/// The same S with one draw of noise held for some steps gives exploration that is smooth in time;
/// its density at one step is a Gaussian's. As in the paper's code, no gradient flows into the
/// features.
struct StateDependentNoise {
    /// Keeps the deviation above zero where every feature is closed.
    static let epsilon: Float = 1e-6

    private let squares: Matrix
    private let scales: Matrix
    private let variance: Matrix
    private let scaleGradient: Matrix

    init(shape: NetworkShape, rows: Int) {
        guard let place = shape.exploration else { preconditionFailure("no exploration") }
        squares = Matrix(rows: rows, columns: place.inputs)
        scales = Matrix(rows: place.inputs, columns: place.outputs)
        variance = Matrix(rows: rows, columns: place.outputs)
        scaleGradient = Matrix(rows: place.inputs, columns: place.outputs)
    }

    /// Writes the log sigmas into the last columns of `output`.
    func forward(_ actor: FrozenNetwork, features: Matrix, output: Matrix, kernels: Kernels) {
        guard let logs = actor.shape.logDeviations(in: actor.parameters) else { return }
        scales.fill { expf(2 * logs[$0, $1]) }
        squares.fill { features[$0, $1] * features[$0, $1] }
        kernels.multiply(squares, by: scales, into: variance)
        let first = output.columns - variance.columns
        for row in 0..<variance.rows {
            for column in 0..<variance.columns {
                output[row, first + column] = 0.5 * logf(variance[row, column] + Self.epsilon)
            }
        }
    }

    /// Writes the gradient of S, given the slopes at the log sigmas of a batch.
    ///
    /// `features` are the batch's; those of `forward` must be the same when this has all rows.
    func gradient(
        _ actor: TrainedNetwork,
        features: Matrix,
        slopes: Matrix,
        kernels: Kernels
    ) {
        guard let gradient = actor.shape.logDeviations(in: actor.gradient) else { return }
        precondition(variance.rows == slopes.rows, "state-dependent exploration in one block")
        variance.fill { 0.5 * slopes[$0, $1] / (variance[$0, $1] + Self.epsilon) }
        kernels.multiply(squares, transposed: true, by: variance, into: scaleGradient)
        gradient.fill { 2 * scales[$0, $1] * scaleGradient[$0, $1] }
    }
}
