extension LearnerSettings {
    /// What makes these settings impossible, in words for a person; `nil` when nothing does.
    public var problem: String? {
        let widths = hiddenWidths + (criticWidths ?? [])
        if hiddenWidths.isEmpty || criticWidths?.isEmpty == true {
            return "a network needs at least one hidden layer"
        }
        if let width = widths.first(where: { $0 < 1 }) { return "a hidden layer of \(width) units" }
        if batchSize < 1 { return "a batch of \(batchSize) transitions; at least 1 is needed" }
        if !(1...2).contains(threads) { return "\(threads) threads; 1 or 2 are possible" }
        if returnSteps < 1 { return "returns of \(returnSteps) steps; at least 1 is needed" }
        if actorInterval < 1 || targetInterval < 1 {
            return "an interval of 0 updates; 1 moves actor or targets in every update"
        }
        if criticCount < 1 || !(1...criticCount).contains(targetCriticCount) {
            return "targets over \(targetCriticCount) of \(criticCount) critics; "
                + "1 to as many as there are can be drawn"
        }
        if initialTemperature <= 0 { return "a temperature of \(initialTemperature)" }
        if lowestLogSigma >= highestLogSigma {
            return "log sigma from \(lowestLogSigma) to \(highestLogSigma); the bounds are reversed"
        }
        return problemOfPictures ?? problemOfAlgorithm
    }

    private var problemOfPictures: String? {
        guard encoder != .none else { return nil }
        if !(1...16).contains(imageHistory) {
            return "an image history of \(imageHistory) frames; 1 to 16 are possible"
        }
        if algorithm == .softQ || algorithm == .valueNetwork {
            return "the encoder \(encoder.rawValue) with \(profile); "
                + "use it with sac, droq, redq, crossq or rlpd"
        }
        if countsEntropyBetween {
            return "the entropy between the steps of a return with an encoder; "
                + "leave `entropy_between` out"
        }
        return nil
    }

    private var problemOfAlgorithm: String? {
        if dropout < 0 || dropout >= 1 {
            return "a dropout of \(dropout); 0 to below 1 is possible"
        }
        if dropout > 0 && !hasLayerNorm {
            return "dropout without layer norm; switch layer norm on as DroQ does"
        }
        if algorithm == .crossQ && hasLayerNorm {
            return "layer norm beside crossq's batch normalisation; use one of them"
        }
        if algorithm == .crossQ && explorationHold > 0 || algorithm == .softQ && explorationHold > 0
        {
            return
                "state-dependent exploration with \(profile); use it with sac, droq, redq or rlpd"
        }
        if algorithm == .softQ || algorithm == .crossQ, countsEntropyBetween {
            return "the entropy between the steps of a return with \(profile); "
                + "use it with sac, droq, redq or rlpd"
        }
        if algorithm == .softQ, temperatureLearningRate > 0 {
            return "a learned temperature with soft-q; set temperature_rate to 0"
        }
        if particles.fixed < 2 || particles.moved < particles.fixed || particles.values < 1 {
            return "\(particles.fixed) fixed and \(particles.moved) moved particles; "
                + "at least 2 fixed and as many moved are needed"
        }
        return nil
    }
}
