extension PolicySnapshot {
    /// The policy's mean action as a graph, for other programs.
    ///
    /// Traps when the scaling is of another width than the action.
    public func graph(
        scaling: PolicyGraph.Scaling? = nil,
        observationMeaning: String = "",
        metadata: [String: String] = [:]
    ) -> PolicyGraph {
        PolicyGraph(
            encoder: frozenEncoder.map { PictureEncoder($0) },
            normaliser: normaliser.map {
                PolicyGraph.Normaliser(
                    mean: $0.mean,
                    scale: $0.inverseDeviation,
                    bound: ObservationNormaliser.bound
                )
            },
            layers: PolicyGraph.meanLayers(
                tensors(),
                observationCount: observationCount + (encoder?.shape.featureCount ?? 0),
                actionCount: actionCount
            ),
            scaling: scaling,
            observationMeaning: observationMeaning,
            metadata: metadata
        )
    }
}

extension PolicyGraph {
    /// The layers of a policy's tensors that its mean action depends on.
    ///
    /// Of the first layer the observation's rows are kept: rows of noise below them contribute
    /// nothing when the noise is zero. Of the last one the first `actionCount` columns: what comes
    /// after them is the width of the distribution.
    ///
    /// Traps when the tensors are not those of a policy of this size.
    static func meanLayers(
        _ tensors: [NamedTensor],
        observationCount: Int,
        actionCount: Int
    ) -> [Layer] {
        var matrices: [(weights: NamedTensor, bias: NamedTensor)] = []
        while let weights = tensors.first(where: { $0.name == "policy.\(matrices.count).weight" }),
            let bias = tensors.first(where: { $0.name == "policy.\(matrices.count).bias" })
        {
            matrices.append((weights, bias))
        }
        return matrices.indices.map { index in
            let (weights, bias) = matrices[index]
            let isLast = index == matrices.count - 1
            return layer(
                weights,
                bias,
                rows: index == 0 ? observationCount : weights.shape[0],
                columns: isLast ? actionCount : weights.shape[1],
                isRectified: !isLast
            )
        }
    }

    /// A layer of the first so many rows and columns.
    private static func layer(
        _ weights: NamedTensor,
        _ bias: NamedTensor,
        rows: Int,
        columns: Int,
        isRectified: Bool
    ) -> Layer {
        guard case .floats(let values) = weights.storage, case .floats(let offsets) = bias.storage
        else { preconditionFailure("\(weights.name) is not made of floats") }
        precondition(
            rows <= weights.shape[0] && columns <= weights.shape[1],
            "\(weights.name) of \(weights.shape) has no \(rows) x \(columns)"
        )
        let stride = weights.shape[1]
        return Layer(
            weights: (0..<rows).flatMap { values[$0 * stride..<$0 * stride + columns] },
            bias: Array(offsets[..<columns]),
            isRectified: isRectified
        )
    }
}
