extension ReplayBuffer {
    /// Fills some rows of a batch with uniform draws without replacement.
    ///
    /// Each drawn transition is followed through its segment over at most `steps` transitions, to a
    /// true end or the newest one; where a segment ends otherwise, the return is cut and
    /// bootstraps from the last next observation. For m transitions from t on,
    ///
    ///     rewards       r_t + discount r_t+1 + ... + discount^(m-1) r_t+m-1
    ///     continues     discount^m, or 0 at a true end
    ///     nextInputs    the observation at t+m
    ///
    /// A buffer with fewer transitions than rows gives each of them before any again. Draws are by
    /// age, so that a batch is the same whether the ring was filled once around or reloaded from a
    /// journal. Allocates nothing but in the first batch of a larger size. Traps on an empty
    /// buffer, and on a batch of other lengths or with room for fewer steps between.
    func sample(
        into batch: ReplayBatch,
        rows: Range<Int>,
        steps: Int,
        discount: Float,
        random: inout RandomSource
    ) {
        precondition(count > 0, "nothing to draw from")
        precondition(
            batch.inputs.columns == batch.featureCount + observationCount + actionCount && steps > 0
                && (batch.intermediateCount == 0 || batch.intermediateCount >= steps - 1),
            "a batch of other lengths"
        )
        drawn.draw(rows, below: count, into: &batch.rows, random: &random)
        let reader = unsafe ReplayReader(
            transitions: transitions.elements,
            frames: frames.elements,
            newestFrame: frames.pushedCount - 1,
            count: count,
            historyFrames: historyFrames,
            windowFrames: windowFrames,
            frameFloats: frameFloats,
            actionCount: actionCount
        )
        unsafe reader.read(rows, of: batch, steps: steps, discount: discount)
        if batch.pixels.columns > 0 { copyPictures(rows, of: batch) }
    }

    private func copyPictures(_ rows: Range<Int>, of batch: ReplayBatch) {
        guard let pixels else { preconditionFailure("a replay without pictures") }
        let shown = batch.pixels.columns / pixelCount
        precondition(
            shown <= windowFrames && shown * pixelCount == batch.pixels.columns,
            "no such pictures"
        )
        let held = unsafe pixels.elements
        func copy(age: Int, to matrix: ByteMatrix, row: Int) {
            for frame in 0..<shown {
                let picture = unsafe held[held.slot(age: age + frame)]
                let place = unsafe matrix.pointer(row: row) + frame * pixelCount
                unsafe UnsafeMutableRawPointer(place).copyMemory(
                    from: picture,
                    byteCount: pixelCount
                )
            }
        }
        for row in rows {
            copy(age: batch.frameAges[row], to: batch.pixels, row: row)
            copy(age: batch.nextFrameAges[row], to: batch.nextPixels, row: row)
        }
    }
}
