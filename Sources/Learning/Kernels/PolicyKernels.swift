import CKernels

/// Kernels of the optimiser, the squashed Gaussian and the policy of one observation.
extension Kernels {
    /// Moves the parameters in the range, whole cache lines, by one Adam step and lets the target,
    /// if any, follow.
    func adam(
        _ parameters: FloatBuffer,
        range: Range<Int>,
        gradient: FloatBuffer,
        firstMoment: FloatBuffer,
        secondMoment: FloatBuffer,
        step: AdamStep,
        target: FloatBuffer?,
        smoothing: Float
    ) {
        precondition(range.lowerBound % 16 == 0 && range.count % 16 == 0, "not whole cache lines")
        let (first, count) = (range.lowerBound, range.count)
        let constants = ck_adam_step(
            beta1: step.beta1,
            beta2: step.beta2,
            step_size: step.stepSize,
            root_correction: step.rootCorrection,
            epsilon: step.epsilon
        )
        unsafe ck_adam(
            level,
            count,
            parameters.pointer(at: first, length: count),
            gradient.pointer(at: first, length: count),
            firstMoment.pointer(at: first, length: count),
            secondMoment.pointer(at: first, length: count),
            constants,
            target?.pointer(at: first, length: count),
            smoothing
        )
    }

    /// Whether the buffer holds no infinity and no NaN.
    func allFinite(_ buffer: FloatBuffer) -> Bool {
        unsafe ck_all_finite(level, buffer.count, buffer.pointer(at: 0, length: buffer.count))
    }

    /// Fills the buffer with standard normal deviates; its length is a multiple of 32.
    func normals(into buffer: FloatBuffer, words: inout [UInt64], random: inout RandomSource) {
        precondition(buffer.count % 32 == 0 && words.count == buffer.count / 2, "odd noise")
        for index in words.indices { words[index] = random.next() }
        unsafe words.withUnsafeBufferPointer { words in
            guard let first = words.baseAddress else { return }
            unsafe ck_normals(
                level,
                buffer.count,
                first,
                buffer.pointer(at: 0, length: buffer.count)
            )
        }
    }

    /// Squashes one coordinate of every sample: row `coordinate` of each matrix, which are
    /// coordinate-major; `head` holds the means first, the log sigmas after them.
    func squash(_ samples: SquashedSamples, coordinate: Int, noise: FloatBuffer, noiseOffset: Int) {
        let count = samples.paddedCount
        unsafe ck_squash(
            level,
            count,
            row(samples.head, coordinate, count),
            row(samples.head, samples.actionCount + coordinate, count),
            samples.lowestLogSigma,
            samples.highestLogSigma,
            noise.pointer(at: noiseOffset, length: count),
            row(samples.action, coordinate, count),
            row(samples.derivative, coordinate, count),
            row(samples.spread, coordinate, count),
            samples.logDensity.pointer(at: 0, length: count)
        )
    }

    /// Overwrites row `coordinate` of `gradient` (means first, then log sigmas) with the slope of
    /// scale (alpha log pi - Q).
    func squashGradient(
        _ samples: SquashedSamples,
        coordinate: Int,
        qSlope: Matrix,
        alpha: Float,
        scale: Float,
        into gradient: Matrix
    ) {
        let count = samples.paddedCount
        let sigma = samples.actionCount + coordinate
        unsafe ck_squash_gradient(
            level,
            count,
            row(samples.action, coordinate, count),
            row(samples.derivative, coordinate, count),
            row(samples.spread, coordinate, count),
            row(samples.head, sigma, count),
            samples.lowestLogSigma,
            samples.highestLogSigma,
            row(qSlope, coordinate, count),
            alpha,
            scale,
            row(gradient, coordinate, count),
            row(gradient, sigma, count)
        )
    }

    /// y = x W + bias for one row, negative entries zeroed when `rectified`.
    func row(
        _ x: FloatBuffer,
        times weights: Matrix,
        bias: FloatBuffer,
        biasOffset: Int,
        rectified: Bool,
        into y: FloatBuffer
    ) {
        let padded = (weights.columns + 15) / 16 * 16
        unsafe ck_row_times_matrix(
            level,
            weights.rows,
            weights.columns,
            x.pointer(at: 0, length: weights.rows),
            weights.buffer.pointer(at: weights.offset, length: weights.footprint),
            weights.stride,
            bias.pointer(at: biasOffset, length: padded),
            rectified,
            y.pointer(at: 0, length: padded)
        )
    }

    /// Replaces the first `count` floats by their tanh; `count` is a multiple of 16.
    func tanh(_ buffer: FloatBuffer, count: Int) {
        let address = unsafe buffer.pointer(at: 0, length: count)
        unsafe ck_tanh(level, count, address, address)
    }

    /// Replaces a one-row matrix by its tanh, padding included up to `count`.
    func tanh(_ row: Matrix, count: Int) {
        let address = unsafe self.row(row, 0, count)
        unsafe ck_tanh(level, count, address, address)
    }

    private func row(_ matrix: Matrix, _ row: Int, _ count: Int) -> UnsafeMutablePointer<Float> {
        precondition(row >= 0 && row < matrix.rows && count <= matrix.stride, "no row \(row)")
        return unsafe matrix.buffer.pointer(at: matrix.offset + row * matrix.stride, length: count)
    }
}

/// The constants of one Adam step, bias corrections folded in.
struct AdamStep {
    let beta1: Float
    let beta2: Float
    let stepSize: Float
    let rootCorrection: Float
    let epsilon: Float

    /// The step number `count`, from 1, at this learning rate.
    init(count: Int, rate: Double, settings: LearnerSettings) {
        beta1 = Float(settings.adamBeta1)
        beta2 = Float(settings.adamBeta2)
        stepSize = Float(rate / (1 - power(settings.adamBeta1, count)))
        rootCorrection = Float(1 / (1 - power(settings.adamBeta2, count)).squareRoot())
        epsilon = Float(settings.adamEpsilon)
    }
}

/// base^exponent for a whole exponent, by squaring, so that every platform rounds alike.
private func power(_ base: Double, _ exponent: Int) -> Double {
    var (result, factor, left) = (1.0, base, exponent)
    while left > 0 {
        if left & 1 == 1 { result *= factor }
        factor *= factor
        left >>= 1
    }
    return result
}
