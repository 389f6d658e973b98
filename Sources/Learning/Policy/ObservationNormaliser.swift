/// Centres and scales observations: (x - mean) / deviation, cut off at ± `bound`.
public struct ObservationNormaliser: Sendable, Equatable {
    /// The means, one a coordinate.
    public let mean: [Float]
    /// One over the deviations, one a coordinate.
    public let inverseDeviation: [Float]
    /// The largest magnitude that comes out.
    public static let bound: Float = 10

    init(mean: [Float], inverseDeviation: [Float]) {
        precondition(mean.count == inverseDeviation.count, "lengths differ")
        self.mean = mean
        self.inverseDeviation = inverseDeviation
    }

    /// One coordinate, normalised.
    func apply(_ value: Float, at index: Int) -> Float {
        let scaled = (value - mean[index]) * inverseDeviation[index]
        return min(max(scaled, -Self.bound), Self.bound)
    }
}

/// Mean and variance of all observations so far, by Welford's method in double precision.
struct RunningNormaliser {
    private(set) var count = 0.0
    private(set) var means: [Double]
    private(set) var squares: [Double]

    /// Below this variance a coordinate counts as constant and is not scaled.
    static let leastVariance = 1e-8

    init(count: Int) {
        means = Array(repeating: 0, count: count)
        squares = means
    }

    /// The state that `tensor` wrote.
    init(tensor: NamedTensor, count: Int) throws(LearningError) {
        guard case .u64(let words) = tensor.storage, words.count == 1 + 2 * count else {
            throw .wrongTensor(name: tensor.name, expected: "\(1 + 2 * count) U64", found: "other")
        }
        let values = words.map { Double(bitPattern: $0) }
        guard values.allSatisfy(\.isFinite), values[0] >= 0 else {
            throw .badValue(name: tensor.name)
        }
        self.count = values[0]
        means = Array(values[1...count])
        squares = Array(values[(count + 1)...])
    }

    /// Count, means and sums of squares as the bits of doubles.
    func tensor(_ name: String) -> NamedTensor {
        let words = ([count] + means + squares).map(\.bitPattern)
        return NamedTensor(name: name, shape: [words.count], storage: .u64(words))
    }

    mutating func note(_ observation: Span<Float>) {
        precondition(observation.count == means.count, "an observation of another length")
        count += 1
        for index in means.indices {
            let value = Double(observation[index])
            let gap = value - means[index]
            means[index] += gap / count
            squares[index] += gap * (value - means[index])
        }
    }

    /// What is known now, for a policy; `nil` before two observations.
    var frozen: ObservationNormaliser? {
        guard count >= 2 else { return nil }
        return ObservationNormaliser(
            mean: means.map { Float($0) },
            inverseDeviation: means.indices.map { inverseDeviation($0) }
        )
    }

    private func inverseDeviation(_ index: Int) -> Float {
        let variance = squares[index] / count
        return variance < Self.leastVariance ? 1 : Float(1 / variance.squareRoot())
    }

    /// Normalises the observations of a batch, at both ends and between.
    func apply(to batch: ReplayBatch) {
        guard count >= 2 else { return }
        for index in means.indices {
            let (mean, inverse) = (Float(means[index]), inverseDeviation(index))
            normalise(batch.inputs, batch.featureCount + index, mean, inverse)
            normalise(batch.nextInputs, batch.featureCount + index, mean, inverse)
            for matrix in batch.intermediates { normalise(matrix, index, mean, inverse) }
        }
    }

    private func normalise(_ matrix: Matrix, _ column: Int, _ mean: Float, _ inverse: Float) {
        let bound = ObservationNormaliser.bound
        for row in 0..<matrix.rows {
            let scaled = (matrix[row, column] - mean) * inverse
            matrix[row, column] = min(max(scaled, -bound), bound)
        }
    }
}
