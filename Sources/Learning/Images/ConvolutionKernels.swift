import CKernels

/// Where one product of a convolution finds what it sums: a value for the kernels.
struct ConvolutionPlan: Sendable {
    let segments: [ck_segment]
    /// Inputs in a segment.
    let length: Int
    let filters: Int
    let rows: Int
    let columns: Int
    /// Input rows and columns from one output to the next.
    let inputStep: Int
    /// Output rows and columns from one output to the next.
    var outputStep = 1
    /// The output's first row and column.
    var first = (row: 0, column: 0)
    /// Weights that it reads, from the first to the last.
    let weightCount: Int

    /// A layer's forward pass; its weights' gradient reads and writes at the same places.
    init(forward layer: EncoderShape.Convolution) {
        let rowStride = (layer.inputColumns + 2 * layer.padding) * layer.channels
        length = 3 * layer.channels
        segments = (0..<3).map {
            ck_segment(input: $0 * rowStride, weights: $0 * 3 * layer.channels * layer.filters)
        }
        (rows, columns, filters) = (layer.rows, layer.columns, layer.filters)
        inputStep = layer.stride
        weightCount = layer.weightCount
    }

    /// The passes that take a layer's slopes back to its input, one for each place that an input
    /// can have in a stride.
    ///
    /// - Parameter slopeStride: elements from one row of slopes to the next.
    static func backward(
        _ layer: EncoderShape.Convolution,
        slopeStride: Int
    ) -> [ConvolutionPlan] {
        precondition(layer.stride == 1 || layer.padding == 0, "a stride with padding")
        return (0..<layer.stride).flatMap { row in
            (0..<layer.stride).map { column in
                ConvolutionPlan(
                    backward: layer,
                    first: (row, column),
                    slopeStride: slopeStride
                )
            }
        }
    }

    private init(
        backward layer: EncoderShape.Convolution,
        first: (row: Int, column: Int),
        slopeStride: Int
    ) {
        let (stride, filters) = (layer.stride, layer.filters)
        var segments: [ck_segment] = []
        for row in 0..<3 {
            for column in 0..<3 {
                let down = first.row + layer.padding - row
                let across = first.column + layer.padding - column
                guard down % stride == 0, across % stride == 0 else { continue }
                segments.append(
                    ck_segment(
                        input: down / stride * slopeStride + across / stride * filters,
                        weights: (row * 3 + column) * filters * layer.channels
                    )
                )
            }
        }
        self.segments = segments
        length = filters
        self.filters = layer.channels
        rows = (layer.inputRows - first.row + stride - 1) / stride
        columns = (layer.inputColumns - first.column + stride - 1) / stride
        inputStep = 1
        outputStep = stride
        self.first = first
        weightCount = layer.weightCount
    }
}

/// Kernels of convolutions.
extension Kernels {
    /// output = bias + weights times input, rectified or gated.
    ///
    /// - Parameters:
    ///   - inputOffset: where the first output's first input lies, in rows and columns.
    ///   - weights: where the weights begin.
    ///   - gate: outputs stay where it is positive.
    func convolve(
        _ plan: ConvolutionPlan,
        _ input: LaneArray,
        from inputOffset: Int,
        weights: (buffer: FloatBuffer, offset: Int),
        bias: (buffer: FloatBuffer, offset: Int)?,
        isRectified: Bool,
        gate: LaneArray? = nil,
        into output: LaneArray
    ) {
        let (row, column) = plan.first
        unsafe plan.segments.withUnsafeBufferPointer { segments in
            var shape = unsafe shape(plan, input, output)
            unsafe shape.segment = segments.baseAddress
            if let gate {
                unsafe shape.gate_row = plan.outputStep * gate.rowStride
                unsafe shape.gate_column = plan.outputStep * gate.channels
            }
            unsafe ck_convolve(
                level,
                &shape,
                input.pointer(row: inputOffset, column: inputOffset),
                weights.buffer.pointer(at: weights.offset, length: plan.weightCount),
                bias?.buffer.pointer(at: bias?.offset ?? 0, length: plan.filters),
                isRectified,
                UnsafePointer(gate?.pointer(row: row, column: column)),
                output.pointer(row: row, column: column)
            )
        }
    }

    /// Adds what a convolution's slopes say about its weights and biases, each lane by itself.
    func addWeightSlopes(
        _ plan: ConvolutionPlan,
        _ input: LaneArray,
        slopes: LaneArray,
        weights: FloatBuffer,
        biases: FloatBuffer
    ) {
        unsafe plan.segments.withUnsafeBufferPointer { segments in
            var shape = unsafe shape(plan, input, slopes)
            unsafe shape.segment = segments.baseAddress
            unsafe ck_convolve_weights(
                level,
                &shape,
                1,
                input.pointer(row: -input.border, column: -input.border),
                0,
                slopes.pointer(row: 0, column: 0),
                0,
                weights.pointer(at: 0, length: plan.weightCount * LaneArray.lanes)
            )
            unsafe ck_sum_slopes(
                level,
                &shape,
                slopes.pointer(row: 0, column: 0),
                biases.pointer(at: 0, length: plan.filters * LaneArray.lanes)
            )
        }
    }

    @unsafe private func shape(
        _ plan: ConvolutionPlan,
        _ input: LaneArray,
        _ output: LaneArray
    ) -> ck_convolution {
        var shape = unsafe ck_convolution()
        unsafe shape.rows = plan.rows
        unsafe shape.columns = plan.columns
        unsafe shape.filters = plan.filters
        unsafe shape.segments = plan.segments.count
        unsafe shape.length = plan.length
        unsafe shape.in_row = plan.inputStep * input.rowStride
        unsafe shape.in_column = plan.inputStep * input.channels
        unsafe shape.out_row = plan.outputStep * output.rowStride
        unsafe shape.out_column = plan.outputStep * output.channels
        return unsafe shape
    }

    /// out[i] = the sum of element i's lanes, from `offset` on.
    func sumLanes(_ sums: FloatBuffer, count: Int, into out: FloatBuffer, at offset: Int) {
        unsafe ck_sum_lanes(
            level,
            count,
            sums.pointer(at: 0, length: count * LaneArray.lanes),
            out.pointer(at: offset, length: count)
        )
    }

    /// output = the largest of each 2x2 inputs, or zero; `chosen` remembers which.
    func pool(_ input: LaneArray, into output: LaneArray, chosen: FloatBuffer?) {
        var shape = pooling(input, output)
        let marks = output.rows * output.columns * output.channels * LaneArray.lanes
        unsafe ck_pool(
            level,
            &shape,
            input.pointer(row: 0, column: 0),
            output.pointer(row: 0, column: 0),
            chosen?.pointer(at: 0, length: marks)
        )
    }

    /// Takes slopes at pooled numbers back to what was pooled.
    func unpool(_ slopes: LaneArray, chosen: FloatBuffer, into back: LaneArray) {
        var shape = pooling(back, slopes)
        let marks = slopes.rows * slopes.columns * slopes.channels * LaneArray.lanes
        unsafe ck_unpool(
            level,
            &shape,
            slopes.pointer(row: 0, column: 0),
            chosen.pointer(at: 0, length: marks),
            back.pointer(row: 0, column: 0)
        )
    }

    private func pooling(_ input: LaneArray, _ output: LaneArray) -> ck_pooling {
        let fits =
            output.rows == input.rows / 2 && output.columns == input.columns / 2
            && output.channels == input.channels
        precondition(fits, "pooling to another size")
        return ck_pooling(
            rows: output.rows,
            columns: output.columns,
            channels: output.channels,
            in_row: input.rowStride,
            in_column: input.channels,
            out_row: output.rowStride,
            out_column: output.channels
        )
    }

    /// Turns some rows of bytes, at most 16, into numbers from -0.5 to 0.5.
    func lanes(of pictures: ByteMatrix, rows: Range<Int>, layout: ImageLayout, into out: LaneArray)
    {
        let fits =
            out.rows == layout.height && out.columns == layout.width
            && out.channels == layout.depth && pictures.columns == layout.observationBytes
        precondition(fits && rows.count <= LaneArray.lanes, "pictures of another size")
        precondition(!rows.isEmpty && rows.upperBound <= pictures.rows, "no rows \(rows)")
        var shape = ck_pictures(
            rows: layout.height,
            columns: layout.width,
            channels: layout.channels,
            frames: layout.history,
            padding: out.border,
            scale: PixelScale.factor,
            offset: PixelScale.offset
        )
        unsafe ck_pixels_to_lanes(
            level,
            &shape,
            rows.count,
            pictures.pointer(row: rows.lowerBound),
            pictures.stride,
            out.pointer(row: -out.border, column: -out.border)
        )
    }
}

/// What becomes of a byte of a picture before the first convolution: -0.5 to 0.5.
enum PixelScale {
    static let factor: Float = 1 / 255
    static let offset: Float = -0.5
}
