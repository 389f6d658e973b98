import Glibc

@testable import Learning

/// A fully connected network in double precision, written for reading: one loop a sum.
///
/// Its parameters lie as the network's do, so that a test can move one by its place.
struct ReferenceNetwork {
    let shape: NetworkShape
    var parameters: [Double]
    /// Units left out, a set of row * width + unit for each hidden layer.
    var dropped: [Set<Int>] = []
    /// With batch norm, the ratio and the distance of each normalisation, constants to a gradient.
    var corrections: [[(ratio: Double, distance: Double)]] = []

    /// Places of all parameters, padding left out.
    var places: [Int] {
        var places: [Int] = []
        for place in shape.layers {
            for i in 0..<place.inputs {
                for j in 0..<place.outputs { places.append(self.place(place, i, j)) }
            }
            for j in 0..<place.outputs { places.append(place.biasOffset + j) }
        }
        for norm in shape.norms {
            for j in 0..<norm.width { places += [norm.gainOffset + j, norm.shiftOffset + j] }
        }
        if let place = shape.exploration {
            for i in 0..<place.inputs {
                for j in 0..<place.outputs { places.append(self.place(place, i, j)) }
            }
        }
        return places
    }

    private func place(_ layer: NetworkShape.Layer, _ i: Int, _ j: Int) -> Int {
        layer.isRow ? layer.weightOffset + i : layer.weightOffset + i * layer.stride + j
    }

    /// The output of one sample; not for batch norm.
    func output(_ input: [Double]) -> [Double] { outputs([input])[0] }

    /// The output of each sample.
    func outputs(_ inputs: [[Double]]) -> [[Double]] { run(inputs).outputs }

    /// The last hidden layer of each sample.
    func features(_ inputs: [[Double]]) -> [[Double]] { run(inputs).features }

    private func run(_ inputs: [[Double]]) -> (outputs: [[Double]], features: [[Double]]) {
        var values = inputs
        if shape.normalisation == .batch { values = batchNormed(values, 0) }
        for layer in 0..<shape.hiddenCount {
            values = linear(values, layer)
            if shape.normalisation == .layer { values = layerNormed(values, layer) }
            values = values.map { $0.map { max(0, $0) } }
            if shape.normalisation == .batch { values = batchNormed(values, layer + 1) }
        }
        return (linear(values, shape.hiddenCount), values)
    }

    func linear(_ inputs: [[Double]], _ layer: Int) -> [[Double]] {
        let place = shape.layers[layer]
        return inputs.map { input in
            (0..<place.outputs).map { j in
                var sum = parameters[place.biasOffset + j]
                for i in 0..<place.inputs { sum += input[i] * parameters[self.place(place, i, j)] }
                return sum
            }
        }
    }

    /// Dropout with the usual scaling of what stays would give the same, but for epsilon.
    private func layerNormed(_ inputs: [[Double]], _ layer: Int) -> [[Double]] {
        let norm = shape.norms[layer]
        return inputs.enumerated().map { row, input in
            var kept = input
            if !dropped.isEmpty {
                for j in 0..<norm.width where dropped[layer].contains(row * norm.width + j) {
                    kept[j] = 0
                }
            }
            let mean = kept.reduce(0, +) / Double(norm.width)
            let variance = kept.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(norm.width)
            let deviation = (variance + 1e-5).squareRoot()
            return (0..<norm.width).map { j in
                let unit = (kept[j] - mean) / deviation
                return parameters[norm.gainOffset + j] * unit + parameters[norm.shiftOffset + j]
            }
        }
    }

    func batchNormed(_ inputs: [[Double]], _ index: Int) -> [[Double]] {
        let norm = shape.norms[index]
        var result = inputs
        let count = Double(inputs.count)
        for j in 0..<norm.width {
            let mean = inputs.reduce(0) { $0 + $1[j] } / count
            let variance = inputs.reduce(0) { $0 + ($1[j] - mean) * ($1[j] - mean) } / count
            let deviation = (variance + 1e-3).squareRoot()
            let correction = corrections.isEmpty ? (ratio: 1, distance: 0) : corrections[index][j]
            for row in inputs.indices {
                let unit = (inputs[row][j] - mean) / deviation
                let corrected = unit * correction.ratio + correction.distance
                result[row][j] =
                    parameters[norm.gainOffset + j] * corrected + parameters[norm.shiftOffset + j]
            }
        }
        return result
    }
}

/// The losses of soft actor-critic in double precision, straight from their definitions.
struct ReferenceSAC {
    var lowestLogSigma = -20.0
    var highestLogSigma = 2.0
    var isSmooth = false
    var usesMean = false

    /// The action tanh(mu + sigma z) and log pi of it, with 1 - tanh² formed by cosh.
    func sample(_ head: [Double], noise: [Double]) -> (action: [Double], logDensity: Double) {
        let count = noise.count
        var logDensity = 0.0
        var action: [Double] = []
        for j in 0..<count {
            let logSigma = logSigma(head[count + j])
            let u = head[j] + exp(logSigma) * noise[j]
            action.append(tanh(u))
            let gaussian = -noise[j] * noise[j] / 2 - logSigma - log(2 * Double.pi) / 2
            logDensity += gaussian + 2 * log(cosh(u))
        }
        return (action, logDensity)
    }

    private func logSigma(_ number: Double) -> Double {
        guard isSmooth else { return min(max(number, lowestLogSigma), highestLogSigma) }
        return lowestLogSigma + (highestLogSigma - lowestLogSigma) * (1 + tanh(number)) / 2
    }

    func criticLoss(_ critic: ReferenceNetwork, inputs: [[Double]], targets: [Double]) -> Double {
        var sum = 0.0
        for (output, target) in zip(critic.outputs(inputs), targets) {
            let error = output[0] - target
            sum += error * error / 2
        }
        return sum / Double(inputs.count)
    }

    /// Means, then numbers for the log sigmas.
    private func heads(
        _ actor: ReferenceNetwork,
        _ observations: [[Double]],
        features: [[Double]]?
    ) -> [[Double]] {
        let outputs = actor.outputs(observations)
        guard let place = actor.shape.exploration else { return outputs }
        // No gradient flows into the features, so they are given from outside.
        let features = features ?? actor.features(observations)
        return zip(outputs, features).map { output, features in
            let logs = (0..<place.outputs).map { j in
                var variance = 1e-6
                for i in 0..<place.inputs {
                    let log = actor.parameters[place.weightOffset + i * place.stride + j]
                    variance += features[i] * features[i] * exp(2 * log)
                }
                return log(variance) / 2
            }
            return output + logs
        }
    }

    func actorLoss(
        _ actor: ReferenceNetwork,
        critics: [ReferenceNetwork],
        observations: [[Double]],
        noise: [[Double]],
        alpha: Double,
        features: [[Double]]? = nil
    ) -> Double {
        let samples = zip(heads(actor, observations, features: features), noise).map {
            sample($0, noise: $1)
        }
        let inputs = zip(observations, samples).map { $0 + $1.action }
        let values = critics.map { $0.outputs(inputs) }
        var sum = 0.0
        for row in inputs.indices {
            let row = (values: values.map { $0[row][0] }, density: samples[row].logDensity)
            let value =
                usesMean ? row.values.reduce(0, +) / Double(critics.count) : row.values.min() ?? 0
            sum += alpha * row.density - value
        }
        return sum / Double(observations.count)
    }
}

/// The same parameters in double precision.
func referenceNetwork(_ network: TrainedNetwork) -> ReferenceNetwork {
    let values = network.parameters.values(at: 0, count: network.shape.count)
    return ReferenceNetwork(shape: network.shape, parameters: values.map { Double($0) })
}

/// How far the network's gradient is from central differences of `loss`, parameter by parameter.
func worstError(_ network: TrainedNetwork, loss: (ReferenceNetwork) -> Double) -> Double {
    worstError(network, from: referenceNetwork(network), loss: loss)
}

func worstError(
    _ network: TrainedNetwork,
    from plain: ReferenceNetwork,
    loss: (ReferenceNetwork) -> Double
) -> Double {
    let step = 1e-6
    var worst = 0.0
    for place in plain.places {
        var (up, down) = (plain, plain)
        up.parameters[place] += step
        down.parameters[place] -= step
        let expected = (loss(up) - loss(down)) / (2 * step)
        let found = Double(network.gradient[place])
        worst = max(worst, abs(found - expected) / (abs(expected) + 1e-2))
    }
    return worst
}
