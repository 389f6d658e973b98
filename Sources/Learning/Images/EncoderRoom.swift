/// What sixteen pictures become on their way through an encoder.
struct EncodedGroup {
    /// Each convolution's output, the next one's zeros around it.
    let outputs: [LaneArray]
    /// For pooled ones, which of four each output was; `nil` where nobody will ask.
    let chosen: [FloatBuffer?]

    init(shape: EncoderShape, keepsChoices: Bool) {
        let layers = shape.convolutions
        outputs = layers.indices.map { index in
            LaneArray(
                rows: layers[index].outputRows,
                columns: layers[index].outputColumns,
                channels: layers[index].filters,
                border: index + 1 < layers.count ? layers[index + 1].padding : 0
            )
        }
        chosen = layers.map { layer in
            guard layer.isPooled, keepsChoices else { return nil }
            let count = layer.outputRows * layer.outputColumns * layer.filters
            return FloatBuffer(count: count * LaneArray.lanes)
        }
    }

    /// The last convolution's output.
    var last: LaneArray { outputs[outputs.count - 1] }
}

/// One thread's room for taking groups of pictures through an encoder.
final class EncoderRoom {
    /// The pictures as numbers, the first convolution's zeros around them.
    let input: LaneArray
    /// Convolutions' outputs before pooling; `nil` without.
    let beforePooling: [LaneArray?]
    /// For passes of which nothing is kept.
    let group: EncodedGroup

    init(shape: EncoderShape) {
        let layers = shape.convolutions
        input = LaneArray(
            rows: shape.image.height,
            columns: shape.image.width,
            channels: shape.image.depth,
            border: layers[0].padding
        )
        beforePooling = layers.map { layer in
            guard layer.isPooled else { return nil }
            return LaneArray(
                rows: layer.rows,
                columns: layer.columns,
                channels: layer.filters,
                border: 0
            )
        }
        group = EncodedGroup(shape: shape, keepsChoices: false)
    }
}

/// One thread's room for an encoder's backward pass.
final class EncoderSlopes {
    /// Slopes at each convolution's output, after pooling, for those that are pooled.
    let pooled: [LaneArray?]
    /// Slopes at each convolution's sums, zeros around them as its windows reach.
    let sums: [LaneArray]
    /// Each convolution's weights by row, column, filter, channel; nothing for the first.
    let turned: [FloatBuffer]
    /// The gradient of weights and biases, each lane by itself.
    let weights: [FloatBuffer]
    let biases: [FloatBuffer]
    /// What this thread's pictures say about the parameters.
    let gradient: FloatBuffer

    init(shape: EncoderShape) {
        let layers = shape.convolutions
        pooled = layers.map { layer in
            guard layer.isPooled else { return nil }
            return LaneArray(
                rows: layer.outputRows,
                columns: layer.outputColumns,
                channels: layer.filters,
                border: 0
            )
        }
        sums = layers.indices.map { index in
            LaneArray(
                rows: layers[index].rows,
                columns: layers[index].columns,
                channels: layers[index].filters,
                border: index > 0 ? 2 - layers[index].padding : 0
            )
        }
        turned = layers.indices.map {
            FloatBuffer(count: $0 > 0 ? layers[$0].weightCount : 0)
        }
        weights = layers.map { FloatBuffer(count: $0.weightCount * LaneArray.lanes) }
        biases = layers.map { FloatBuffer(count: $0.filters * LaneArray.lanes) }
        gradient = FloatBuffer(count: shape.count)
    }

    /// Begins a batch: sums of nothing, and the weights as they are now.
    func begin(_ shape: EncoderShape, parameters: FloatBuffer) {
        for buffer in weights { buffer.clear() }
        for buffer in biases { buffer.clear() }
        gradient.clear()
        for (index, layer) in shape.convolutions.enumerated() where index > 0 {
            turn(layer, parameters, into: turned[index])
        }
    }

    private func turn(
        _ layer: EncoderShape.Convolution,
        _ parameters: FloatBuffer,
        into turned: FloatBuffer
    ) {
        let (channels, filters) = (layer.channels, layer.filters)
        for window in 0..<9 {
            for channel in 0..<channels {
                let from = layer.weightOffset + (window * channels + channel) * filters
                let to = window * filters * channels + channel
                for filter in 0..<filters {
                    turned[to + filter * channels] = parameters[from + filter]
                }
            }
        }
    }
}
