/// Where each layer of a fully connected network lies in its flat parameter buffer.
///
/// A layer is a matrix of inputs x outputs with padded rows, then its bias. The last layer of a value
/// is stored as one row, so that it is a dot product. Gains and shifts of normalisation
/// follow the layers.
struct NetworkShape: Sendable, Equatable {
    /// How hidden layers are normalised.
    enum Normalisation: Sendable, Equatable {
        case none
        /// Over the units of one sample, before the rectifier.
        case layer
        /// Over the batch, after the rectifier and at the input.
        case batch
    }

    /// One layer's place.
    struct Layer: Sendable, Equatable {
        let inputs: Int
        let outputs: Int
        let weightOffset: Int
        let biasOffset: Int
        /// Whether the weights are stored as one row.
        var isRow = false

        /// Floats from one stored row to the next.
        var stride: Int { Matrix.stride(isRow ? inputs : outputs) }
    }

    /// One normalisation's place, in the parameters and in the running statistics.
    struct Norm: Sendable, Equatable {
        let width: Int
        let gainOffset: Int
        /// Of the running mean; the running variance follows.
        let statisticsOffset: Int

        /// Floats that each of gain, shift, mean and variance takes.
        var stride: Int { Matrix.stride(width) }
        var shiftOffset: Int { gainOffset + stride }
        var varianceOffset: Int { statisticsOffset + stride }
    }

    let layers: [Layer]
    let normalisation: Normalisation
    /// For layer norm, one a hidden layer; for batch norm, the input's before them.
    let norms: [Norm]
    /// Log deviations of state-dependent exploration, hidden units x actions.
    let exploration: Layer?
    /// Floats in the parameter buffer, padding included.
    let count: Int
    /// Floats in the running statistics: a line that begins with the number of passes, then these.
    let statisticsCount: Int

    init(
        inputs: Int,
        hidden: [Int],
        outputs: Int,
        normalisation: Normalisation = .none,
        explores actions: Int? = nil,
        isValue: Bool = false
    ) {
        precondition(inputs > 0 && outputs > 0 && !hidden.isEmpty, "a network needs layers")
        precondition(hidden.allSatisfy { $0 > 0 }, "a hidden layer of \(hidden) units")
        let widths = [inputs] + hidden + [outputs]
        var layers: [Layer] = []
        var offset = 0
        for (index, (inputs, outputs)) in zip(widths, widths.dropFirst()).enumerated() {
            let isRow = isValue && index == hidden.count
            let stored = isRow ? Matrix.stride(inputs) : inputs * Matrix.stride(outputs)
            layers.append(
                Layer(
                    inputs: inputs,
                    outputs: outputs,
                    weightOffset: offset,
                    biasOffset: offset + stored,
                    isRow: isRow
                )
            )
            offset += stored + (outputs + 15) / 16 * 16
        }
        self.layers = layers
        self.normalisation = normalisation
        var norms: [Norm] = []
        var statistics = 16
        let normalised = normalisation == .none ? [] : hidden
        for width in (normalisation == .batch ? [inputs] : []) + normalised {
            let norm = Norm(width: width, gainOffset: offset, statisticsOffset: statistics)
            norms.append(norm)
            offset += 2 * norm.stride
            statistics += 2 * norm.stride
        }
        self.norms = norms
        if let actions, let last = hidden.last {
            exploration = Layer(
                inputs: last,
                outputs: actions,
                weightOffset: offset,
                biasOffset: offset + last * Matrix.stride(actions)
            )
            offset += last * Matrix.stride(actions)
        } else {
            exploration = nil
        }
        count = offset
        statisticsCount = statistics
    }

    /// A network with one output.
    static func value(
        inputs: Int,
        hidden: [Int],
        normalisation: Normalisation = .none
    ) -> NetworkShape {
        NetworkShape(
            inputs: inputs,
            hidden: hidden,
            outputs: 1,
            normalisation: normalisation,
            isValue: true
        )
    }

    /// The same layers without normalisation or exploration.
    var plain: NetworkShape {
        NetworkShape(
            inputs: inputs,
            hidden: hiddenWidths,
            outputs: outputs,
            isValue: layers[hiddenCount].isRow
        )
    }

    /// How many layers end in a rectifier.
    var hiddenCount: Int { layers.count - 1 }
    /// Units of each hidden layer.
    var hiddenWidths: [Int] { layers.dropLast().map(\.outputs) }
    var inputs: Int { layers[0].inputs }
    var outputs: Int { layers[layers.count - 1].outputs }

    /// The weights of one layer, inputs x outputs (1 x inputs for the last of a value).
    func weights(_ layer: Int, in buffer: FloatBuffer) -> Matrix {
        let place = layers[layer]
        return Matrix(
            buffer,
            offset: place.weightOffset,
            rows: place.isRow ? 1 : place.inputs,
            columns: place.isRow ? place.inputs : place.outputs,
            stride: place.stride
        )
    }

    /// The bias of one layer, 1 x outputs.
    func bias(_ layer: Int, in buffer: FloatBuffer) -> Matrix {
        let place = layers[layer]
        return row(at: place.biasOffset, width: place.outputs, in: buffer)
    }

    /// The gain of one normalisation, 1 x width.
    func gain(_ norm: Int, in buffer: FloatBuffer) -> Matrix {
        row(at: norms[norm].gainOffset, width: norms[norm].width, in: buffer)
    }

    /// The shift of one normalisation, 1 x width.
    func shift(_ norm: Int, in buffer: FloatBuffer) -> Matrix {
        row(at: norms[norm].shiftOffset, width: norms[norm].width, in: buffer)
    }

    /// The running mean of one normalisation, 1 x width, in the statistics.
    func runningMean(_ norm: Int, in statistics: FloatBuffer) -> Matrix {
        row(at: norms[norm].statisticsOffset, width: norms[norm].width, in: statistics)
    }

    /// The running variance of one normalisation, 1 x width, in the statistics.
    func runningVariance(_ norm: Int, in statistics: FloatBuffer) -> Matrix {
        row(at: norms[norm].varianceOffset, width: norms[norm].width, in: statistics)
    }

    /// The log deviations of state-dependent exploration, last hidden units x actions.
    func logDeviations(in buffer: FloatBuffer) -> Matrix? {
        exploration.map {
            Matrix(
                buffer,
                offset: $0.weightOffset,
                rows: $0.inputs,
                columns: $0.outputs,
                stride: Matrix.stride($0.outputs)
            )
        }
    }

    private func row(at offset: Int, width: Int, in buffer: FloatBuffer) -> Matrix {
        Matrix(buffer, offset: offset, rows: 1, columns: width, stride: Matrix.stride(width))
    }
}

extension NetworkShape {
    /// Draws weights and biases uniformly from ±1/sqrt(inputs), PyTorch's rule for linear layers;
    /// gains are 1, shifts 0, log deviations as given.
    func initialize(
        _ buffer: FloatBuffer,
        random: inout RandomSource,
        logDeviation: Double = 0
    ) {
        for layer in layers.indices {
            let bound = 1 / Double(layers[layer].inputs).squareRoot()
            for matrix in [weights(layer, in: buffer), bias(layer, in: buffer)] {
                matrix.fill { _, _ in Float(random.uniform(in: -bound...bound)) }
            }
        }
        for norm in norms.indices { gain(norm, in: buffer).fill { _, _ in 1 } }
        logDeviations(in: buffer)?.fill { _, _ in Float(logDeviation) }
    }

    /// Sets the running statistics to those of standard normal units.
    func initialize(statistics: FloatBuffer) {
        for norm in norms.indices {
            runningVariance(norm, in: statistics).fill { _, _ in 1 }
        }
    }
}
