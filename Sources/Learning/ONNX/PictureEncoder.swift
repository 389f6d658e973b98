/// An encoder of pictures as plain operations: bytes to numbers, convolutions, and for some a linear
/// layer with layer norm and tanh.
public struct PictureEncoder: Sendable, Equatable {
    /// A 3x3 convolution, rectified; where it is pooled, the largest of each 2x2 outputs goes on.
    public struct Convolution: Sendable, Equatable {
        /// Filters x channels x 3 x 3, the last dimension running fastest.
        public let weights: [Float]
        /// A number for each filter.
        public let bias: [Float]
        /// Pixels from one window to the next.
        public let stride: Int
        /// Rows and columns of zeros around the input.
        public let padding: Int
        /// Whether 2x2 pooling follows.
        public let isPooled: Bool
    }

    /// y = tanh(gain norm(x W + b) + shift); norm is over the outputs of one sample.
    public struct Linear: Sendable, Equatable {
        /// Inputs x outputs, a row after the other.
        public let weights: [Float]
        /// A number for each output, as gain and shift.
        public let bias: [Float]
        /// The normalisation's factors.
        public let gain: [Float]
        /// What is added to that.
        public let shift: [Float]
        /// Added to the variance.
        public let epsilon: Float
    }

    /// What pictures it takes.
    public let image: ImageLayout
    /// A byte becomes byte times scale plus offset.
    public let scale: Float
    /// See `scale`.
    public let offset: Float
    /// The convolutions, one behind the other.
    public let convolutions: [Convolution]
    /// What follows; `nil` for nothing.
    public let linear: Linear?
    /// Numbers that the convolutions put out, by row, column and filter.
    let flatCount: Int

    /// Numbers that come out.
    public var featureCount: Int { linear?.bias.count ?? flatCount }

    init(_ encoder: FrozenEncoder) {
        let (shape, buffer) = (encoder.shape, encoder.parameters)
        image = shape.image
        scale = PixelScale.factor
        offset = PixelScale.offset
        flatCount = shape.flatCount
        convolutions = shape.convolutions.map { layer in
            var weights: [Float] = []
            for filter in 0..<layer.filters {
                for channel in 0..<layer.channels {
                    for window in 0..<9 {
                        let place = (window * layer.channels + channel) * layer.filters + filter
                        weights.append(buffer[layer.weightOffset + place])
                    }
                }
            }
            return Convolution(
                weights: weights,
                bias: buffer.values(at: layer.biasOffset, count: layer.filters),
                stride: layer.stride,
                padding: layer.padding,
                isPooled: layer.isPooled
            )
        }
        linear = shape.head.map { head in
            Linear(
                weights: (0..<head.inputs).flatMap {
                    buffer.values(at: head.weightOffset + $0 * head.stride, count: head.outputs)
                },
                bias: buffer.values(at: head.biasOffset, count: head.outputs),
                gain: buffer.values(at: head.gainOffset, count: head.outputs),
                shift: buffer.values(at: head.shiftOffset, count: head.outputs),
                epsilon: layerNormEpsilon
            )
        }
    }
}
