/// Room for the factors and summands of one normalisation.
final class FoldingRoom {
    fileprivate let factors: Matrix
    fileprivate let summands: FloatBuffer

    init(for shapes: [NetworkShape]) {
        let widest = shapes.flatMap(\.norms).map(\.width).max() ?? 1
        factors = Matrix(rows: 1, columns: widest)
        summands = FloatBuffer(count: widest)
    }
}

extension BatchRenorm {
    /// Writes a network without normalisation that computes what `network` does with its running
    /// statistics.
    ///
    /// At rest a normalisation is one factor and one summand a unit, which the next layer's weights
    /// and bias take in; acting and the actor's view of the critics then need no code of their own.
    func fold(
        _ network: TrainedNetwork,
        parameters: FloatBuffer,
        into plain: FrozenNetwork,
        room: FoldingRoom
    ) {
        let shape = network.shape
        guard let statistics = network.statistics else { preconditionFailure("no statistics") }
        for layer in shape.layers.indices {
            let gain = shape.gain(layer, in: parameters)
            let shift = shape.shift(layer, in: parameters)
            let mean = shape.runningMean(layer, in: statistics)
            let variance = shape.runningVariance(layer, in: statistics)
            let factor = room.factors.columns(0..<gain.columns)
            let summand = room.summands
            for unit in 0..<gain.columns {
                let deviation = (variance[0, unit] + Float(settings.epsilon)).squareRoot()
                factor[0, unit] = gain[0, unit] / deviation
                summand[unit] = shift[0, unit] - factor[0, unit] * mean[0, unit]
            }
            fold(layer, of: shape, parameters, factor, summand, into: plain)
        }
    }

    private func fold(
        _ layer: Int,
        of shape: NetworkShape,
        _ parameters: FloatBuffer,
        _ factor: Matrix,
        _ summand: FloatBuffer,
        into plain: FrozenNetwork
    ) {
        let weights = shape.weights(layer, in: parameters)
        let bias = shape.bias(layer, in: parameters)
        let newWeights = plain.shape.weights(layer, in: plain.parameters)
        let newBias = plain.shape.bias(layer, in: plain.parameters)
        if shape.layers[layer].isRow {
            var sum = bias[0, 0]
            for unit in 0..<factor.columns {
                newWeights[0, unit] = weights[0, unit] * factor[0, unit]
                sum += weights[0, unit] * summand[unit]
            }
            newBias[0, 0] = sum
        } else {
            kernels.columnSum(weights, scale: summand, into: newBias)
            for column in 0..<bias.columns { newBias[0, column] += bias[0, column] }
            kernels.scaleRows(weights, by: factor, into: newWeights)
        }
    }
}
