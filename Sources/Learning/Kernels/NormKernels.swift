import CKernels

/// Kernels of normalised layers.
extension Kernels {
    /// Normalises the rows of `x`, then x = max(0, gain n + shift), keeping n and 1 / deviation.
    func layerNorm(
        _ x: Matrix,
        gain: Matrix,
        shift: Matrix,
        epsilon: Float,
        normalised: Matrix,
        inverseDeviation: Matrix
    ) {
        checkRow(gain, x.columns)
        checkRow(shift, x.columns)
        precondition(normalised.rows == x.rows && normalised.columns == x.columns, "shapes")
        precondition(inverseDeviation.rows == 1 && inverseDeviation.columns == x.rows, "shapes")
        unsafe ck_layer_norm(
            level,
            x.rows,
            x.columns,
            pointer(x),
            x.stride,
            pointer(gain),
            pointer(shift),
            epsilon,
            pointer(normalised),
            normalised.stride,
            pointer(inverseDeviation)
        )
    }

    /// Takes slopes at the normalised, scaled and shifted units back to those before, in place.
    ///
    /// The gradients of gain and shift are written when there is room for them.
    func layerNormBack(
        _ slope: Matrix,
        normalised: Matrix,
        inverseDeviation: Matrix,
        gain: Matrix,
        gainGradient: Matrix? = nil,
        shiftGradient: Matrix? = nil
    ) {
        checkRow(gain, slope.columns)
        precondition((gainGradient == nil) == (shiftGradient == nil), "both gradients or neither")
        if let gainGradient { checkRow(gainGradient, slope.columns) }
        if let shiftGradient { checkRow(shiftGradient, slope.columns) }
        precondition(normalised.columns == slope.columns && normalised.rows == slope.rows, "shapes")
        precondition(inverseDeviation.columns == slope.rows, "shapes")
        unsafe ck_layer_norm_back(
            level,
            slope.rows,
            slope.columns,
            pointer(slope),
            slope.stride,
            pointer(normalised),
            normalised.stride,
            pointer(inverseDeviation),
            pointer(gain),
            gainGradient.map { unsafe pointer($0) },
            shiftGradient.map { unsafe pointer($0) }
        )
    }

    /// Mean and variance of each column.
    func columnMoments(_ x: Matrix, mean: Matrix, variance: Matrix) {
        checkRow(mean, x.columns)
        checkRow(variance, x.columns)
        unsafe ck_column_moments(
            level,
            x.rows,
            x.columns,
            pointer(x),
            x.stride,
            pointer(mean),
            pointer(variance)
        )
    }

    /// out[j] = the sum over the rows of x[i][j] y[i][j].
    func columnProducts(_ x: Matrix, _ y: Matrix, into out: Matrix) {
        precondition(x.rows == y.rows && x.columns == y.columns, "shapes do not chain")
        checkRow(out, x.columns)
        unsafe ck_column_products(
            level,
            x.rows,
            x.columns,
            pointer(x),
            x.stride,
            pointer(y),
            y.stride,
            pointer(out)
        )
    }

    /// out[i][j] = x[i][j] xScale[j] + y[i][j] yScale[j] + shift[j], zero where `gate` is not
    /// positive; `out` may be any of the matrices.
    func combineColumns(
        _ x: Matrix,
        scale xScale: Matrix,
        plus y: (matrix: Matrix, scale: Matrix)? = nil,
        shift: Matrix,
        gate: Matrix? = nil,
        into out: Matrix
    ) {
        checkRow(xScale, x.columns)
        checkRow(shift, x.columns)
        checkShape(out, of: x)
        if let y {
            checkRow(y.scale, x.columns)
            checkShape(y.matrix, of: x)
        }
        if let gate { checkShape(gate, of: x) }
        unsafe ck_combine_columns(
            level,
            x.rows,
            x.columns,
            pointer(x),
            x.stride,
            pointer(xScale),
            y.map { unsafe UnsafePointer(pointer($0.matrix)) },
            y?.matrix.stride ?? 0,
            y.map { unsafe UnsafePointer(pointer($0.scale)) },
            pointer(shift),
            gate.map { unsafe UnsafePointer(pointer($0)) },
            gate?.stride ?? 0,
            pointer(out),
            out.stride
        )
    }

    /// out[i][j] = x[i][j] factor[i].
    func scaleRows(_ x: Matrix, by factor: Matrix, into out: Matrix) {
        checkRow(factor, x.rows)
        precondition(out.rows == x.rows && out.columns == x.columns, "shapes do not chain")
        for row in 0..<x.rows {
            let scale = factor[0, row]
            let source = unsafe pointer(x) + row * x.stride
            let target = unsafe pointer(out) + row * out.stride
            for column in 0..<x.columns {
                unsafe target[column] = source[column] * scale
            }
        }
    }

    private func checkShape(_ matrix: Matrix, of other: Matrix) {
        precondition(
            matrix.rows == other.rows && matrix.columns == other.columns,
            "shapes do not chain"
        )
    }

    private func checkRow(_ row: Matrix, _ columns: Int) {
        precondition(row.rows == 1 && row.columns == columns, "shapes do not chain")
    }
}

/// Kernels of an encoder's last layer.
extension Kernels {
    /// Normalises the rows of `x`, then x = tanh(gain n + shift), keeping n and 1 / deviation.
    func layerNormTanh(
        _ x: Matrix,
        gain: Matrix,
        shift: Matrix,
        epsilon: Float,
        normalised: Matrix,
        inverseDeviation: Matrix
    ) {
        checkRow(gain, x.columns)
        checkRow(shift, x.columns)
        precondition(normalised.rows == x.rows && normalised.columns == x.columns, "shapes")
        precondition(inverseDeviation.rows == 1 && inverseDeviation.columns == x.rows, "shapes")
        unsafe ck_layer_norm_tanh(
            level,
            x.rows,
            x.columns,
            pointer(x),
            x.stride,
            pointer(gain),
            pointer(shift),
            epsilon,
            pointer(normalised),
            normalised.stride,
            pointer(inverseDeviation)
        )
    }

    /// sum += x, padding included.
    func add(_ x: Matrix, to sum: Matrix) {
        precondition(x.rows == sum.rows && x.columns == sum.columns, "shapes")
        precondition(x.stride == sum.stride, "rows of other lengths")
        guard x.rows > 0 else { return }
        let count = (x.rows - 1) * x.stride + (x.columns + 15) / 16 * 16
        unsafe ck_add(level, count, pointer(x), pointer(sum))
    }

    /// sum += x.
    func add(_ x: FloatBuffer, to sum: FloatBuffer) {
        precondition(x.count == sum.count, "buffers of \(x.count) and \(sum.count) floats")
        let count = sum.count
        unsafe ck_add(
            level,
            count,
            x.pointer(at: 0, length: count),
            sum.pointer(at: 0, length: count)
        )
    }

    /// slope *= 1 - y², row by row: back through y = tanh x.
    func tanhBack(_ slope: Matrix, through y: Matrix) {
        precondition(slope.rows == y.rows && slope.columns == y.columns, "shapes")
        precondition(slope.stride == y.stride, "rows of other lengths")
        guard slope.rows > 0 else { return }
        let count = (slope.rows - 1) * slope.stride + (slope.columns + 15) / 16 * 16
        unsafe ck_tanh_back(level, count, pointer(y), pointer(slope))
    }
}
