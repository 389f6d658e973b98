/// The encoder's gradient and step.
extension PictureUpdate {
    /// Takes one critic's slopes at its first layer's sums back to the features.
    ///
    /// Its parameters must still be those of its pass.
    func takeSlopes(of critic: Int, _ network: TrainedNetwork, at pass: Activations) {
        let weights = network.shape.weights(0, in: network.parameters)
        encoder.kernels.multiply(
            pass.hidden[0],
            byTransposed: weights.firstRows(slopes[critic].columns),
            into: slopes[critic],
            panel: pass.panel
        )
    }

    /// Takes the first columns of one critic's slopes at its input.
    func takeSlopes(of critic: Int, atInput input: Matrix) {
        let own = slopes[critic]
        for row in 0..<own.rows {
            // Safety: the input's rows are at least as long as the features'.
            unsafe own.setRow(
                row,
                from: input.buffer.pointer(
                    at: input.offset + row * input.stride,
                    length: own.columns
                ),
                count: own.columns
            )
        }
    }

    /// Takes the critics' slopes back through the encoder, for half 0's or half 1's pictures.
    func backward(half: Int) {
        guard half < halves.count else { return }
        let half = halves[half]
        half.slopes.begin(trained.shape, parameters: trained.parameters)
        sumSlopes(half.rows)
        let flat = flatSlopes(half)
        for first in half.groups {
            let rows = half.group(from: first)
            // Converting the bytes again takes less time than reading the numbers from memory.
            encoder.convert(batch.pixels, rows: rows, room: half.room)
            encoder.addGradient(
                flat.rows(rows),
                room: half.room,
                group: groups[first / LaneArray.lanes],
                slopes: half.slopes
            )
        }
        encoder.finishGradient(half.slopes)
    }

    /// Adds the other critics' slopes to the first one's.
    private func sumSlopes(_ rows: Range<Int>) {
        let sum = slopes[0].rows(rows)
        for other in slopes.dropFirst() {
            encoder.kernels.add(other.rows(rows), to: sum)
        }
    }

    /// The slopes at what the convolutions put out.
    private func flatSlopes(_ half: HalfRoom) -> Matrix {
        guard let head = trained.shape.head else { return slopes[0] }
        encoder.headGradient(
            head,
            parameters: trained.parameters,
            gradient: half.slopes.gradient,
            features: now.features.rows(half.rows),
            slopes: slopes[0].rows(half.rows),
            flat: now.flat.rows(half.rows),
            room: now.head.rows(half.rows),
            panel: half.panel
        )
        return now.flat
    }

    /// Moves the encoder against the sum of the halves' gradients, and its target after it.
    func step(_ plan: UpdatePlan) {
        trained.gradient.copy(from: halves[0].slopes.gradient)
        for half in halves.dropFirst() {
            encoder.kernels.add(half.slopes.gradient, to: trained.gradient)
        }
        trained.step(plan.criticStep, smoothing: plan.targetSmoothing, kernels: encoder.kernels)
        if plan.movesActor { trained.moveMean(plan.policySmoothing) }
    }
}
