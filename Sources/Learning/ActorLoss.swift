/// Room for the actor's loss and its gradient.
struct ActorWorkspace {
    let activations: Activations
    /// The slopes at the actor's output, batch x (means, log sigmas).
    let outputSlopes: Matrix

    init(shape: NetworkShape, batch: Int, panel: FloatBuffer) {
        activations = Activations(shape: shape, batch: batch, panel: panel)
        outputSlopes = Matrix(rows: batch, columns: shape.outputs)
    }
}

/// What one evaluation of the actor's loss found.
struct ActorLoss {
    let loss: Double
    let meanLogDensity: Double

    /// The mean over the blocks, which together are the batch, in the order of their rows.
    init(_ blocks: [BatchBlock], alpha: Float) {
        var (lowerSum, densitySum) = (0.0, 0.0)
        var count = 0
        for block in blocks {
            for index in 0..<block.rows.count {
                lowerSum += Double(block.lowerValue(index))
                densitySum += Double(block.samples.logDensity[index])
            }
            count += block.rows.count
        }
        meanLogDensity = densitySum / Double(count)
        loss = Double(alpha) * meanLogDensity - lowerSum / Double(count)
    }
}

/// Mean of alpha log pi(a|s) - min Q(s, a) for fresh actions, and its gradient by the actor.
///
/// The critics are only read. Their layers' room holds the actor's slopes in the end.
struct ActorObjective {
    let actor: TrainedNetwork
    let critics: [TrainedNetwork]
    let kernels: Kernels

    /// Draws actions for the rows of a block and takes the slopes back to the actor's first layer.
    ///
    /// `input` is the whole batch: observations and, beside them, room for the actions, which are
    /// overwritten. The slopes are those of the mean over the whole batch.
    func slopes(
        _ block: BatchBlock,
        input: Matrix,
        noise: FloatBuffer,
        noiseOffset: Int,
        alpha: Float
    ) {
        let rows = input.rows(block.rows)
        draw(block, input: rows, noise: noise, noiseOffset: noiseOffset, batch: input.rows)
        for index in critics.indices {
            forwardCritic(
                critics[index].shape,
                critics[index].parameters,
                input: rows,
                activations: block.critics[index],
                values: block.values[index],
                kernels: kernels
            )
        }
        block.chooseLower()
        for index in critics.indices {
            actionSlopes(critics[index], block.critics[index], block.lowerRows[index], block)
        }
        outputSlopes(block, alpha: alpha, scale: 1 / Float(input.rows))
        hiddenSlopes(block)
    }

    /// Runs the actor on the observations in `input`'s rows, which are the block's, and puts a
    /// fresh action beside each.
    func draw(
        _ block: BatchBlock,
        input: Matrix,
        noise: FloatBuffer,
        noiseOffset: Int,
        batch: Int
    ) {
        let (observations, actions) = split(input, actionCount: block.samples.actionCount)
        forwardActor(
            actor.shape,
            actor.parameters,
            input: observations,
            activations: block.actor,
            head: block.output,
            kernels: kernels
        )
        block.samples.draw(
            from: block.output,
            noise: noise,
            noiseOffset: noiseOffset + block.rows.lowerBound,
            noiseStride: Matrix.stride(batch),
            into: actions,
            kernels: kernels
        )
    }

    /// Writes the gradient, once the slopes of all blocks are there, or a half of it.
    ///
    /// `slopes` is where the blocks left them: the layers of the first critic.
    func gradient(
        _ half: Half,
        observations: Matrix,
        workspace: ActorWorkspace,
        slopes: Activations
    ) {
        for layer in actor.shape.layers.indices {
            weightGradient(
                actor,
                layer: layer,
                input: layer == 0 ? observations : workspace.activations.hidden[layer - 1],
                slope: layer < actor.shape.hiddenCount
                    ? slopes.hidden[layer] : workspace.outputSlopes,
                half: half,
                kernels: kernels
            )
        }
    }

    /// Writes dQ/da of the listed rows into their columns of the block's action slopes.
    private func actionSlopes(
        _ critic: TrainedNetwork,
        _ activations: Activations,
        _ rows: RowList,
        _ block: BatchBlock
    ) {
        guard rows.count > 0 else { return }
        let shape = critic.shape
        let last = shape.hiddenCount
        // The rows rise, so row i of the slopes never lands on an activation still to be looked at.
        var slope = activations.last.firstRows(rows.count)
        kernels.outerMasked(
            scale: block.ones,
            weights: shape.weights(last, in: critic.parameters),
            gate: activations.last,
            rowsOf: rows,
            into: slope
        )
        for layer in (1..<shape.hiddenCount).reversed() {
            let below = activations.hidden[layer - 1].firstRows(rows.count)
            kernels.multiply(
                slope,
                byTransposed: shape.weights(layer, in: critic.parameters),
                into: below,
                epilogue: .masked(activations.hidden[layer - 1], rows),
                panel: activations.panel
            )
            slope = below
        }
        let actionCount = block.samples.actionCount
        let first = shape.weights(0, in: critic.parameters)
        let compact = block.compactActionSlopes.firstRows(rows.count)
        kernels.multiply(
            slope,
            byTransposed: first.rowsFrom(first.rows - actionCount),
            into: compact,
            panel: activations.panel
        )
        for index in 0..<rows.count {
            let row = rows[index]
            for coordinate in 0..<actionCount {
                block.actionSlopes[coordinate, row] = compact[index, coordinate]
            }
        }
    }

    /// Takes the slopes at the actions back through the squash.
    private func outputSlopes(_ block: BatchBlock, alpha: Float, scale: Float) {
        for coordinate in 0..<block.samples.actionCount {
            kernels.squashGradient(
                block.samples,
                coordinate: coordinate,
                qSlope: block.actionSlopes,
                alpha: alpha,
                scale: scale,
                into: block.headSlopes
            )
        }
        kernels.transpose(block.headSlopes, into: block.outputSlopes)
    }

    /// Takes the slopes at the output back through the actor's hidden layers.
    ///
    /// The layers of the first critic, as wide as the actor's and done with, take them: they are
    /// in the second-level cache already.
    private func hiddenSlopes(_ block: BatchBlock) {
        let shape = actor.shape
        var slope = block.outputSlopes
        for layer in (0..<shape.hiddenCount).reversed() {
            let below = block.critics[0].hidden[layer]
            kernels.multiply(
                slope,
                byTransposed: shape.weights(layer + 1, in: actor.parameters),
                into: below,
                epilogue: .masked(block.actor.hidden[layer], nil),
                panel: block.actor.panel
            )
            slope = below
        }
    }
}

/// The observation columns and the action columns of a critic's input.
func split(_ input: Matrix, actionCount: Int) -> (observations: Matrix, actions: Matrix) {
    let observationCount = input.columns - actionCount
    return (input.columns(0..<observationCount), input.columnsFrom(observationCount))
}

/// Writes the gradient of one layer, or a half of it, given its input and the slopes at its output.
///
/// Each number of it is one sum over the batch in the order of the rows, so halves hold the same
/// bits as the whole. A layer with few outputs is cut across its inputs.
private func weightGradient(
    _ network: TrainedNetwork,
    layer: Int,
    input: Matrix,
    slope: Matrix,
    half: Half,
    kernels: Kernels
) {
    let weights = network.shape.weights(layer, in: network.gradient)
    let bias = network.shape.bias(layer, in: network.gradient)
    if weights.columns >= 32 {
        let columns = half.range(of: weights.columns, grain: 16)
        guard !columns.isEmpty else { return }
        let slope = slope.columns(columns)
        kernels.multiply(input, transposed: true, by: slope, into: weights.columns(columns))
        kernels.columnSum(slope, into: bias.columns(columns))
    } else {
        let inputs = half.range(of: weights.rows, grain: 16)
        if half != .second { kernels.columnSum(slope, into: bias) }
        guard !inputs.isEmpty else { return }
        kernels.multiply(
            input.columns(inputs),
            transposed: true,
            by: slope,
            into: weights.rows(inputs)
        )
    }
}
