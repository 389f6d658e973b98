/// Room for the actor's loss and its gradient.
struct ActorWorkspace {
    let activations: Activations
    /// The actor's output and its slopes, batch x (means, log sigmas).
    let output: Matrix
    let outputSlopes: Matrix
    /// The same slopes, coordinate-major.
    let headSlopes: Matrix
    /// dQ/da of the lower critic, coordinate-major.
    let actionSlopes: Matrix
    let samples: SquashedSamples
    /// Ones, to start the backward pass of Q.
    let ones: FloatBuffer
    /// The rows where each critic is the lower one.
    let lowerRows: [RowList]
    /// dQ/da of those rows.
    let compactActionSlopes: Matrix

    init(
        shape: NetworkShape,
        actionCount: Int,
        batch: Int,
        settings: LearnerSettings,
        panel: FloatBuffer
    ) {
        activations = Activations(shape: shape, batch: batch, panel: panel)
        output = Matrix(rows: batch, columns: 2 * actionCount)
        outputSlopes = Matrix(rows: batch, columns: 2 * actionCount)
        headSlopes = Matrix(rows: 2 * actionCount, columns: batch)
        actionSlopes = Matrix(rows: actionCount, columns: batch)
        samples = SquashedSamples(actionCount: actionCount, batch: batch, settings: settings)
        ones = FloatBuffer(count: batch)
        for index in 0..<batch { ones[index] = 1 }
        lowerRows = [RowList(bound: batch), RowList(bound: batch)]
        compactActionSlopes = Matrix(rows: batch, columns: actionCount)
    }
}

/// What one evaluation of the actor's loss found.
struct ActorLoss {
    let loss: Double
    let meanLogDensity: Double
}

/// Mean of alpha log pi(a|s) - min Q(s, a) for fresh actions, and its gradient by the actor.
///
/// `input` holds the observations and, beside them, room for the actions, which are overwritten.
/// The gradient is left in the actor's buffer; the critics are only read.
func actorLoss(
    _ actor: TrainedNetwork,
    critics: [TrainedNetwork],
    input: Matrix,
    noise: FloatBuffer,
    noiseOffset: Int,
    alpha: Float,
    workspace: ActorWorkspace,
    criticWorkspaces: [CriticWorkspace],
    kernels: Kernels
) -> ActorLoss {
    let samples = workspace.samples
    let batch = input.rows
    let (observations, actions) = split(input, actionCount: samples.actionCount)
    forwardActor(
        actor.shape,
        actor.parameters,
        input: observations,
        activations: workspace.activations,
        head: workspace.output,
        kernels: kernels
    )
    samples.draw(
        from: workspace.output,
        noise: noise,
        noiseOffset: noiseOffset,
        into: actions,
        kernels: kernels
    )
    for (critic, room) in zip(critics, criticWorkspaces) {
        forwardCritic(
            critic.shape,
            critic.parameters,
            input: input,
            activations: room.activations,
            values: room.values,
            kernels: kernels
        )
    }
    let meanLower = chooseLower(criticWorkspaces, batch: batch, rows: workspace.lowerRows)
    for index in critics.indices {
        actionSlopes(
            critics[index],
            room: criticWorkspaces[index],
            rows: workspace.lowerRows[index],
            workspace: workspace,
            kernels: kernels
        )
    }
    backwardActor(
        actor,
        observations: observations,
        alpha: alpha,
        workspace: workspace,
        kernels: kernels
    )
    let meanLogDensity = samples.meanLogDensity
    return ActorLoss(
        loss: Double(alpha) * meanLogDensity - meanLower,
        meanLogDensity: meanLogDensity
    )
}

/// The observation columns and the action columns of a critic's input.
func split(_ input: Matrix, actionCount: Int) -> (observations: Matrix, actions: Matrix) {
    let observationCount = input.columns - actionCount
    let observations = Matrix(
        input.buffer,
        offset: input.offset,
        rows: input.rows,
        columns: observationCount,
        stride: input.stride
    )
    return (observations, input.columnsFrom(observationCount))
}

/// Sorts the rows by which critic is lower there, and returns the mean of the lower value.
///
/// Only the lower critic passes a gradient, so each critic's backward pass needs only its rows.
private func chooseLower(_ rooms: [CriticWorkspace], batch: Int, rows: [RowList]) -> Double {
    for list in rows { list.removeAll() }
    var sum = 0.0
    for index in 0..<batch {
        let (first, second) = (rooms[0].values[index], rooms[1].values[index])
        rows[second < first ? 1 : 0].append(index)
        sum += Double(first.isNaN || second.isNaN ? Float.nan : Swift.min(first, second))
    }
    return sum / Double(batch)
}

/// Writes dQ/da of the listed rows into their columns of `workspace.actionSlopes`.
private func actionSlopes(
    _ critic: TrainedNetwork,
    room: CriticWorkspace,
    rows: RowList,
    workspace: ActorWorkspace,
    kernels: Kernels
) {
    guard rows.count > 0 else { return }
    let shape = critic.shape
    let last = shape.hiddenCount
    // The rows rise, so row i of the slopes never lands on an activation still to be looked at.
    var slope = room.activations.last.firstRows(rows.count)
    kernels.outerMasked(
        scale: workspace.ones,
        weights: shape.weights(last, in: critic.parameters),
        gate: room.activations.last,
        rowsOf: rows,
        into: slope
    )
    for layer in (1..<shape.hiddenCount).reversed() {
        let below = room.activations.hidden[layer - 1].firstRows(rows.count)
        kernels.multiply(
            slope,
            byTransposed: shape.weights(layer, in: critic.parameters),
            into: below,
            epilogue: .masked(room.activations.hidden[layer - 1], rows),
            panel: room.activations.panel
        )
        slope = below
    }
    let actionCount = workspace.samples.actionCount
    let first = shape.weights(0, in: critic.parameters)
    let compact = workspace.compactActionSlopes.firstRows(rows.count)
    kernels.multiply(
        slope,
        byTransposed: first.rowsFrom(first.rows - actionCount),
        into: compact,
        panel: room.activations.panel
    )
    for index in 0..<rows.count {
        let row = rows[index]
        for coordinate in 0..<actionCount {
            workspace.actionSlopes[coordinate, row] = compact[index, coordinate]
        }
    }
}

/// Takes the slopes at the actions back through the squash and the actor.
private func backwardActor(
    _ actor: TrainedNetwork,
    observations: Matrix,
    alpha: Float,
    workspace: ActorWorkspace,
    kernels: Kernels
) {
    let samples = workspace.samples
    for coordinate in 0..<samples.actionCount {
        kernels.squashGradient(
            samples,
            coordinate: coordinate,
            qSlope: workspace.actionSlopes,
            alpha: alpha,
            scale: 1 / Float(samples.batch),
            into: workspace.headSlopes
        )
    }
    kernels.transpose(workspace.headSlopes, into: workspace.outputSlopes)
    let shape = actor.shape
    let last = shape.hiddenCount
    kernels.multiply(
        workspace.activations.last,
        transposed: true,
        by: workspace.outputSlopes,
        into: shape.weights(last, in: actor.gradient)
    )
    kernels.columnSum(workspace.outputSlopes, into: shape.bias(last, in: actor.gradient))
    kernels.multiply(
        workspace.outputSlopes,
        byTransposed: shape.weights(last, in: actor.parameters),
        into: workspace.activations.last,
        epilogue: .masked(workspace.activations.last, nil),
        panel: workspace.activations.panel
    )
    backwardHidden(
        actor,
        input: observations,
        activations: workspace.activations,
        kernels: kernels
    )
}
