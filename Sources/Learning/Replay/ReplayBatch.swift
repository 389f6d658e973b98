/// Room for one batch: critic inputs now and next, and what came between.
final class ReplayBatch {
    /// What an encoder makes of the pictures, observation and action side by side.
    let inputs: Matrix
    /// Columns before the observation, which the replay leaves alone.
    let featureCount: Int
    /// The observation to bootstrap from, with room for an action beside it.
    let nextInputs: Matrix
    /// The discounted sum of the rewards from one to the other.
    let rewards: FloatBuffer
    /// What the value of the next observation is to be multiplied with: 0 at a true end, else the
    /// discount to the power of the steps taken.
    let continues: FloatBuffer
    /// Which transitions were drawn, 0 for the oldest held.
    var rows: [Int]
    /// The observations one, two and more steps on; empty if not asked for.
    ///
    /// They are for what is earned between. Where a row takes fewer steps it repeats the
    /// observation to bootstrap from.
    let intermediates: [Matrix]
    /// The discounts of these, 0 where a row takes fewer steps.
    let intermediateWeights: [FloatBuffer]
    /// The pictures of the newest frames of each observation, newest first; no columns without.
    let pixels: ByteMatrix
    /// The same of the observation to bootstrap from.
    let nextPixels: ByteMatrix

    /// How many newer frames there are than a row's observation, for its pictures.
    var frameAges: [Int]
    /// The same of the observation to bootstrap from.
    var nextFrameAges: [Int]

    /// What reading ahead came upon; kept so that it is not left out as useless.
    var readAhead: UInt32 = 0

    /// Observations kept between the first and the last.
    var intermediateCount: Int { intermediates.count }

    /// A batch of `size` rows of zeros.
    ///
    /// - Parameters:
    ///   - steps: the most transitions a return reaches over.
    ///   - withIntermediates: whether the observations between first and last are wanted.
    ///   - pixelCount: bytes of picture an observation; some frames' worth.
    ///   - featureCount: columns for what an encoder makes of them.
    init(
        observationCount: Int,
        actionCount: Int,
        size: Int,
        steps: Int = 1,
        withIntermediates: Bool = false,
        pixelCount: Int = 0,
        featureCount: Int = 0
    ) {
        precondition(steps > 0, "a return over \(steps) steps")
        self.featureCount = featureCount
        let columns = featureCount + observationCount + actionCount
        inputs = Matrix(rows: size, columns: columns)
        nextInputs = Matrix(rows: size, columns: columns)
        rewards = FloatBuffer(count: size)
        continues = FloatBuffer(count: size)
        rows = Array(repeating: 0, count: size)
        frameAges = rows
        nextFrameAges = rows
        let between = withIntermediates ? steps - 1 : 0
        intermediates = (0..<between).map { _ in Matrix(rows: size, columns: observationCount) }
        intermediateWeights = (0..<between).map { _ in FloatBuffer(count: size) }
        pixels = ByteMatrix(rows: size, columns: pixelCount)
        nextPixels = ByteMatrix(rows: size, columns: pixelCount)
    }
}
