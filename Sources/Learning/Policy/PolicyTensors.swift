/// Policies as tensors, for a file.
///
/// `policy.N.weight` (inputs x outputs), `policy.N.bias`, `policy.shape`, `policy.version`; for a
/// Gaussian `policy.log_sigma_range` and `policy.log_sigma_smooth`, for a sampler
/// `policy.noise_count`; where there is one, `policy.normaliser.mean` and `.inverse_deviation`, and
/// `policy.exploration.deviations` with `.hold`. Batch norm is folded into the layers. A policy that
/// looks at pictures has `policy.encoder.*` (`EncoderTensors.swift`), `policy.encoder.kind` (which of
/// `LearnerSettings.Encoder`), `policy.encoder.image` (height, width, channels, frames) and
/// `policy.encoder.pixels` (scale and offset that make numbers of bytes).
extension PolicySnapshot {
    /// The policy that `tensors()` wrote.
    ///
    /// Other tensors beside it are ignored.
    ///
    /// - Throws: `LearningError` when one is missing or they do not fit together.
    public convenience init(tensors: [NamedTensor]) throws(LearningError) {
        let shape = try Self.shape(tensors)
        let kind = try Self.kind(tensors, shape: shape)
        let exploration = try Self.exploration(tensors, shape: shape)
        if case .gaussian = kind, exploration == nil, shape.outputs % 2 != 0 {
            throw .badValue(name: "policy.shape")
        }
        let version = try tensors.unsigned("policy.version", shape: [1])[0]
        guard version < 1 << 62 else { throw .badValue(name: "policy.version") }
        let encoder = try Self.encoder(tensors)
        let features = encoder?.shape.featureCount ?? 0
        guard features < shape.inputs else { throw .badValue(name: "policy.encoder.image") }
        var inputs = shape.inputs - features
        if case .sampler(let noiseCount) = kind { inputs -= noiseCount }
        self.init(
            network: FrozenNetwork(
                shape: shape,
                parameters: try shape.read("policy", from: tensors)
            ),
            kind: kind,
            exploration: exploration,
            normaliser: try Self.normaliser(tensors, count: inputs),
            encoder: encoder,
            version: Int(version),
            kernels: Kernels()
        )
    }

    /// The policy as tensors, for a file.
    public func tensors() -> [NamedTensor] {
        let widths = [shape.inputs] + hiddenWidths + [shape.outputs]
        var tensors = shape.tensors("policy", of: network.parameters)
        tensors += [
            .unsigned("policy.shape", widths),
            .unsigned("policy.version", [version]),
        ]
        switch kind {
        case .gaussian(let form, let lowest, let highest):
            tensors += [
                NamedTensor(
                    name: "policy.log_sigma_range",
                    shape: [2],
                    floats: [lowest, highest]
                ),
                .unsigned("policy.log_sigma_smooth", [form == .smooth ? 1 : 0]),
            ]
        case .sampler(let noiseCount): tensors.append(.unsigned("policy.noise_count", [noiseCount]))
        }
        if let frozenEncoder { tensors += frozenEncoder.tensors() }
        if let normaliser {
            let count = normaliser.mean.count
            tensors += [
                NamedTensor(
                    name: "policy.normaliser.mean",
                    shape: [count],
                    floats: normaliser.mean
                ),
                NamedTensor(
                    name: "policy.normaliser.inverse_deviation",
                    shape: [count],
                    floats: normaliser.inverseDeviation
                ),
            ]
        }
        if let exploration {
            tensors += [
                .unsigned("policy.exploration.hold", [exploration.hold]),
                NamedTensor(
                    name: "policy.exploration.deviations",
                    shape: [exploration.deviations.count / actionCount, actionCount],
                    floats: exploration.deviations
                ),
            ]
        }
        return tensors
    }

    private static func shape(_ tensors: [NamedTensor]) throws(LearningError) -> NetworkShape {
        let header = tensors.first { $0.name == "policy.shape" }
        guard let header else { throw .missingTensor(name: "policy.shape") }
        guard case .u64(let widths) = header.storage, widths.count >= 3 else {
            throw .wrongTensor(name: header.name, expected: "3 or more U64", found: "other")
        }
        let isSane = widths.allSatisfy { $0 >= 1 && $0 <= 1 << 20 }
        guard isSane else { throw .badValue(name: header.name) }
        return NetworkShape(
            inputs: Int(widths[0]),
            hidden: widths.dropFirst().dropLast().map { Int($0) },
            outputs: Int(widths[widths.count - 1])
        )
    }

    private static func encoder(_ tensors: [NamedTensor]) throws(LearningError) -> FrozenEncoder? {
        // Any of them: a policy that lacks one must not pass for one that looks at no pictures.
        guard tensors.contains(where: { $0.name.hasPrefix("policy.encoder.") }) else { return nil }
        return try FrozenEncoder(tensors: tensors)
    }

    private static func kind(
        _ tensors: [NamedTensor],
        shape: NetworkShape
    ) throws(LearningError) -> Kind {
        if tensors.contains(where: { $0.name == "policy.noise_count" }) {
            let count = try tensors.unsigned("policy.noise_count", shape: [1])[0]
            guard count >= 1, count < UInt64(shape.inputs) else {
                throw .badValue(name: "policy.noise_count")
            }
            return .sampler(noiseCount: Int(count))
        }
        let range = try tensors.floats("policy.log_sigma_range", shape: [2])
        guard range[0] <= range[1] else { throw .badValue(name: "policy.log_sigma_range") }
        let smooth = try tensors.unsigned("policy.log_sigma_smooth", shape: [1])[0]
        guard smooth <= 1 else { throw .badValue(name: "policy.log_sigma_smooth") }
        return .gaussian(
            form: smooth == 1 ? .smooth : .clamped,
            lowest: range[0],
            highest: range[1]
        )
    }

    private static func normaliser(
        _ tensors: [NamedTensor],
        count: Int
    ) throws(LearningError) -> ObservationNormaliser? {
        guard tensors.contains(where: { $0.name == "policy.normaliser.mean" }) else { return nil }
        return ObservationNormaliser(
            mean: try tensors.floats("policy.normaliser.mean", shape: [count]),
            inverseDeviation: try tensors.floats(
                "policy.normaliser.inverse_deviation",
                shape: [count]
            )
        )
    }

    private static func exploration(
        _ tensors: [NamedTensor],
        shape: NetworkShape
    ) throws(LearningError) -> Exploration? {
        let name = "policy.exploration.deviations"
        guard tensors.contains(where: { $0.name == name }) else { return nil }
        let hold = try tensors.unsigned("policy.exploration.hold", shape: [1])[0]
        guard hold >= 1, hold < 1 << 32 else { throw .badValue(name: "policy.exploration.hold") }
        let features = shape.hiddenWidths[shape.hiddenCount - 1]
        return Exploration(
            hold: Int(hold),
            deviations: try tensors.floats(name, shape: [features, shape.outputs])
        )
    }
}

extension NamedTensor {
    /// A row of whole numbers.
    static func unsigned(_ name: String, _ values: [Int]) -> NamedTensor {
        NamedTensor(name: name, shape: [values.count], storage: .u64(values.map { UInt64($0) }))
    }
}
