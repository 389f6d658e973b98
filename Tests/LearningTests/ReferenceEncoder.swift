@testable import Learning

/// An encoder in double precision, read from its tensors as a file has them.
struct ReferenceEncoder {
    let shape: EncoderShape
    /// Values by the tensor's name.
    var values: [String: [Double]] = [:]

    init(shape: EncoderShape, parameters: FloatBuffer) {
        self.shape = shape
        for tensor in shape.tensors("e", of: parameters) {
            guard case .floats(let floats) = tensor.storage else { continue }
            values[tensor.name] = floats.map { Double($0) }
        }
    }

    /// A picture by row, column and channel.
    private struct Grid {
        let rows, columns, channels: Int
        var values: [Double]

        init(_ rows: Int, _ columns: Int, _ channels: Int) {
            (self.rows, self.columns, self.channels) = (rows, columns, channels)
            values = Array(repeating: 0, count: rows * columns * channels)
        }

        subscript(row: Int, column: Int, channel: Int) -> Double {
            get {
                guard row >= 0, column >= 0, row < rows, column < columns else { return 0 }
                return values[(row * columns + column) * channels + channel]
            }
            set { values[(row * columns + column) * channels + channel] = newValue }
        }
    }

    /// What comes out for one observation's frames, the newest first.
    func features(_ bytes: [UInt8]) -> [Double] {
        let image = shape.image
        var grid = Grid(image.height, image.width, image.history * image.channels)
        for frame in 0..<image.history {
            for row in 0..<image.height {
                for column in 0..<image.width {
                    for channel in 0..<image.channels {
                        let place = frame * image.height * image.width + row * image.width + column
                        let byte = bytes[place * image.channels + channel]
                        grid[row, column, frame * image.channels + channel] =
                            Double(byte) / 255 - 0.5
                    }
                }
            }
        }
        for index in shape.convolutions.indices { grid = convolved(grid, index) }
        guard let head = shape.head else { return grid.values }
        return squashed(grid.values, head)
    }

    private func convolved(_ input: Grid, _ index: Int) -> Grid {
        let layer = shape.convolutions[index]
        let weights = values["e.convolution.\(index).weight"] ?? []
        let bias = values["e.convolution.\(index).bias"] ?? []
        var output = Grid(layer.rows, layer.columns, layer.filters)
        for row in 0..<layer.rows {
            for column in 0..<layer.columns {
                for filter in 0..<layer.filters {
                    var sum = bias[filter]
                    for tap in 0..<layer.taps {
                        let (window, channel) = (tap / layer.channels, tap % layer.channels)
                        sum +=
                            weights[tap * layer.filters + filter]
                            * input[
                                row * layer.stride - layer.padding + window / 3,
                                column * layer.stride - layer.padding + window % 3,
                                channel
                            ]
                    }
                    output[row, column, filter] = max(0, sum)
                }
            }
        }
        return layer.isPooled ? pooled(output) : output
    }

    private func pooled(_ input: Grid) -> Grid {
        var output = Grid(input.rows / 2, input.columns / 2, input.channels)
        for row in 0..<output.rows {
            for column in 0..<output.columns {
                for channel in 0..<input.channels {
                    let four = [(0, 0), (0, 1), (1, 0), (1, 1)].map {
                        input[2 * row + $0.0, 2 * column + $0.1, channel]
                    }
                    output[row, column, channel] = four.max() ?? 0
                }
            }
        }
        return output
    }

    private func squashed(_ input: [Double], _ head: EncoderShape.Head) -> [Double] {
        let weights = values["e.linear.weight"] ?? []
        var sums = values["e.linear.bias"] ?? []
        for output in 0..<head.outputs {
            for index in input.indices {
                sums[output] += input[index] * weights[index * head.outputs + output]
            }
        }
        let mean = sums.reduce(0, +) / Double(head.outputs)
        let variance = sums.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(head.outputs)
        let (gain, shift) = (values["e.linear.gain"] ?? [], values["e.linear.shift"] ?? [])
        return sums.indices.map { index in
            let normal = (sums[index] - mean) / (variance + Double(layerNormEpsilon)).squareRoot()
            return hyperbolicTangent(gain[index] * normal + shift[index])
        }
    }
}
