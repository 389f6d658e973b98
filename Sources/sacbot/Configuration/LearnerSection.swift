import Learning
import RobotFiles

/// Reads the robot file's `learner:`; what is not given is the profile's own value.
///
/// Below `learner.profiles` the same keys stand once more for other profiles, to be chosen with
/// `--profile`; what is not given there is taken from `learner`, then from that profile.
enum LearnerSection {
    /// The learners there are, by the names of `LearnerSettings.profile`.
    enum Profile: String, CaseIterable {
        case sac
        case sacFirst = "sac-v1"
        case softQ = "soft-q"
        case droq
        case redq
        case crossq
        case rlpd

        /// The settings it stands for.
        var settings: LearnerSettings {
            LearnerSettings.profile(rawValue) ?? LearnerSettings()
        }
    }

    /// Whose value the actor climbs.
    private enum ActorValue: String, CaseIterable {
        case minimum
        case mean
    }

    /// The learner of a robot file, or that of another profile, with the file's values for it.
    struct Learners {
        /// What `learner.profile` asks for.
        var usual: LearnerSettings
        fileprivate var others: [Profile: LearnerSettings] = [:]

        /// The settings of a profile by name; `nil` is the file's own.
        func settings(_ name: String?) throws -> LearnerSettings {
            guard let name, name != usual.profile else { return usual }
            guard let profile = Profile(rawValue: name), let settings = others[profile] else {
                let known = LearnerSettings.profileNames.joined(separator: ", ")
                throw Failure("there is no profile `\(name)`; there are: \(known)")
            }
            if let problem = settings.problem {
                throw Failure(
                    "profile \(name) with the keys of `learner`: \(problem); "
                        + "give it values of its own in `learner: {profiles: {\(name): ...}}`"
                )
            }
            return settings
        }
    }

    static func learners(_ root: Section) -> Learners {
        let section = root.sectionOrEmpty("learner")
        let usual = section.choice("profile", default: Profile.sac)
        let others = section.optionalNamedSections("profiles") ?? []
        for other in others where Profile(rawValue: other.name) == nil {
            let known = LearnerSettings.profileNames.joined(separator: ", ")
            section.report("profiles", "there is no profile `\(other.name)`; there are: \(known)")
            other.section.ignoreUnreadKeys()
        }
        var learners = Learners(usual: checked(section, of: usual))
        for profile in Profile.allCases where profile != usual {
            let own = others.first { $0.name == profile.rawValue }?.section.backed(by: section)
            // Keys meant for the usual profile need not fit one that nobody gave values for.
            learners.others[profile] =
                own.map { checked($0, of: profile) } ?? settings(section, of: profile)
        }
        return learners
    }

    private static func settings(_ section: Section, of profile: Profile) -> LearnerSettings {
        var settings = profile.settings
        networks(section, &settings)
        pictures(section, &settings)
        losses(section, &settings)
        rates(section, &settings)
        exploration(section, &settings)
        data(section, &settings)
        return settings
    }

    private static func checked(_ section: Section, of profile: Profile) -> LearnerSettings {
        let settings = settings(section, of: profile)
        if let problem = settings.problem {
            section.report("\(problem) (profile \(profile.rawValue))")
        }
        return settings
    }

    private static func networks(_ section: Section, _ settings: inout LearnerSettings) {
        settings.hiddenWidths = widths("hidden_widths", section, default: settings.hiddenWidths)
        if section.has("critic_widths") || settings.criticWidths != nil {
            let usual = settings.criticWidths ?? settings.hiddenWidths
            settings.criticWidths = widths("critic_widths", section, default: usual)
        }
        section.take("critics", in: 1...100, into: &settings.criticCount)
        let targets = min(settings.targetCriticCount, settings.criticCount)
        settings.targetCriticCount = section.integer(
            "target_critics",
            in: 1...100,
            default: targets
        )
        settings.hasLayerNorm = section.boolean("layer_norm", default: settings.hasLayerNorm)
        section.take("dropout", in: 0...0.9, into: &settings.dropout)
        section.take("target_smoothing", in: 0...1, into: &settings.targetSmoothing)
        section.take("target_interval", in: 1...1_000_000, into: &settings.targetInterval)
        section.take("policy_smoothing", in: 1e-5...1, into: &settings.policySmoothing)
    }

    private static func widths(
        _ key: String,
        _ section: Section,
        default usual: [Int]
    ) -> [Int] {
        let widths = section.integers(key, in: 1...4096, default: usual)
        if widths.isEmpty { section.report(key, "at least one layer is needed") }
        return widths.isEmpty ? usual : widths
    }

    private static func pictures(_ section: Section, _ settings: inout LearnerSettings) {
        settings.encoder = section.choice("encoder", default: settings.encoder)
        if settings.encoder == .none {
            for key in ["augmentation", "image_history"] where section.has(key) {
                section.report(key, "there is no encoder; add `encoder: paper` or leave this out")
            }
        }
        settings.augmentation = section.choice("augmentation", default: settings.augmentation)
        section.take("image_history", in: 1...16, into: &settings.imageHistory)
    }

    private static func losses(_ section: Section, _ settings: inout LearnerSettings) {
        section.take("discount", in: 0...1, into: &settings.discount)
        section.take("reward_scale", in: 1e-6...1e6, into: &settings.rewardScale)
        section.take("return_steps", in: 1...100, into: &settings.returnSteps)
        settings.countsEntropyBetween = section.boolean(
            "entropy_between",
            default: settings.countsEntropyBetween
        )
        settings.normalisesObservations = section.boolean(
            "normalise_observations",
            default: settings.normalisesObservations
        )
        let value = section.choice(
            "actor_value",
            default: settings.actorUsesMeanCritic ? ActorValue.mean : .minimum
        )
        settings.actorUsesMeanCritic = value == .mean
        section.take("particles", in: 2...1000, into: &settings.particles.moved)
        settings.particles.fixed = settings.particles.moved
        section.take("value_particles", in: 1...10_000, into: &settings.particles.values)
    }

    private static func rates(_ section: Section, _ settings: inout LearnerSettings) {
        if let rate = section.optionalNumber("learning_rate", in: 0...1) {
            settings.actorLearningRate = rate
            settings.criticLearningRate = rate
            // A profile with a fixed temperature keeps it.
            if settings.temperatureLearningRate > 0 { settings.temperatureLearningRate = rate }
        }
        section.take("actor_rate", in: 0...1, into: &settings.actorLearningRate)
        section.take("critic_rate", in: 0...1, into: &settings.criticLearningRate)
        section.take("temperature_rate", in: 0...1, into: &settings.temperatureLearningRate)
        section.take("adam_beta1", in: 0...0.999999, into: &settings.adamBeta1)
        section.take("adam_beta2", in: 0...0.999999, into: &settings.adamBeta2)
        section.take("updates_per_step", in: 0.01...100, into: &settings.updatesPerTransition)
        section.take("actor_interval", in: 1...1000, into: &settings.actorInterval)
        section.take("threads", in: 1...2, into: &settings.threads)
    }

    private static func exploration(_ section: Section, _ settings: inout LearnerSettings) {
        section.take("initial_temperature", in: 1e-6...1000, into: &settings.initialTemperature)
        settings.targetEntropy = section.optionalNumber("target_entropy", in: -1000...1000)
        settings.logSigmaForm = section.choice("log_sigma", default: settings.logSigmaForm)
        section.take("lowest_log_sigma", in: -20...10, into: &settings.lowestLogSigma)
        section.take("highest_log_sigma", in: -20...10, into: &settings.highestLogSigma)
        section.take("exploration_hold", in: 0...10_000, into: &settings.explorationHold)
        section.take("initial_exploration", in: -10...2, into: &settings.initialExploration)
        section.take("warm_up", in: 1...1_000_000, into: &settings.warmUpTransitions)
    }

    private static func data(_ section: Section, _ settings: inout LearnerSettings) {
        section.take("batch", in: 1...65_536, into: &settings.batchSize)
        section.take("replay_capacity", in: 1000...100_000_000, into: &settings.replayCapacity)
        let megabytes = section.optionalInteger("replay_megabytes", in: 1...1_000_000)
        settings.replayBytes = megabytes.map { $0 << 20 } ?? settings.replayBytes
        section.take("prior_share", in: 0...1, into: &settings.priorShare)
    }
}

extension Section {
    /// Reads a number if it is given.
    fileprivate func take(_ key: String, in range: ClosedRange<Double>, into value: inout Double) {
        value = number(key, in: range, default: value)
    }

    /// Reads a whole number if it is given.
    fileprivate func take(_ key: String, in range: ClosedRange<Int>, into value: inout Int) {
        value = integer(key, in: range, default: value)
    }
}
