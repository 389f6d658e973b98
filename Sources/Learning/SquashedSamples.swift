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
    }

    /// Draws the samples: `output` is the actor's output, sample-major; the actions are written to
    /// `actions`, sample-major; from the offset on, `noise` holds the normals of one coordinate each
    /// `noiseStride` floats.
    func draw(
        from output: Matrix,
        noise: FloatBuffer,
        noiseOffset: Int,
        noiseStride: Int,
        into actions: Matrix,
        kernels: Kernels
    ) {
        kernels.transpose(output, into: head)
        logDensity.clear()
        for coordinate in 0..<actionCount {
            kernels.squash(
                self,
                coordinate: coordinate,
                noise: noise,
                noiseOffset: noiseOffset + coordinate * noiseStride
            )
        }
        kernels.transpose(action, into: actions)
    }
}
