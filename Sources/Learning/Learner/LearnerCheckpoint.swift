extension Learner {
    /// Everything needed to go on bit for bit, but for the replay, which is kept elsewhere.
    ///
    /// Networks, targets, moments, statistics, temperature, normaliser, random streams, counters.
    /// Also makes the present state the one a later failure returns to, so that a resumed learner
    /// and this one would return to the same place.
    public func checkpoint() -> [NamedTensor] {
        keepGoodState()
        var tensors = networks.named.flatMap { name, network in network.tensors(name) }
        if let encoder = networks.encoder { tensors += encoder.tensors("encoder") }
        let scalars = [temperature.logarithm, temperature.firstMoment, temperature.secondMoment]
        if let normaliser { tensors.append(normaliser.tensor("normaliser")) }
        let figures = [lastActorLoss?.loss ?? 0, lastActorLoss?.meanLogDensity ?? 0]
        let counters = [updateCount, counts.critics, counts.actor, rollbackCount]
        tensors += [
            NamedTensor(name: "temperature", shape: [3], floats: scalars),
            NamedTensor(name: "actor_loss", shape: [2], storage: .u64(figures.map(\.bitPattern))),
            NamedTensor(
                name: "random.batches",
                shape: [4],
                storage: .u64(samplingRandom.words)
            ),
            NamedTensor(name: "random.noise", shape: [4], storage: .u64(noiseRandom.words)),
            NamedTensor(
                name: "counters",
                shape: [counters.count],
                storage: .u64(counters.map { UInt64($0) })
            ),
        ]
        return tensors
    }

    /// Takes over a checkpoint of a learner with the same widths.
    ///
    /// - Throws: `LearningError` when a tensor is missing, of another shape or not finite; the
    ///   learner is then as it was.
    public func restore(_ tensors: [NamedTensor]) throws(LearningError) {
        var loaded: [(place: FloatBuffer, values: FloatBuffer)] = []
        for (name, network) in networks.named {
            loaded += try network.read(name, from: tensors)
        }
        if let encoder = networks.encoder {
            loaded += try encoder.read("encoder", from: tensors)
        }
        let scalars = try tensors.floats("temperature", shape: [3])
        let figures = try tensors.unsigned("actor_loss", shape: [2]).map { Double(bitPattern: $0) }
        guard figures.allSatisfy(\.isFinite) else { throw .badValue(name: "actor_loss") }
        let counters = try tensors.unsigned("counters", shape: [4])
        guard counters.allSatisfy({ $0 < 1 << 62 }) else { throw .badValue(name: "counters") }
        let batches = try Self.random("random.batches", from: tensors)
        let noise = try Self.random("random.noise", from: tensors)
        let normaliser = try loadedNormaliser(from: tensors)

        for (buffer, values) in loaded { buffer.copy(from: values) }
        temperature = Temperature(
            logarithm: scalars[0],
            firstMoment: scalars[1],
            secondMoment: scalars[2]
        )
        self.normaliser = normaliser
        (samplingRandom, noiseRandom) = (batches, noise)
        updateCount = Int(counters[0])
        counts = StepCounts(critics: Int(counters[1]), actor: Int(counters[2]))
        rollbackCount = Int(counters[3])
        lastActorLoss = ActorLoss(loss: figures[0], meanLogDensity: figures[1])
        keepGoodState()
    }

    private func loadedNormaliser(
        from tensors: [NamedTensor]
    ) throws(LearningError) -> RunningNormaliser? {
        guard normaliser != nil else { return nil }
        guard let tensor = tensors.first(where: { $0.name == "normaliser" }) else {
            throw .missingTensor(name: "normaliser")
        }
        return try RunningNormaliser(tensor: tensor, count: observationCount)
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
        if !isActorFinite { returnToGoodState() }
        return policy(networks.actor.parameters, networks.encoder?.parameters)
    }

    /// The policy to keep: the actor's running mean (`LearnerSettings.policySmoothing`).
    public func keptPolicy() -> PolicySnapshot {
        if !isActorFinite { returnToGoodState() }
        return policy(
            networks.actor.target ?? networks.actor.parameters,
            networks.encoder?.mean ?? networks.encoder?.parameters
        )
    }

    private var isActorFinite: Bool {
        kernels.allFinite(networks.actor.parameters)
            && (networks.encoder.map { kernels.allFinite($0.parameters) } ?? true)
    }

    private func policy(
        _ parameters: FloatBuffer,
        _ encoderParameters: FloatBuffer?
    ) -> PolicySnapshot {
        let encoder = networks.encoder.flatMap { encoder in
            encoderParameters.map { FrozenEncoder(shape: encoder.shape, parameters: $0) }
        }
        return policy(parameters, encoder)
    }

    private func policy(_ parameters: FloatBuffer, _ encoder: FrozenEncoder?) -> PolicySnapshot {
        PolicySnapshot(
            network: resting(networks.actor, parameters),
            kind: settings.algorithm == .softQ
                ? .sampler(noiseCount: actionCount)
                : .gaussian(
                    form: settings.logSigmaForm,
                    lowest: Float(settings.lowestLogSigma),
                    highest: Float(settings.highestLogSigma)
                ),
            exploration: Exploration(
                hold: settings.explorationHold,
                logDeviations: networks.actor.shape.logDeviations(in: parameters)
            ),
            normaliser: normaliser?.frozen,
            encoder: encoder,
            version: updateCount,
            kernels: kernels
        )
    }

    /// The network as it acts, batch norm folded in.
    private func resting(_ network: TrainedNetwork, _ parameters: FloatBuffer) -> FrozenNetwork {
        let shape = network.shape
        guard shape.normalisation == .batch else {
            // Layers lie first; what else is trained is not part of acting, or kept apart.
            return FrozenNetwork(shape: shape.plain, parameters: parameters)
        }
        let plain = FrozenNetwork(resting: shape)
        BatchRenorm(settings: settings.renormalisation, kernels: kernels).fold(
            network,
            parameters: parameters,
            into: plain,
            room: FoldingRoom(for: [shape])
        )
        return plain
    }
}
