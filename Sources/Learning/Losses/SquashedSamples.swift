/// A batch of actions drawn from a tanh-squashed Gaussian, coordinate-major.
///
/// Row j of each matrix is coordinate j of every sample: the kernels then work on whole vectors
/// however few coordinates an action has.
struct SquashedSamples {
    let actionCount: Int
    let batch: Int
    let lowestLogSigma: Float
    let highestLogSigma: Float
    /// What the actor put out: `actionCount` rows of means, then as many of log sigmas.
    let head: Matrix
    /// tanh(u).
    let action: Matrix
    /// 1 - tanh²(u).
    let derivative: Matrix
    /// u - mean.
    let spread: Matrix
    /// log pi of each sample.
    let logDensity: FloatBuffer
    /// With the smooth form, d log sigma / d output, a row for each coordinate.
    let smoothSlopes: Matrix?

    /// The batch rounded up to whole vectors.
    var paddedCount: Int { Matrix.stride(batch) }

    init(actionCount: Int, batch: Int, settings: LearnerSettings) {
        self.actionCount = actionCount
        self.batch = batch
        lowestLogSigma = Float(settings.lowestLogSigma)
        highestLogSigma = Float(settings.highestLogSigma)
        head = Matrix(rows: 2 * actionCount, columns: batch)
        action = Matrix(rows: actionCount, columns: batch)
        derivative = Matrix(rows: actionCount, columns: batch)
        spread = Matrix(rows: actionCount, columns: batch)
        logDensity = FloatBuffer(count: batch)
        smoothSlopes =
            settings.logSigmaForm == .smooth ? Matrix(rows: actionCount, columns: batch) : nil
    }

    /// Draws the samples: `output` is the actor's output, sample-major; from the offset on, `noise`
    /// holds the normals of one coordinate each `noiseStride` floats.
    func draw(
        from output: Matrix,
        noise: FloatBuffer,
        noiseOffset: Int,
        noiseStride: Int,
        kernels: Kernels
    ) {
        kernels.transpose(output, into: head)
        smooth(kernels)
        logDensity.clear()
        for coordinate in 0..<actionCount {
            kernels.squash(
                self,
                coordinate: coordinate,
                noise: noise,
                noiseOffset: noiseOffset + coordinate * noiseStride
            )
        }
    }

    /// log sigma = lowest + (highest - lowest) (1 + tanh x) / 2, with its slope by x.
    private func smooth(_ kernels: Kernels) {
        guard let smoothSlopes else { return }
        let half = (highestLogSigma - lowestLogSigma) / 2
        for coordinate in 0..<actionCount {
            let row = head.rows(actionCount + coordinate..<actionCount + coordinate + 1)
            kernels.tanh(row, count: paddedCount)
            for index in 0..<batch {
                let t = row[0, index]
                row[0, index] = lowestLogSigma + half * (1 + t)
                smoothSlopes[coordinate, index] = half * (1 - t * t)
            }
        }
    }

    /// Takes slopes at the log sigmas (the last rows) to slopes at what the actor put out.
    func undoSmoothing(_ headSlopes: Matrix) {
        guard let smoothSlopes else { return }
        for coordinate in 0..<actionCount {
            for index in 0..<batch {
                headSlopes[actionCount + coordinate, index] *= smoothSlopes[coordinate, index]
            }
        }
    }
}
