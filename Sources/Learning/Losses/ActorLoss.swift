/// What one evaluation of the actor's loss found.
struct ActorLoss {
    let loss: Double
    let meanLogDensity: Double

    init(loss: Double, meanLogDensity: Double) {
        self.loss = loss
        self.meanLogDensity = meanLogDensity
    }

    /// The mean over the blocks, which together are the batch, in the order of their rows.
    init(_ blocks: [BatchBlock], alpha: Float) {
        var (valueSum, densitySum) = (0.0, 0.0)
        var count = 0
        for block in blocks {
            for index in 0..<block.rows.count {
                valueSum += Double(block.actorValue(index))
                densitySum += Double(block.samples.logDensity[index])
            }
            count += block.rows.count
        }
        meanLogDensity = densitySum / Double(count)
        loss = Double(alpha) * meanLogDensity - valueSum / Double(count)
    }
}

/// Room for the actor's loss and its gradient.
struct ActorWorkspace {
    let activations: Activations
    /// Where the slopes at its hidden layers go.
    let slopes: Activations
    /// The slopes at the actor's output, batch x outputs.
    let outputSlopes: Matrix
    /// With state-dependent exploration, the slopes at the log sigmas, batch x actions.
    let deviationSlopes: Matrix?

    /// - Parameter lent: layers of the same widths that are free once the actions' slopes are known;
    ///   they are in the second-level cache already.
    init(shape: NetworkShape, batch: Int, panel: FloatBuffer, lent: Activations?) {
        activations = Activations(shape: shape, batch: batch, panel: panel)
        let fits = lent?.hidden.map(\.columns) == shape.hiddenWidths
        slopes =
            fits
            ? lent ?? activations
            : Activations(shape: shape, batch: batch, panel: panel)
        outputSlopes = Matrix(rows: batch, columns: shape.outputs)
        deviationSlopes = shape.exploration.map { Matrix(rows: batch, columns: $0.outputs) }
    }
}

/// Mean of alpha log pi(a|s) - Q(s, a) for fresh actions, and its gradient by the actor.
///
/// Q is the lowest or the mean of the critics, which are only read.
struct ActorObjective {
    /// Whether Q is the mean of the critics.
    let usesMean: Bool
    let kernels: Kernels

    /// Draws actions for the rows of a block and takes the slopes back to the actor's first layer.
    ///
    /// `input` is the whole batch: observations and, beside them, room for the actions, which are
    /// overwritten. The slopes are those of the mean over the whole batch.
    func slopes(
        _ block: BatchBlock,
        actor: FrozenNetwork,
        critics: [FrozenNetwork],
        input: Matrix,
        noise: NoiseRows,
        alpha: Float
    ) {
        draw(block, actor: actor, input: input.rows(block.rows), noise: noise)
        valueSlopes(block, critics: critics, input: input.rows(block.rows))
        outputSlopes(block, alpha: alpha, scale: 1 / Float(input.rows))
        hiddenSlopes(block, actor: actor)
    }

    /// Runs the actor on the observations in `input`'s rows, which are the block's, and puts a
    /// fresh action beside each.
    func draw(_ block: BatchBlock, actor: FrozenNetwork, input: Matrix, noise: NoiseRows) {
        let (observations, actions) = split(input, actionCount: block.samples.actionCount)
        drawDensity(block, actor: actor, observations: observations, noise: noise)
        kernels.transpose(block.samples.action, into: actions)
    }

    /// Runs the actor on some observations and draws an action for each, left in the samples.
    func drawDensity(
        _ block: BatchBlock,
        actor: FrozenNetwork,
        observations: Matrix,
        noise: NoiseRows
    ) {
        forwardOutputs(
            actor,
            input: observations,
            activations: block.actor,
            output: block.output.columns(0..<actor.shape.outputs),
            kernels: kernels
        )
        block.exploration?.forward(
            actor,
            features: block.actor.last,
            output: block.output,
            kernels: kernels
        )
        block.samples.draw(
            from: block.output,
            noise: noise.buffer,
            noiseOffset: noise.offset + block.rows.lowerBound,
            noiseStride: noise.stride,
            kernels: kernels
        )
    }

    /// Runs the critics on the block's rows and takes Q's slopes back to the actions.
    func valueSlopes(_ block: BatchBlock, critics: [FrozenNetwork], input: Matrix) {
        for index in critics.indices {
            forwardCritic(
                critics[index],
                input: input,
                activations: block.critics[index],
                values: block.values[index],
                dropped: block.actorDropped?[index],
                kernels: kernels
            )
        }
        let isPlain = critics[0].shape.normalisation == .none
        if isPlain && !usesMean {
            block.chooseLower()
            for index in critics.indices { lowerSlopes(critics[index], index, block) }
        } else {
            block.weighRows()
            weightedSlopes(critics, block)
        }
    }

    /// Takes the slopes at the actions back through the squash.
    func outputSlopes(_ block: BatchBlock, alpha: Float, scale: Float) {
        let samples = block.samples
        for coordinate in 0..<samples.actionCount {
            kernels.squashGradient(
                samples,
                coordinate: coordinate,
                qSlope: block.actionSlopes,
                alpha: alpha,
                scale: scale,
                into: block.headSlopes
            )
        }
        samples.undoSmoothing(block.headSlopes)
        let outputs = block.outputSlopes.columns
        kernels.transpose(block.headSlopes.rows(0..<outputs), into: block.outputSlopes)
        if let slopes = block.deviationSlopes {
            kernels.transpose(block.headSlopes.rowsFrom(outputs), into: slopes)
        }
    }

    /// Takes the slopes at the output back through the actor's hidden layers.
    private func hiddenSlopes(_ block: BatchBlock, actor: FrozenNetwork) {
        let shape = actor.shape
        var slope = block.outputSlopes
        for layer in (0..<shape.hiddenCount).reversed() {
            let below = block.actorSlopes.hidden[layer]
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

    /// Writes the gradient, once the slopes of all blocks are there, or a half of it.
    func gradient(
        _ half: Half,
        of actor: TrainedNetwork,
        observations: Matrix,
        workspace: ActorWorkspace,
        blocks: [BatchBlock]
    ) {
        for layer in actor.shape.layers.indices {
            weightGradient(
                actor,
                layer: layer,
                input: layer == 0 ? observations : workspace.activations.hidden[layer - 1],
                slope: layer < actor.shape.hiddenCount
                    ? workspace.slopes.hidden[layer] : workspace.outputSlopes,
                half: half,
                kernels: kernels
            )
        }
        guard half != .second, let slopes = workspace.deviationSlopes else { return }
        blocks[0].exploration?.gradient(
            actor,
            features: workspace.activations.last,
            slopes: slopes,
            kernels: kernels
        )
    }
}

/// Where the normals of one draw lie: `stride` floats for each coordinate.
struct NoiseRows {
    let buffer: FloatBuffer
    let offset: Int
    let stride: Int
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
