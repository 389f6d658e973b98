import Testing

@testable import Learning

@Suite("Batch renormalisation")
struct BatchRenormTests {
    private static let rows = 22

    static let variants: [(hidden: [Int], isWarm: Bool)] =
        [[16], [9, 20], [12, 8, 10]].flatMap { (hidden: [Int]) in
            [(hidden: hidden, isWarm: false), (hidden: hidden, isWarm: true)]
        }

    /// A value network with statistics, gains and shifts that are not all alike, and its batch.
    private static func network(
        _ hidden: [Int],
        passes: Float,
        random: inout RandomSource
    ) -> (network: TrainedNetwork, input: Matrix) {
        let network = TrainedNetwork(
            shape: .value(inputs: 7, hidden: hidden, normalisation: .batch),
            hasTarget: false,
            random: &random
        )
        for norm in network.shape.norms {
            for unit in 0..<norm.width {
                network.parameters[norm.gainOffset + unit] = Float(random.uniform(in: 0.5...1.5))
                network.parameters[norm.shiftOffset + unit] = Float(random.normal() * 0.3)
                // Some units far from the running statistics, so that both bounds are met.
                network.statistics?[norm.statisticsOffset + unit] = Float(random.normal() * 2)
                network.statistics?[norm.varianceOffset + unit] =
                    Float(random.uniform() < 0.3 ? 1e-3 : random.uniform(in: 0.2...2))
            }
        }
        network.statistics?[0] = passes
        let input = Matrix(rows: rows, columns: 7)
        input.fill { _, column in Float(random.normal() * Double(column + 1)) }
        return (network, input)
    }

    /// The constants that the paper's formulas give for a batch, layer after layer.
    private static func corrections(
        _ plain: ReferenceNetwork,
        statistics: FloatBuffer,
        inputs: [[Double]],
        settings: LearnerSettings.Renormalisation
    ) -> [[(ratio: Double, distance: Double)]] {
        var result: [[(ratio: Double, distance: Double)]] = plain.shape.norms.map { norm in
            Array(repeating: (1, 0), count: norm.width)
        }
        // Each normalisation's input depends on the corrections before it.
        for (index, norm) in plain.shape.norms.enumerated() {
            var partial = plain
            partial.corrections = result
            let units = partial.normInputs(inputs, index)
            for j in 0..<norm.width {
                let mean = units.reduce(0) { $0 + $1[j] } / Double(units.count)
                let variance =
                    units.reduce(0) { $0 + ($1[j] - mean) * ($1[j] - mean) } / Double(units.count)
                let running = (Double(statistics[norm.varianceOffset + j]) + 1e-3).squareRoot()
                let ratio = (variance + 1e-3).squareRoot() / running
                let distance = (mean - Double(statistics[norm.statisticsOffset + j])) / running
                result[index][j] = (
                    min(max(ratio, 1 / settings.largestRatio), settings.largestRatio),
                    min(max(distance, -settings.largestShift), settings.largestShift)
                )
            }
        }
        return result
    }

    @Test(
        "Forward and backward pass are those of the formulas, before and after the warm-up",
        arguments: Kernels.available,
        variants
    )
    func gradient(level: Int32, variant: (hidden: [Int], isWarm: Bool)) throws {
        let kernels = Kernels(level: level)
        var settings = LearnerSettings.Renormalisation()
        settings.warmUpPasses = 10
        var random = RandomSource(seed: 61)
        let (network, input) = Self.network(
            variant.hidden,
            passes: variant.isWarm ? 10 : 9,
            random: &random
        )
        let shape = network.shape
        let inputs = (0..<Self.rows).map { row in (0..<7).map { Double(input[row, $0]) } }
        var plain = referenceNetwork(network)
        if variant.isWarm {
            plain.corrections = Self.corrections(
                plain,
                statistics: try #require(network.statistics),
                inputs: inputs,
                settings: settings
            )
        }
        let pass = RenormedPass(
            shape: shape,
            rows: Self.rows,
            panel: Activations.panel(for: [shape])
        )
        let renorm = BatchRenorm(settings: settings, kernels: kernels)
        renorm.forward(network, input: input, pass: pass)

        // The loss weighs the first half of the outputs, as CrossQ's does.
        let weights = (0..<Self.rows).map { $0 < Self.rows / 2 ? random.normal() : 0 }
        let column = Matrix(rows: Self.rows, columns: 1)
        column.fill { row, _ in Float(weights[row]) }
        let last = shape.hiddenCount
        let scale = FloatBuffer(count: Self.rows)
        for row in 0..<Self.rows { scale[row] = Float(weights[row]) }
        kernels.columnSum(pass.last, scale: scale, into: shape.weights(last, in: network.gradient))
        network.gradient[shape.layers[last].biasOffset] = Float(weights.reduce(0, +))
        kernels.multiply(
            column,
            by: shape.weights(last, in: network.parameters),
            into: pass.last
        )
        renorm.backward(network, input: input, pass: pass, toInput: true)
        func loss(_ network: ReferenceNetwork, _ inputs: [[Double]]) -> Double {
            zip(network.outputs(inputs), weights).reduce(0) { $0 + $1.0[0] * $1.1 }
        }
        let worst = worstError(network, from: plain) { loss($0, inputs) }
        #expect(worst < 2e-3, "off by \(worst)")
        // An encoder's features are part of the input. Rows outside the loss count through the
        // statistics.
        let difference = 1e-6
        for (row, column) in [(0, 0), (3, 6), (Self.rows / 2, 2), (Self.rows - 1, 5)] {
            var (up, down) = (inputs, inputs)
            up[row][column] += difference
            down[row][column] -= difference
            let slope = (loss(plain, up) - loss(plain, down)) / (2 * difference)
            let found = Double(pass.normalised[0][row, column])
            #expect(abs(found - slope) < 2e-3 * max(1, abs(slope)), "\(found), not \(slope)")
        }
    }

    @Test("Running statistics follow the batch's by the momentum")
    func statistics() throws {
        var random = RandomSource(seed: 62)
        let (network, input) = Self.network([8], passes: 0, random: &random)
        let statistics = try #require(network.statistics)
        let before = statistics.values(at: 0, count: statistics.count)
        let pass = RenormedPass(
            shape: network.shape,
            rows: Self.rows,
            panel: Activations.panel(for: [network.shape])
        )
        let settings = LearnerSettings.Renormalisation()
        BatchRenorm(settings: settings, kernels: Kernels())
            .forward(network, input: input, pass: pass)
        let norm = network.shape.norms[0]
        for unit in 0..<norm.width {
            let column = (0..<Self.rows).map { Double(input[$0, unit]) }
            let mean = column.reduce(0, +) / Double(Self.rows)
            let variance =
                column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(Self.rows)
            let place = norm.statisticsOffset + unit
            let expectedMean = 0.99 * Double(before[place]) + 0.01 * mean
            #expect(abs(Double(statistics[place]) - expectedMean) < 1e-5)
            let spread = norm.varianceOffset + unit
            let expectedVariance = 0.99 * Double(before[spread]) + 0.01 * variance
            #expect(abs(Double(statistics[spread]) - expectedVariance) < 1e-4)
        }
        #expect(statistics[0] == 1)
    }

    @Test("At rest the folded network is the normalised one with its running statistics")
    func folding() throws {
        var random = RandomSource(seed: 63)
        let (network, input) = Self.network([9, 20], passes: 0, random: &random)
        let shape = network.shape
        let kernels = Kernels()
        let plain = FrozenNetwork(resting: shape)
        BatchRenorm(settings: LearnerSettings.Renormalisation(), kernels: kernels).fold(
            network,
            parameters: network.parameters,
            into: plain,
            room: FoldingRoom(for: [shape])
        )
        let statistics = try #require(network.statistics)
        let reference = referenceNetwork(network)
        let folded = ReferenceNetwork(
            shape: plain.shape,
            parameters: plain.parameters.values(at: 0, count: plain.shape.count).map { Double($0) }
        )
        for row in 0..<Self.rows {
            let values = (0..<7).map { Double(input[row, $0]) }
            let expected = reference.atRest(values, statistics: statistics)[0]
            #expect(abs(folded.output(values)[0] - expected) < 1e-4 * (1 + abs(expected)))
        }
    }
}

extension ReferenceNetwork {
    /// What normalisation `index` reads, for a batch.
    fileprivate func normInputs(_ inputs: [[Double]], _ index: Int) -> [[Double]] {
        var values = inputs
        for layer in 0..<index {
            values = linear(batchNormed(values, layer), layer).map { $0.map { max(0, $0) } }
        }
        return values
    }

    /// The output of one sample with the running statistics instead of a batch's.
    fileprivate func atRest(_ input: [Double], statistics: FloatBuffer) -> [Double] {
        func normed(_ values: [Double], _ index: Int) -> [Double] {
            let norm = shape.norms[index]
            return values.indices.map { j in
                let variance = Double(statistics[norm.varianceOffset + j])
                let mean = Double(statistics[norm.statisticsOffset + j])
                let unit = (values[j] - mean) / (variance + 1e-3).squareRoot()
                return parameters[norm.gainOffset + j] * unit + parameters[norm.shiftOffset + j]
            }
        }
        var values = normed(input, 0)
        for layer in 0..<shape.hiddenCount {
            values = linear([values], layer)[0].map { max(0, $0) }
            values = normed(values, layer + 1)
        }
        return linear([values], shape.hiddenCount)[0]
    }
}
