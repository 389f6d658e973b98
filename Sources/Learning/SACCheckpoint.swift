extension SACLearner {
    /// Everything needed to go on bit for bit, but for the replay, which is kept elsewhere.
    ///
    /// Networks, targets, moments, temperature, random streams, counters. Also makes the present state the one a later failure returns to, so that a resumed learner
    /// and this one would return to the same place.
    public func checkpoint() -> [NamedTensor] {
        keepGoodState()
        var tensors = namedNetworks.flatMap { name, network in
            network.state.flatMap { network.shape.tensors("\(name).\($0.name)", of: $0.buffer) }
        }
        let scalars = [temperature.logarithm, temperature.firstMoment, temperature.secondMoment]
        tensors += [
            NamedTensor(name: "temperature", shape: [3], floats: scalars),
            NamedTensor(
                name: "random.batches",
                shape: [4],
                storage: .u64(samplingRandom.words)
            ),
            NamedTensor(name: "random.noise", shape: [4], storage: .u64(noiseRandom.words)),
            NamedTensor(
                name: "counters",
                shape: [3],
                storage: .u64([UInt64(updateCount), UInt64(adamSteps), UInt64(rollbackCount)])
            ),
        ]
        return tensors
    }

    /// Takes over a checkpoint of a learner with the same widths.
    ///
    /// - Throws: `LearningError` when a tensor is missing, of another shape or not finite; the
    ///   learner is then as it was.
    public func restore(_ tensors: [NamedTensor]) throws(LearningError) {
        var loaded: [(FloatBuffer, FloatBuffer)] = []
        for (name, network) in namedNetworks {
            for (role, buffer) in network.state {
                loaded.append((buffer, try network.shape.read("\(name).\(role)", from: tensors)))
            }
        }
        let scalars = try tensors.floats("temperature", shape: [3])
        let counters = try tensors.unsigned("counters", shape: [3])
        guard counters.allSatisfy({ $0 < 1 << 62 }) else { throw .badValue(name: "counters") }
        let batches = try Self.random("random.batches", from: tensors)
        let noise = try Self.random("random.noise", from: tensors)

        for (buffer, values) in loaded { buffer.copy(from: values) }
        temperature = Temperature(
            logarithm: scalars[0],
            firstMoment: scalars[1],
            secondMoment: scalars[2]
        )
        (samplingRandom, noiseRandom) = (batches, noise)
        (updateCount, adamSteps) = (Int(counters[0]), Int(counters[1]))
        rollbackCount = Int(counters[2])
        keepGoodState()
    }

    private var namedNetworks: [(name: String, network: TrainedNetwork)] {
        [("actor", actor), ("critic1", critics[0]), ("critic2", critics[1])]
    }

    private static func random(
        _ name: String,
        from tensors: [NamedTensor]
    ) throws(LearningError) -> RandomSource {
        guard let source = RandomSource(words: try tensors.unsigned(name, shape: [4])) else {
            throw .badValue(name: name)
        }
        return source
    }

    /// The actor to explore with, as it is now; when it is not finite, as it last was.
    public func snapshot() -> PolicySnapshot {
        if !kernels.allFinite(actor.parameters) { returnToGoodState() }
        return policy(actor.parameters)
    }

    /// The policy to keep: the actor's running mean (`LearnerSettings.policySmoothing`).
    public func keptPolicy() -> PolicySnapshot {
        if !kernels.allFinite(actor.parameters) { returnToGoodState() }
        return policy(actor.target ?? actor.parameters)
    }

    private func policy(_ parameters: FloatBuffer) -> PolicySnapshot {
        PolicySnapshot(
            shape: actor.shape,
            parameters: parameters,
            version: updateCount,
            logSigmaRange: Float(settings.lowestLogSigma)...Float(settings.highestLogSigma),
            kernels: kernels
        )
    }
}
