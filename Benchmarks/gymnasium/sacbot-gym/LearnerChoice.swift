import Learning

/// What a command line may change about a profile; `nil` leaves the profile's own value.
struct LearnerChoice {
    var profile = "sac"
    var learningRate: Double?
    var batchSize: Int?
    var hiddenWidths: [Int]?
    var updatesPerStep: Double?
    var discount: Double?
    var targetSmoothing: Double?
    var initialTemperature: Double?
    var targetEntropy: Double?
    var rewardScale: Double?
    var threads: Int?

    /// The profile's settings with these changes; `nil` for a profile that does not exist.
    var settings: LearnerSettings? {
        guard var settings = BenchmarkLearner.profile(profile) else { return nil }
        if let learningRate {
            settings.actorLearningRate = learningRate
            settings.criticLearningRate = learningRate
            // A profile with a fixed temperature keeps it.
            if settings.temperatureLearningRate > 0 {
                settings.temperatureLearningRate = learningRate
            }
        }
        settings.batchSize = batchSize ?? settings.batchSize
        settings.hiddenWidths = hiddenWidths ?? settings.hiddenWidths
        settings.updatesPerTransition = updatesPerStep ?? settings.updatesPerTransition
        settings.discount = discount ?? settings.discount
        settings.targetSmoothing = targetSmoothing ?? settings.targetSmoothing
        settings.initialTemperature = initialTemperature ?? settings.initialTemperature
        settings.targetEntropy = targetEntropy ?? settings.targetEntropy
        settings.rewardScale = rewardScale ?? settings.rewardScale
        settings.threads = threads ?? settings.threads
        return settings
    }
}
