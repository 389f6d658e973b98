extension LearnerSettings {
    /// Names of the profiles, the default first.
    public static let profileNames = ["sac", "sac-v1", "soft-q", "droq", "redq", "crossq", "rlpd"]

    /// The settings a profile stands for; `nil` when there is none of this name.
    public static func profile(_ name: String) -> LearnerSettings? {
        var settings: LearnerSettings
        switch name {
        case "sac": settings = LearnerSettings()
        case "sac-v1": settings = sacFirstVersion
        case "soft-q": settings = softQLearning
        case "droq": settings = droQ
        case "redq": settings = redQ
        case "crossq": settings = crossQ
        case "rlpd": settings = rlpd
        default: return nil
        }
        settings.profile = name
        return settings
    }

    /// SAC with a value network; the reward's scale is the knob (arXiv 1801.01290, table 1).
    private static var sacFirstVersion: LearnerSettings {
        var settings = LearnerSettings()
        settings.algorithm = .valueNetwork
        settings.rewardScale = 5
        settings.temperatureLearningRate = 0
        return settings
    }

    /// Soft Q-learning with an amortised Stein sampler (arXiv 1702.08165).
    private static var softQLearning: LearnerSettings {
        var settings = LearnerSettings()
        settings.algorithm = .softQ
        settings.batchSize = 128
        settings.temperatureLearningRate = 0
        settings.targetSmoothing = 1
        settings.targetInterval = 1000
        return settings
    }

    /// Dropout and layer norm carry twenty updates a step with two critics (arXiv 2110.02034).
    private static var droQ: LearnerSettings {
        var settings = LearnerSettings()
        settings.hasLayerNorm = true
        settings.dropout = 0.01
        settings.actorUsesMeanCritic = true
        settings.updatesPerTransition = 20
        settings.actorInterval = 20
        return settings
    }

    /// Ten critics, two drawn for each target (arXiv 2101.05982).
    private static var redQ: LearnerSettings {
        var settings = LearnerSettings()
        settings.criticCount = 10
        settings.actorUsesMeanCritic = true
        settings.updatesPerTransition = 20
        settings.actorInterval = 20
        return settings
    }

    /// Batch renormalisation instead of targets; critics 512 wide, which a processor can carry.
    private static var crossQ: LearnerSettings {
        var settings = LearnerSettings()
        settings.algorithm = .crossQ
        settings.criticWidths = [512, 512]
        settings.actorLearningRate = 1e-3
        settings.criticLearningRate = 1e-3
        settings.temperatureLearningRate = 1e-3
        settings.adamBeta1 = 0.5
        settings.actorInterval = 3
        return settings
    }

    /// Ten critics with layer norm, half of each batch from earlier data (arXiv 2302.02948).
    private static var rlpd: LearnerSettings {
        var settings = redQ
        settings.hasLayerNorm = true
        settings.targetEntropyPerAction = -0.5
        settings.priorShare = 0.5
        return settings
    }
}
