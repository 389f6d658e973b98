/// Where each layer of a fully connected network lies in its flat parameter buffer.
///
/// A layer is a matrix of inputs x outputs with padded rows, then its bias. A layer with a single
/// output is stored as one row, so that it is a dot product.
struct NetworkShape: Sendable, Equatable {
    /// One layer's place.
    struct Layer: Sendable, Equatable {
        let inputs: Int
        let outputs: Int
        let weightOffset: Int
        let biasOffset: Int

        /// Floats from one stored row to the next.
        var stride: Int { Matrix.stride(outputs == 1 ? inputs : outputs) }
    }

    let layers: [Layer]
    /// Floats in the buffer, padding included.
    let count: Int

    init(inputs: Int, hidden: [Int], outputs: Int) {
        precondition(inputs > 0 && outputs > 0 && !hidden.isEmpty, "a network needs layers")
        precondition(hidden.allSatisfy { $0 > 0 }, "a hidden layer of \(hidden) units")
        let widths = [inputs] + hidden + [outputs]
        var layers: [Layer] = []
        var offset = 0
        for (inputs, outputs) in zip(widths, widths.dropFirst()) {
            let stored = outputs == 1 ? Matrix.stride(inputs) : inputs * Matrix.stride(outputs)
            layers.append(
                Layer(
                    inputs: inputs,
                    outputs: outputs,
                    weightOffset: offset,
                    biasOffset: offset + stored
                )
            )
            offset += stored + (outputs + 15) / 16 * 16
        }
        self.layers = layers
        count = offset
    }

    /// How many layers end in a rectifier.
    var hiddenCount: Int { layers.count - 1 }
    var inputs: Int { layers[0].inputs }
    var outputs: Int { layers[layers.count - 1].outputs }

    /// The weights of one layer, inputs x outputs (1 x inputs for a single output).
    func weights(_ layer: Int, in buffer: FloatBuffer) -> Matrix {
        let place = layers[layer]
        let isRow = place.outputs == 1
        return Matrix(
            buffer,
            offset: place.weightOffset,
            rows: isRow ? 1 : place.inputs,
            columns: isRow ? place.inputs : place.outputs,
            stride: place.stride
        )
    }

    /// The bias of one layer, 1 x outputs.
    func bias(_ layer: Int, in buffer: FloatBuffer) -> Matrix {
        let place = layers[layer]
        let stride = Matrix.stride(place.outputs)
        return Matrix(
            buffer,
            offset: place.biasOffset,
            rows: 1,
            columns: place.outputs,
            stride: stride
        )
    }

    /// Draws weights and biases uniformly from ±1/sqrt(inputs), PyTorch's rule for linear layers.
    func initialize(_ buffer: FloatBuffer, random: inout RandomSource) {
        for layer in layers.indices {
            let bound = 1 / Double(layers[layer].inputs).squareRoot()
            for matrix in [weights(layer, in: buffer), bias(layer, in: buffer)] {
                for row in 0..<matrix.rows {
                    for column in 0..<matrix.columns {
                        matrix[row, column] = Float(random.uniform(in: -bound...bound))
                    }
                }
            }
        }
    }

    /// The parameters as tensors `prefix.layer.weight` (inputs x outputs) and `prefix.layer.bias`.
    func tensors(_ prefix: String, of buffer: FloatBuffer) -> [NamedTensor] {
        layers.indices.flatMap { layer in
            let place = layers[layer]
            let matrix = weights(layer, in: buffer)
            let values = (0..<matrix.rows).flatMap { row in
                buffer.values(at: matrix.offset + row * matrix.stride, count: matrix.columns)
            }
            return [
                NamedTensor(
                    name: "\(prefix).\(layer).weight",
                    shape: [place.inputs, place.outputs],
                    floats: values
                ),
                NamedTensor(
                    name: "\(prefix).\(layer).bias",
                    shape: [place.outputs],
                    floats: buffer.values(at: place.biasOffset, count: place.outputs)
                ),
            ]
        }
    }

    /// A buffer with the parameters that `tensors` wrote.
    ///
    /// Padding is zero.
    func read(_ prefix: String, from tensors: [NamedTensor]) throws(LearningError) -> FloatBuffer {
        let buffer = FloatBuffer(count: count)
        for (layer, place) in layers.enumerated() {
            let shape = [place.inputs, place.outputs]
            let values = try tensors.floats("\(prefix).\(layer).weight", shape: shape)
            let matrix = weights(layer, in: buffer)
            for row in 0..<matrix.rows {
                let start = row * matrix.columns
                let slice = Array(values[start..<start + matrix.columns])
                buffer.set(slice, at: matrix.offset + row * matrix.stride)
            }
            let bias = try tensors.floats("\(prefix).\(layer).bias", shape: [place.outputs])
            buffer.set(bias, at: place.biasOffset)
        }
        return buffer
    }
}
