import CKernels

/// The C kernels of one level, behind checked matrices.
struct Kernels: Sendable, Equatable {
    /// Which build of the kernels runs: 0 plain, 1 AVX2 and FMA, 2 AVX-512F, 3 NEON.
    let level: Int32

    /// The best level of this processor, or a lower one on request.
    init(level: Int32 = ck_best_level()) {
        precondition(ck_has_level(level), "no kernel level \(level) here")
        self.level = level
    }

    /// The levels this processor can run, lowest first.
    static var available: [Int32] { (0..<Int32(CK_LEVEL_COUNT)).filter(ck_has_level) }

    /// What happens to a product before it is stored.
    enum Epilogue {
        case none
        /// Adds the vector at this offset of the buffer to each row.
        case bias(FloatBuffer, Int)
        /// Adds a bias, then zeroes what is negative.
        case biasRectified(FloatBuffer, Int)
        /// Zeroes what is not positive in the matrix, whose rows are picked by the list.
        case masked(Matrix, RowList?)
    }

    /// c = a b, or aᵀ b.
    func multiply(
        _ a: Matrix,
        transposed: Bool = false,
        by b: Matrix,
        into c: Matrix,
        epilogue: Epilogue = .none
    ) {
        let inner = transposed ? a.rows : a.columns
        precondition(inner == b.rows && c.columns == b.columns, "shapes do not chain")
        precondition(c.rows == (transposed ? a.columns : a.rows), "shapes do not chain")
        unsafe ck_gemm(
            level,
            transposed,
            c.rows,
            c.columns,
            inner,
            pointer(a),
            a.stride,
            pointer(b),
            b.stride,
            pointer(c),
            c.stride,
            finish(epilogue, of: c)
        )
    }

    /// c = a bᵀ; `panel` is room for `panelCount(a.columns)` floats.
    func multiply(
        _ a: Matrix,
        byTransposed b: Matrix,
        into c: Matrix,
        epilogue: Epilogue = .none,
        panel: FloatBuffer
    ) {
        precondition(a.columns == b.columns && c.columns == b.rows, "shapes do not chain")
        precondition(c.rows == a.rows, "shapes do not chain")
        unsafe ck_gemm_transposed(
            level,
            c.rows,
            c.columns,
            a.columns,
            pointer(a),
            a.stride,
            pointer(b),
            b.stride,
            pointer(c),
            c.stride,
            finish(epilogue, of: c),
            panel.pointer(at: 0, length: Self.panelCount(a.columns))
        )
    }

    /// How much room a product with a transpose needs, for this many summed terms.
    static func panelCount(_ inner: Int) -> Int { inner * Int(CK_PANEL_COLUMNS) }

    @unsafe private func finish(_ epilogue: Epilogue, of c: Matrix) -> ck_epilogue {
        var finish = unsafe ck_epilogue()
        switch epilogue {
        case .none: break
        case .bias(let buffer, let offset), .biasRectified(let buffer, let offset):
            let length = (c.columns + 15) / 16 * 16
            unsafe finish.bias = UnsafePointer(buffer.pointer(at: offset, length: length))
            if case .biasRectified = epilogue { unsafe finish.rectify = true }
        case .masked(let gate, let rows):
            precondition(gate.columns == c.columns, "mask of another shape")
            precondition(c.rows <= (rows?.count ?? gate.rows), "mask of another shape")
            precondition((rows?.bound ?? 0) <= gate.rows, "mask of another shape")
            unsafe finish.mask = UnsafePointer(pointer(gate))
            unsafe finish.mask_stride = gate.stride
            unsafe finish.mask_rows = rows?.pointer
        }
        return unsafe finish
    }

    /// out[i] = row i of `h` times the weights, plus the bias.
    func rowDot(_ h: Matrix, weights: Matrix, bias: Float, into out: FloatBuffer) {
        precondition(weights.rows == 1 && weights.columns == h.columns, "shapes do not chain")
        unsafe ck_row_dot(
            level,
            h.rows,
            h.columns,
            pointer(h),
            h.stride,
            pointer(weights),
            bias,
            out.pointer(at: 0, length: h.rows)
        )
    }

    /// The sum of the rows, each times its scale.
    func columnSum(_ x: Matrix, scale: FloatBuffer? = nil, into out: Matrix) {
        precondition(out.rows == 1 && out.columns == x.columns, "shapes do not chain")
        unsafe ck_column_sum(
            level,
            x.rows,
            x.columns,
            pointer(x),
            x.stride,
            UnsafePointer(scale?.pointer(at: 0, length: x.rows)),
            pointer(out)
        )
    }

    /// out[i][j] = scale[i] weights[j] where h[rowsOf[i]][j] is positive, else zero.
    func outerMasked(
        scale: FloatBuffer,
        weights: Matrix,
        gate h: Matrix,
        rowsOf: RowList? = nil,
        into out: Matrix
    ) {
        precondition(weights.columns == h.columns && out.columns == h.columns, "shapes")
        precondition(rowsOf.map { $0.count >= out.rows && $0.bound <= h.rows } ?? true, "rows")
        precondition(rowsOf != nil || out.rows <= h.rows, "rows")
        unsafe ck_outer_masked(
            level,
            out.rows,
            out.columns,
            scale.pointer(at: 0, length: out.rows),
            pointer(weights),
            pointer(h),
            h.stride,
            rowsOf?.pointer,
            pointer(out),
            out.stride
        )
    }

    /// out = xᵀ.
    func transpose(_ x: Matrix, into out: Matrix) {
        precondition(out.rows == x.columns && out.columns == x.rows, "shapes do not chain")
        unsafe ck_transpose(
            level,
            x.rows,
            x.columns,
            x.buffer.pointer(at: x.offset, length: x.footprint),
            x.stride,
            out.buffer.pointer(at: out.offset, length: out.footprint),
            out.stride
        )
    }

    @unsafe func pointer(_ matrix: Matrix) -> UnsafeMutablePointer<Float> {
        precondition(matrix.offset % 16 == 0 && matrix.stride % 16 == 0, "not on a cache line")
        return unsafe matrix.buffer.pointer(at: matrix.offset, length: matrix.footprint)
    }
}
