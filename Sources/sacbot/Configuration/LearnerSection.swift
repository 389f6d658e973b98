import Learning
import RobotFiles

/// Reads the robot file's `learner:`; what is not given is the profile's own value.
enum LearnerSection {
    /// Learners this version has; others are refused by name.
    enum Profile: String, CaseIterable {
        case sac
    }

    static func learner(_ root: Section) -> LearnerSettings {
        let section = root.sectionOrEmpty("learner")
        var settings = LearnerSettings()
        settings.profile = section.choice("profile", default: Profile.sac).rawValue
        let widths = section.integers(
            "hidden_widths",
            in: 1...4096,
            default: settings.hiddenWidths
        )
        if widths.isEmpty { section.report("hidden_widths", "at least one layer is needed") }
        settings.hiddenWidths = widths.isEmpty ? settings.hiddenWidths : widths
        settings.batchSize = section.integer("batch", in: 1...65_536, default: settings.batchSize)
        settings.discount = section.number("discount", in: 0...1, default: settings.discount)
        settings.rewardScale = section.number(
            "reward_scale",
            in: 1e-6...1e6,
            default: settings.rewardScale
        )
        settings.targetSmoothing = section.number(
            "target_smoothing",
            in: 0...1,
            default: settings.targetSmoothing
        )
        settings.policySmoothing = section.number(
            "policy_smoothing",
            in: 1e-5...1,
            default: settings.policySmoothing
        )
        let rate = section.number("learning_rate", in: 0...1, default: settings.actorLearningRate)
        settings.actorLearningRate = section.number("actor_rate", in: 0...1, default: rate)
        settings.criticLearningRate = section.number("critic_rate", in: 0...1, default: rate)
        settings.temperatureLearningRate = section.number(
            "temperature_rate",
            in: 0...1,
            default: rate
        )
        settings.initialTemperature = section.number(
            "initial_temperature",
            in: 1e-6...1000,
            default: settings.initialTemperature
        )
        settings.targetEntropy = section.optionalNumber("target_entropy", in: -1000...1000)
        settings.updatesPerTransition = section.number(
            "updates_per_step",
            in: 0.01...100,
            default: settings.updatesPerTransition
        )
        settings.threads = section.integer("threads", in: 1...2, default: settings.threads)
        settings.warmUpTransitions = section.integer(
            "warm_up",
            in: 1...1_000_000,
            default: settings.warmUpTransitions
        )
        settings.replayCapacity = section.integer(
            "replay_capacity",
            in: 1000...100_000_000,
            default: settings.replayCapacity
        )
        return settings
    }
}
