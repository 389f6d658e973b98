/// Takes pictures through an encoder and slopes back, sixteen pictures at a time.
struct Encoder: Sendable {
    let shape: EncoderShape
    let kernels: Kernels
    private let forward: [ConvolutionPlan]
    /// For each convolution but the first, how slopes get from its sums to its input.
    private let backward: [[ConvolutionPlan]]

    init(shape: EncoderShape, kernels: Kernels) {
        self.shape = shape
        self.kernels = kernels
        forward = shape.convolutions.map { ConvolutionPlan(forward: $0) }
        backward = shape.convolutions.enumerated().map { index, layer in
            guard index > 0 else { return [] }
            let border = 2 - layer.padding
            return ConvolutionPlan.backward(
                layer,
                slopeStride: (layer.columns + 2 * border) * layer.filters
            )
        }
    }

    /// Runs the convolutions on some pictures.
    ///
    /// - Parameters:
    ///   - rows: at most sixteen rows of `pictures`.
    ///   - group: takes what every layer puts out.
    ///   - flat: takes the last one's, a row for each picture.
    func convolve(
        _ pictures: ByteMatrix,
        rows: Range<Int>,
        parameters: FloatBuffer,
        room: EncoderRoom,
        into group: EncodedGroup,
        flat: Matrix
    ) {
        convert(pictures, rows: rows, room: room)
        convolve(parameters: parameters, room: room, into: group)
        kernels.transpose(group.last.flat.columns(0..<rows.count), into: flat)
    }

    /// Turns some pictures into numbers.
    func convert(_ pictures: ByteMatrix, rows: Range<Int>, room: EncoderRoom) {
        kernels.lanes(of: pictures, rows: rows, layout: shape.image, into: room.input)
    }

    /// Runs the convolutions on the numbers in `room`.
    func convolve(parameters: FloatBuffer, room: EncoderRoom, into group: EncodedGroup) {
        for (index, layer) in shape.convolutions.enumerated() {
            let input = index == 0 ? room.input : group.outputs[index - 1]
            let isPooled = room.beforePooling[index] != nil
            let output = room.beforePooling[index] ?? group.outputs[index]
            kernels.convolve(
                forward[index],
                input,
                from: -layer.padding,
                weights: (parameters, layer.weightOffset),
                bias: (parameters, layer.biasOffset),
                isRectified: !isPooled,
                into: output
            )
            if isPooled {
                kernels.pool(output, into: group.outputs[index], chosen: group.chosen[index])
            }
        }
    }

    /// Adds what the slopes at some pictures' last outputs say about the convolutions.
    ///
    /// `room.input` and `group` must be those pictures'; the slopes are a row for each.
    func addGradient(
        _ flatSlopes: Matrix,
        room: EncoderRoom,
        group: EncodedGroup,
        slopes: EncoderSlopes
    ) {
        let last = shape.convolutions.count - 1
        // The small encoder's last slopes are at its sums: its linear layer has asked the rectifier.
        let end = slopes.pooled[last] ?? slopes.sums[last]
        spread(flatSlopes, into: end)
        for index in (0...last).reversed() {
            let input = index == 0 ? room.input : group.outputs[index - 1]
            if let pooled = slopes.pooled[index], let chosen = group.chosen[index] {
                kernels.unpool(pooled, chosen: chosen, into: slopes.sums[index])
            }
            kernels.addWeightSlopes(
                forward[index],
                input,
                slopes: slopes.sums[index],
                weights: slopes.weights[index],
                biases: slopes.biases[index]
            )
            guard index > 0 else { return }
            for plan in backward[index] {
                kernels.convolve(
                    plan,
                    slopes.sums[index],
                    from: 0,
                    weights: (slopes.turned[index], 0),
                    bias: nil,
                    isRectified: false,
                    gate: slopes.pooled[index - 1] == nil ? input : nil,
                    into: slopes.pooled[index - 1] ?? slopes.sums[index - 1]
                )
            }
        }
    }

    /// Puts rows of slopes into lanes; lanes without a picture get zeros.
    private func spread(_ rows: Matrix, into lanes: LaneArray) {
        let count = lanes.columns * lanes.channels
        for row in 0..<lanes.rows {
            let place = (row + lanes.border) * lanes.rowStride + lanes.border * lanes.channels
            let target = Matrix(
                lanes.buffer,
                offset: lanes.offset + place * LaneArray.lanes,
                rows: count,
                columns: LaneArray.lanes,
                stride: LaneArray.lanes
            )
            if rows.rows < LaneArray.lanes { target.fill { _, _ in 0 } }
            kernels.transpose(
                rows.columns(row * count..<(row + 1) * count),
                into: target.columns(0..<rows.rows)
            )
        }
    }

    /// Sums the lanes of what `addGradient` added into the thread's gradient.
    func finishGradient(_ slopes: EncoderSlopes) {
        for (index, layer) in shape.convolutions.enumerated() {
            kernels.sumLanes(
                slopes.weights[index],
                count: layer.weightCount,
                into: slopes.gradient,
                at: layer.weightOffset
            )
            kernels.sumLanes(
                slopes.biases[index],
                count: layer.filters,
                into: slopes.gradient,
                at: layer.biasOffset
            )
        }
    }
}

/// What an encoder's last layer keeps for its backward pass, a row for each picture.
struct EncoderHeadRoom {
    let normalised: Matrix
    let inverseDeviation: Matrix

    init(rows: Int, columns: Int) {
        normalised = Matrix(rows: rows, columns: columns)
        inverseDeviation = Matrix(rows: 1, columns: rows)
    }

    private init(normalised: Matrix, inverseDeviation: Matrix) {
        (self.normalised, self.inverseDeviation) = (normalised, inverseDeviation)
    }

    /// Some of the rows, the first a multiple of 16.
    func rows(_ rows: Range<Int>) -> EncoderHeadRoom {
        EncoderHeadRoom(
            normalised: normalised.rows(rows),
            inverseDeviation: inverseDeviation.columns(rows)
        )
    }
}

extension Encoder {
    /// Runs the linear layer behind the convolutions: features = tanh(norm(flat W + b)).
    func runHead(
        _ head: EncoderShape.Head,
        parameters: FloatBuffer,
        flat: Matrix,
        features: Matrix,
        room: EncoderHeadRoom
    ) {
        kernels.multiply(
            flat,
            by: shape.headWeights(head, in: parameters),
            into: features,
            epilogue: .bias(parameters, head.biasOffset)
        )
        kernels.layerNormTanh(
            features,
            gain: shape.headRow(head, at: head.gainOffset, in: parameters),
            shift: shape.headRow(head, at: head.shiftOffset, in: parameters),
            epsilon: layerNormEpsilon,
            normalised: room.normalised,
            inverseDeviation: room.inverseDeviation
        )
    }

    /// Takes slopes at the features back to the last convolution's sums and writes the linear
    /// layer's gradient.
    ///
    /// - Parameters:
    ///   - slopes: at the features; they give way to what they become.
    ///   - flat: what the convolutions put out; it gives way to the slopes there.
    func headGradient(
        _ head: EncoderShape.Head,
        parameters: FloatBuffer,
        gradient: FloatBuffer,
        features: Matrix,
        slopes: Matrix,
        flat: Matrix,
        room: EncoderHeadRoom,
        panel: FloatBuffer
    ) {
        kernels.tanhBack(slopes, through: features)
        kernels.layerNormBack(
            slopes,
            normalised: room.normalised,
            inverseDeviation: room.inverseDeviation,
            gain: shape.headRow(head, at: head.gainOffset, in: parameters),
            gainGradient: shape.headRow(head, at: head.gainOffset, in: gradient),
            shiftGradient: shape.headRow(head, at: head.shiftOffset, in: gradient)
        )
        kernels.multiply(
            flat,
            transposed: true,
            by: slopes,
            into: shape.headWeights(head, in: gradient)
        )
        kernels.columnSum(slopes, into: shape.headRow(head, at: head.biasOffset, in: gradient))
        kernels.multiply(
            slopes,
            byTransposed: shape.headWeights(head, in: parameters),
            into: flat,
            epilogue: .masked(flat, nil),
            panel: panel
        )
    }
}

/// Parameters of an encoder that a pass reads, with their places.
struct FrozenEncoder {
    let shape: EncoderShape
    let parameters: FloatBuffer
}
