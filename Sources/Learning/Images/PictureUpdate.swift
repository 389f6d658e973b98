/// The pictures' part of an update: features before it, the encoder's step after the critics'.
///
/// The critics' slopes at the features train the encoder; the actor looks at features and leaves
/// the encoder alone (Yarats et al., SAC+AE, 2019). Actor and critics see the features of before
/// the encoder's step. Both halves of a batch sum their gradients by themselves, whatever the number
/// of threads, so that these do not change a bit.
final class PictureUpdate {
    let trained: TrainedEncoder
    let encoder: Encoder
    let batch: ReplayBatch
    private var shift: RandomShift?
    private var nextShift: RandomShift?
    /// What the observations' pictures became, sixteen at a time, for the backward pass.
    let groups: [EncodedGroup]
    let now: FeatureRows
    private let next: FeatureRows
    /// What the slowly following encoder makes of the next observations.
    private let target: FeatureRows?
    /// The slopes at the features, one matrix for each critic; the first takes their sum.
    let slopes: [Matrix]
    let halves: [HalfRoom]

    /// What one thread works in.
    struct HalfRoom {
        /// Its rows of the batch.
        let rows: Range<Int>
        let room: EncoderRoom
        let slopes: EncoderSlopes
        let frame: ByteMatrix
        let panel: FloatBuffer

        /// Its rows, sixteen at a time.
        var groups: StrideTo<Int> {
            stride(from: rows.lowerBound, to: rows.upperBound, by: LaneArray.lanes)
        }

        /// The rows of the group that begins with this one.
        func group(from first: Int) -> Range<Int> {
            first..<min(first + LaneArray.lanes, rows.upperBound)
        }
    }

    init(
        _ trained: TrainedEncoder,
        batch: ReplayBatch,
        settings: LearnerSettings,
        kernels: Kernels
    ) {
        self.trained = trained
        self.batch = batch
        let shape = trained.shape
        encoder = Encoder(shape: shape, kernels: kernels)
        let size = settings.batchSize
        if settings.augmentation == .shift {
            shift = RandomShift(count: size)
            nextShift = RandomShift(count: size)
        }
        groups = (0..<(size + LaneArray.lanes - 1) / LaneArray.lanes).map { _ in
            EncodedGroup(shape: shape, keepsChoices: true)
        }
        now = FeatureRows(shape: shape, rows: size)
        next = FeatureRows(shape: shape, rows: size)
        target = trained.target.map { _ in FeatureRows(shape: shape, rows: size) }
        slopes = (0..<settings.criticCount).map { _ in
            Matrix(rows: size, columns: shape.featureCount)
        }
        halves = [Half.first, .second].map { $0.range(of: size, grain: LaneArray.lanes) }
            .filter { !$0.isEmpty }
            .map { rows in
                HalfRoom(
                    rows: rows,
                    room: EncoderRoom(shape: shape),
                    slopes: EncoderSlopes(shape: shape),
                    frame: ByteMatrix(rows: 1, columns: shape.image.frameBytes),
                    panel: FloatBuffer(count: Kernels.panelCount(shape.featureCount))
                )
            }
    }

    /// Draws the batch's augmentation.
    func draw(random: inout RandomSource) {
        shift?.draw(random: &random)
        nextShift?.draw(random: &random)
    }

    /// Puts features beside half 0's or half 1's observations, at both ends.
    func encode(half: Int) {
        guard half < halves.count else { return }
        let half = halves[half]
        let layout = trained.shape.image
        for first in half.groups {
            let rows = half.group(from: first)
            shift?.apply(to: batch.pixels, rows: rows, layout: layout, frame: half.frame)
            nextShift?.apply(to: batch.nextPixels, rows: rows, layout: layout, frame: half.frame)
            encoder.convert(batch.pixels, rows: rows, room: half.room)
            let group = groups[first / LaneArray.lanes]
            convolve(trained.parameters, half.room, into: group, rows, now)
            encoder.convert(batch.nextPixels, rows: rows, room: half.room)
            convolve(trained.parameters, half.room, into: half.room.group, rows, next)
            if let parameters = trained.target, let target {
                convolve(parameters, half.room, into: half.room.group, rows, target)
            }
        }
        now.finish(half.rows, encoder, trained.parameters)
        next.finish(half.rows, encoder, trained.parameters)
        if let parameters = trained.target { target?.finish(half.rows, encoder, parameters) }
        now.copy(half.rows, to: batch.inputs)
        next.copy(half.rows, to: batch.nextInputs)
    }

    private func convolve(
        _ parameters: FloatBuffer,
        _ room: EncoderRoom,
        into group: EncodedGroup,
        _ rows: Range<Int>,
        _ features: FeatureRows
    ) {
        encoder.convolve(parameters: parameters, room: room, into: group)
        encoder.kernels.transpose(
            group.last.flat.columns(0..<rows.count),
            into: features.flat.rows(rows)
        )
    }

    /// Puts what the slowly following encoder makes of the next observations in the place of what
    /// the trained one made; the actor has seen that by now.
    func putTargets(_ rows: Range<Int>) { target?.copy(rows, to: batch.nextInputs) }
}

/// What an encoder makes of a batch's pictures, a row for each.
struct FeatureRows {
    /// What its convolutions put out.
    let flat: Matrix
    /// What comes out in the end; without a linear layer the same.
    let features: Matrix
    let head: EncoderHeadRoom

    init(shape: EncoderShape, rows: Int) {
        flat = Matrix(rows: rows, columns: shape.flatCount)
        features =
            shape.head == nil ? flat : Matrix(rows: rows, columns: shape.featureCount)
        head = EncoderHeadRoom(rows: rows, columns: shape.featureCount)
    }

    /// Runs the linear layer, if there is one, on some rows.
    func finish(_ rows: Range<Int>, _ encoder: Encoder, _ parameters: FloatBuffer) {
        guard let layer = encoder.shape.head else { return }
        encoder.runHead(
            layer,
            parameters: parameters,
            flat: flat.rows(rows),
            features: features.rows(rows),
            room: head.rows(rows)
        )
    }

    /// Copies some rows to the start of the same rows of `inputs`.
    func copy(_ rows: Range<Int>, to inputs: Matrix) {
        for row in rows {
            // Safety: a row of the features is `columns` long and stays where it is.
            unsafe inputs.setRow(
                row,
                from: features.buffer.pointer(
                    at: features.offset + row * features.stride,
                    length: features.columns
                ),
                count: features.columns
            )
        }
    }
}
