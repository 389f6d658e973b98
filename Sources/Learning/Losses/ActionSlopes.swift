/// How Q's slopes reach the actions.
extension ActorObjective {
    /// Writes dQ/da of the rows where this critic is the lower one.
    ///
    /// Only the lower critic passes a gradient, so each backward pass needs only its rows.
    func lowerSlopes(_ critic: FrozenNetwork, _ index: Int, _ block: BatchBlock) {
        let (rows, activations) = (block.lowerRows[index], block.critics[index])
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

    /// Writes the slopes of the critics' values, each row weighed by `block.rowWeights`.
    func weightedSlopes(_ critics: [FrozenNetwork], _ block: BatchBlock) {
        let actionCount = block.samples.actionCount
        for index in critics.indices {
            inputSlopes(
                critics[index],
                scale: block.rowWeights[index],
                activations: block.critics[index],
                dropped: block.actorDropped?[index],
                into: block.compactActionSlopes,
                kernels: kernels
            )
            for coordinate in 0..<actionCount {
                for row in 0..<block.rows.count {
                    let before = index == 0 ? 0 : block.actionSlopes[coordinate, row]
                    let slope = block.compactActionSlopes[row, coordinate]
                    block.actionSlopes[coordinate, row] = before + slope
                }
            }
        }
    }
}
