import Glibc

@testable import Learning

/// A fully connected network in double precision, written for reading: one loop a sum.
struct ReferenceNetwork {
    /// Each layer's weights, inputs x outputs, and bias.
    var weights: [[[Double]]]
    var biases: [[Double]]

    func output(_ input: [Double]) -> [Double] {
        var values = input
        for layer in weights.indices {
            var next = biases[layer]
            for (i, row) in weights[layer].enumerated() {
                for (j, weight) in row.enumerated() { next[j] += values[i] * weight }
            }
            values = layer + 1 < weights.count ? next.map { max(0, $0) } : next
        }
        return values
    }
}

/// The losses of soft actor-critic in double precision, straight from their definitions.
enum ReferenceSAC {
    static let lowestLogSigma = -20.0
    static let highestLogSigma = 2.0

    /// The action tanh(mu + sigma z) and log pi of it, with 1 - tanh² formed by cosh.
    static func sample(_ head: [Double], noise: [Double]) -> (action: [Double], logDensity: Double)
    {
        let count = noise.count
        var logDensity = 0.0
        var action: [Double] = []
        for j in 0..<count {
            let logSigma = min(max(head[count + j], lowestLogSigma), highestLogSigma)
            let u = head[j] + exp(logSigma) * noise[j]
            action.append(tanh(u))
            let gaussian = -noise[j] * noise[j] / 2 - logSigma - log(2 * Double.pi) / 2
            logDensity += gaussian + 2 * log(cosh(u))
        }
        return (action, logDensity)
    }

    static func criticLoss(_ critic: ReferenceNetwork, inputs: [[Double]], targets: [Double])
        -> Double
    {
        var sum = 0.0
        for (input, target) in zip(inputs, targets) {
            let error = critic.output(input)[0] - target
            sum += error * error / 2
        }
        return sum / Double(inputs.count)
    }

    static func actorLoss(
        _ actor: ReferenceNetwork,
        critics: [ReferenceNetwork],
        observations: [[Double]],
        noise: [[Double]],
        alpha: Double
    ) -> Double {
        var sum = 0.0
        for (observation, z) in zip(observations, noise) {
            let (action, logDensity) = sample(actor.output(observation), noise: z)
            let values = critics.map { $0.output(observation + action)[0] }
            sum += alpha * logDensity - min(values[0], values[1])
        }
        return sum / Double(observations.count)
    }
}

/// The same parameters in double precision.
func referenceNetwork(_ network: TrainedNetwork) -> ReferenceNetwork {
    var result = ReferenceNetwork(weights: [], biases: [])
    for (layer, place) in network.shape.layers.enumerated() {
        let stored = network.shape.weights(layer, in: network.parameters)
        result.weights.append(
            (0..<place.inputs).map { i in
                (0..<place.outputs).map { j in
                    Double(place.outputs == 1 ? stored[0, i] : stored[i, j])
                }
            }
        )
        let bias = network.shape.bias(layer, in: network.parameters)
        result.biases.append((0..<place.outputs).map { Double(bias[0, $0]) })
    }
    return result
}
