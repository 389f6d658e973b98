/// The shapes of a learner's networks.
struct LearnerShapes {
    /// Numbers in an observation, without what an encoder makes of pictures.
    let observationCount: Int
    let actionCount: Int
    /// What turns pictures into numbers, which stand before the observation's.
    let encoder: EncoderShape?
    let actor: NetworkShape
    let critic: NetworkShape
    /// Of the value network, for the algorithm that has one.
    let value: NetworkShape?

    /// The same with normalisation folded in.
    var resting: LearnerShapes {
        LearnerShapes(
            observationCount: observationCount,
            actionCount: actionCount,
            encoder: encoder,
            actor: actor.plain,
            critic: critic.plain,
            value: value
        )
    }

    /// Numbers that an encoder puts before an observation's.
    var featureCount: Int { encoder?.featureCount ?? 0 }
}

extension LearnerShapes {
    init(
        settings: LearnerSettings,
        observationCount vectorCount: Int,
        actionCount: Int,
        image: ImageLayout? = nil
    ) {
        self.observationCount = vectorCount
        self.actionCount = actionCount
        encoder = image.flatMap { EncoderShape(settings.encoder, image: $0) }
        // What networks read: features, then the numbers beside them.
        let observationCount = (encoder?.featureCount ?? 0) + vectorCount
        let renormed: NetworkShape.Normalisation = settings.algorithm == .crossQ ? .batch : .none
        let criticWidths = settings.criticWidths ?? settings.hiddenWidths
        switch settings.algorithm {
        case .softQ:
            // The sampler reads noise beside the observation and puts out one action.
            actor = NetworkShape(
                inputs: observationCount + actionCount,
                hidden: settings.hiddenWidths,
                outputs: actionCount
            )
        case .softActorCritic, .valueNetwork, .crossQ:
            let explores = settings.explorationHold > 0
            actor = NetworkShape(
                inputs: observationCount,
                hidden: settings.hiddenWidths,
                outputs: (explores ? 1 : 2) * actionCount,
                normalisation: renormed,
                explores: explores ? actionCount : nil
            )
        }
        critic = .value(
            inputs: observationCount + actionCount,
            hidden: criticWidths,
            normalisation: settings.hasLayerNorm ? .layer : renormed
        )
        value =
            settings.algorithm == .valueNetwork
            ? .value(inputs: observationCount, hidden: criticWidths) : nil
    }
}

/// A learner's networks, drawn one after the other from one random stream.
struct LearnerNetworks {
    let shapes: LearnerShapes
    let actor: TrainedNetwork
    let critics: [TrainedNetwork]
    let value: TrainedNetwork?
    /// What turns pictures into numbers for all of them.
    let encoder: TrainedEncoder?

    init(shapes: LearnerShapes, settings: LearnerSettings, random: inout RandomSource) {
        self.shapes = shapes
        actor = TrainedNetwork(
            shape: shapes.actor,
            hasTarget: settings.policySmoothing < 1,
            random: &random,
            logDeviation: settings.initialExploration
        )
        let algorithm = settings.algorithm
        let criticsHaveTargets = algorithm == .softActorCritic || algorithm == .softQ
        var critics: [TrainedNetwork] = []
        for _ in 0..<settings.criticCount {
            critics.append(
                TrainedNetwork(
                    shape: shapes.critic,
                    hasTarget: criticsHaveTargets,
                    random: &random
                )
            )
        }
        self.critics = critics
        if let shape = shapes.value {
            value = TrainedNetwork(shape: shape, hasTarget: true, random: &random)
        } else {
            value = nil
        }
        encoder = shapes.encoder.map {
            TrainedEncoder(
                shape: $0,
                hasTarget: criticsHaveTargets,
                hasMean: settings.policySmoothing < 1,
                random: &random
            )
        }
    }

    /// All of them, each with its name in a checkpoint.
    var named: [(name: String, network: TrainedNetwork)] {
        [("actor", actor)]
            + critics.enumerated().map { ("critic\($0.offset + 1)", $0.element) }
            + (value.map { [("value", $0)] } ?? [])
    }

    var all: [TrainedNetwork] { named.map(\.network) }

    /// The buffers that an update changes, gradients left out.
    var buffers: [FloatBuffer] { all.flatMap(\.buffers) + (encoder?.buffers ?? []) }
}
