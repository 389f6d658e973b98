/// Room for one training pass of a batch-renormalised network, and what its backward pass needs.
///
/// Every hidden layer is linear, rectified, then normalised over the batch; so is the input
/// (Bhatt et al., CrossQ, 2024; Ioffe, "Batch Renormalization", 2017).
final class RenormedPass {
    /// The input, then each hidden layer's output, normalised; rows x units.
    let normalised: [Matrix]
    /// Each hidden layer after its rectifier.
    let hidden: [Matrix]
    let panel: FloatBuffer
    fileprivate let columns: [ColumnTerms]

    /// What one normalisation found and used, a number for each of its units.
    fileprivate struct ColumnTerms {
        let mean, variance, ratio, distance, scale, shift, sum, product: Matrix

        init(width: Int) {
            let rows = Matrix(rows: 8, columns: width)
            (mean, variance) = (rows.rows(0..<1), rows.rows(1..<2))
            (ratio, distance) = (rows.rows(2..<3), rows.rows(3..<4))
            (scale, shift) = (rows.rows(4..<5), rows.rows(5..<6))
            (sum, product) = (rows.rows(6..<7), rows.rows(7..<8))
        }
    }

    init(shape: NetworkShape, rows: Int, panel: FloatBuffer) {
        precondition(shape.normalisation == .batch, "a network without batch norm")
        self.panel = panel
        normalised = shape.norms.map { Matrix(rows: rows, columns: $0.width) }
        hidden = shape.hiddenWidths.map { Matrix(rows: rows, columns: $0) }
        columns = shape.norms.map { ColumnTerms(width: $0.width) }
    }

    /// The last hidden layer's output, normalised.
    var last: Matrix { normalised[normalised.count - 1] }
}

/// Batch renormalisation's forward and backward pass over one network.
struct BatchRenorm {
    let settings: LearnerSettings.Renormalisation
    let kernels: Kernels

    /// Runs the hidden layers on a batch, with the batch's statistics, and moves the running ones.
    func forward(_ network: TrainedNetwork, input: Matrix, pass: RenormedPass) {
        let shape = network.shape
        guard let statistics = network.statistics else { preconditionFailure("no statistics") }
        let isWarm = Int(statistics[0]) >= settings.warmUpPasses
        normalise(0, input, network, statistics, isWarm, pass)
        for layer in 0..<shape.hiddenCount {
            kernels.multiply(
                pass.normalised[layer],
                by: shape.weights(layer, in: network.parameters),
                into: pass.hidden[layer],
                epilogue: .biasRectified(network.parameters, shape.layers[layer].biasOffset)
            )
            normalise(layer + 1, pass.hidden[layer], network, statistics, isWarm, pass)
        }
        // A float counts exactly to 2^24; the warm-up is over long before.
        if statistics[0] < 16_000_000 { statistics[0] += 1 }
    }

    /// Writes the gradient of every hidden layer, gain and shift; `input` is what `forward` read.
    ///
    /// `pass.last` holds the slopes at the last normalised output; slopes take the place of what
    /// the pass computed. With `toInput` those at the input, before its normalisation, take the place
    /// of the normalised input.
    func backward(
        _ network: TrainedNetwork,
        input: Matrix,
        pass: RenormedPass,
        toInput: Bool = false
    ) {
        let shape = network.shape
        for layer in (0..<shape.hiddenCount).reversed() {
            let slope = pass.normalised[layer + 1]
            let unit = pass.hidden[layer]
            normGradient(layer + 1, slope, unit, network, pass)
            let terms = pass.columns[layer + 1]
            backwardTerms(layer + 1, network, terms, rows: slope.rows)
            kernels.combineColumns(
                slope,
                scale: terms.scale,
                plus: (unit, terms.product),
                shift: terms.shift,
                gate: unit,
                into: unit
            )
            kernels.multiply(
                pass.normalised[layer],
                transposed: true,
                by: unit,
                into: shape.weights(layer, in: network.gradient)
            )
            kernels.columnSum(unit, into: shape.bias(layer, in: network.gradient))
            slopesBelow(layer, unit, network, pass)
        }
        normGradient(0, pass.normalised[0], input, network, pass)
        guard toInput else { return }
        let terms = pass.columns[0]
        backwardTerms(0, network, terms, rows: input.rows)
        kernels.combineColumns(
            pass.normalised[0],
            scale: terms.scale,
            plus: (input, terms.product),
            shift: terms.shift,
            into: pass.normalised[0]
        )
    }

    /// Takes slopes at a layer's rectified units to what it read.
    private func slopesBelow(
        _ layer: Int,
        _ slope: Matrix,
        _ network: TrainedNetwork,
        _ pass: RenormedPass
    ) {
        kernels.multiply(
            slope,
            byTransposed: network.shape.weights(layer, in: network.parameters),
            into: pass.normalised[layer],
            panel: pass.panel
        )
    }

    /// y = gain (ratio (x - mean) / deviation + distance) + shift.
    private func normalise(
        _ index: Int,
        _ x: Matrix,
        _ network: TrainedNetwork,
        _ statistics: FloatBuffer,
        _ isWarm: Bool,
        _ pass: RenormedPass
    ) {
        let shape = network.shape
        let terms = pass.columns[index]
        kernels.columnMoments(x, mean: terms.mean, variance: terms.variance)
        let runningMean = shape.runningMean(index, in: statistics)
        let runningVariance = shape.runningVariance(index, in: statistics)
        let gain = shape.gain(index, in: network.parameters)
        let shift = shape.shift(index, in: network.parameters)
        let epsilon = Float(settings.epsilon)
        let (ratioBound, distanceBound) = (
            Float(settings.largestRatio), Float(settings.largestShift)
        )
        let keep = Float(settings.momentum)
        for unit in 0..<x.columns {
            let (mean, variance) = (terms.mean[0, unit], terms.variance[0, unit])
            let deviation = (variance + epsilon).squareRoot()
            var (ratio, distance): (Float, Float) = (1, 0)
            if isWarm {
                let running = (runningVariance[0, unit] + epsilon).squareRoot()
                ratio = min(max(deviation / running, 1 / ratioBound), ratioBound)
                distance = (mean - runningMean[0, unit]) / running
                distance = min(max(distance, -distanceBound), distanceBound)
            }
            terms.ratio[0, unit] = ratio
            terms.distance[0, unit] = distance
            let scale = gain[0, unit] * ratio / deviation
            terms.scale[0, unit] = scale
            terms.shift[0, unit] = gain[0, unit] * distance + shift[0, unit] - scale * mean
            runningMean[0, unit] = keep * runningMean[0, unit] + (1 - keep) * mean
            runningVariance[0, unit] = keep * runningVariance[0, unit] + (1 - keep) * variance
        }
        kernels.combineColumns(
            x,
            scale: terms.scale,
            shift: terms.shift,
            into: pass.normalised[index]
        )
    }

    /// The gradient of one gain and shift, and the sums that the slopes below need.
    private func normGradient(
        _ index: Int,
        _ slope: Matrix,
        _ unit: Matrix,
        _ network: TrainedNetwork,
        _ pass: RenormedPass
    ) {
        let terms = pass.columns[index]
        kernels.columnSum(slope, into: terms.sum)
        kernels.columnProducts(slope, unit, into: terms.product)
        let gainGradient = network.shape.gain(index, in: network.gradient)
        let shiftGradient = network.shape.shift(index, in: network.gradient)
        let epsilon = Float(settings.epsilon)
        for unit in 0..<slope.columns {
            let deviation = (terms.variance[0, unit] + epsilon).squareRoot()
            let sum = terms.sum[0, unit]
            // The sum of slopes times (x - mean) / deviation.
            let along = (terms.product[0, unit] - terms.mean[0, unit] * sum) / deviation
            gainGradient[0, unit] = terms.ratio[0, unit] * along + terms.distance[0, unit] * sum
            shiftGradient[0, unit] = sum
            terms.product[0, unit] = along
        }
    }

    /// dL/dx = scale (dL/dy - sum / rows - n along / rows), as x scale + y product + shift.
    ///
    /// Ratio and distance are constants to the gradient, mean and deviation are not.
    private func backwardTerms(
        _ index: Int,
        _ network: TrainedNetwork,
        _ terms: RenormedPass.ColumnTerms,
        rows: Int
    ) {
        let epsilon = Float(settings.epsilon)
        let share = 1 / Float(rows)
        for unit in 0..<terms.scale.columns {
            let deviation = (terms.variance[0, unit] + epsilon).squareRoot()
            let scale = terms.scale[0, unit]
            let slope = -scale * terms.product[0, unit] * share / deviation
            terms.product[0, unit] = slope
            terms.shift[0, unit] =
                -scale * terms.sum[0, unit] * share - slope * terms.mean[0, unit]
        }
    }
}
