/// What distinguishes one learner from another; the defaults are the SAC paper's second version.
///
/// A profile is a value of this type (`profile(_:)`); every knob can then be turned by itself.
public struct LearnerSettings: Sendable, Hashable, Codable {
    /// The profile these settings started from.
    public var profile = "sac"
    /// Which losses are minimised.
    public var algorithm = Algorithm.softActorCritic

    /// Units of each hidden layer of the actor; at least one layer, each 1 or more.
    public var hiddenWidths = [256, 256]
    /// Units of each hidden layer of the critics; `nil` is as the actor's.
    public var criticWidths: [Int]?
    /// Transitions an update.
    public var batchSize = 256
    /// Factor between a task's reward and what the critics learn, positive.
    ///
    /// Returns of thousands take Adam at 3e-4 thousands of updates just to reach their size.
    public var rewardScale = 1.0
    /// Weight of the next step's value, 0 to 1.
    public var discount = 0.99
    /// Steps of reward before a critic's target takes over, 1 or more.
    public var returnSteps = 1
    /// Whether returns of more than one step count the entropy of the steps between.
    public var countsEntropyBetween = false
    /// Whether observations are centred and scaled by their running mean and deviation.
    public var normalisesObservations = false

    /// Critics, 1 or more.
    public var criticCount = 2
    /// Critics drawn for each target, whose minimum it takes; at most `criticCount`.
    public var targetCriticCount = 2
    /// Whether the actor climbs the mean of the critics instead of their minimum.
    public var actorUsesMeanCritic = false
    /// Whether each hidden layer of a critic is normalised over its units before its rectifier.
    public var hasLayerNorm = false
    /// Share of a critic's units left out in each pass, 0 to below 1; needs layer norm.
    public var dropout = 0.0
    /// Share of the critic that its target takes over, 0 to 1.
    public var targetSmoothing = 0.005
    /// Updates from one move of the targets to the next.
    public var targetInterval = 1
    /// Share of the actor that the policy to keep takes over each of its updates, above 0 to 1.
    ///
    /// 1 keeps the actor itself. Less keeps its running mean over about 1 / share updates, which
    /// does not swing from one hundred updates to the next as the actor does. Exploration always
    /// uses the actor: acting with the mean starves the critics of what the actor now wants.
    public var policySmoothing = 1.0
    /// Updates of the critics from one update of the actor and the temperature to the next.
    public var actorInterval = 1
    /// Share of each batch drawn from earlier data, 0 to 1, when there is some.
    public var priorShare = 0.0

    /// What turns pictures into numbers for actor and critics.
    public var encoder = Encoder.none
    /// What is done to the pictures of a batch; only with an encoder.
    public var augmentation = Augmentation.shift
    /// Frames in an observation, 1 to 16; only with an encoder.
    public var imageHistory = 3

    /// Adam's rate for the actor.
    public var actorLearningRate = 3e-4
    /// Adam's rate for the critics.
    public var criticLearningRate = 3e-4
    /// Adam's rate for the logarithm of the temperature; 0 keeps the temperature fixed.
    public var temperatureLearningRate = 3e-4
    /// The temperature before the first update, positive.
    public var initialTemperature = 1.0
    /// The entropy to keep, in nats over [-1, 1]; `nil` is `targetEntropyPerAction` an action.
    public var targetEntropy: Double?
    /// The entropy to keep for each coordinate of the action, in nats.
    public var targetEntropyPerAction = -1.0
    /// How the actor's output becomes log sigma.
    public var logSigmaForm = LogSigmaForm.clamped
    /// The lowest log sigma.
    public var lowestLogSigma = -20.0
    /// The highest log sigma.
    public var highestLogSigma = 2.0
    /// Steps for which generalised state-dependent exploration keeps its draw; 0 is without it.
    public var explorationHold = 0
    /// The log deviation that state-dependent exploration begins with.
    public var initialExploration = -2.0

    /// Updates for each new transition.
    public var updatesPerTransition = 1.0
    /// Transitions of uniform random actions before the first update.
    public var warmUpTransitions = 1000
    /// Transitions the replay holds before it overwrites the oldest.
    public var replayCapacity = 1_000_000
    /// Bytes the replay may take, whatever its capacity in transitions; `nil` is without a bound.
    public var replayBytes: Int?
    /// Threads an update runs on, 1 or 2; the results are the same bits.
    ///
    /// Not part of what a checkpoint must match.
    public var threads = 1
    /// Adam's decay of the first moment.
    public var adamBeta1 = 0.9
    /// Adam's decay of the second moment.
    public var adamBeta2 = 0.999
    /// Added to the root of Adam's second moment.
    public var adamEpsilon = 1e-8
    /// Batch renormalisation of `crossQ`.
    public var renormalisation = Renormalisation()
    /// Soft Q-learning's particles.
    public var particles = Particles()

    /// The second version of SAC.
    public init() {}

    /// The entropy to keep for an action of this many coordinates.
    public func targetEntropy(actionCount: Int) -> Double {
        targetEntropy ?? targetEntropyPerAction * Double(actionCount)
    }
}

extension LearnerSettings {
    /// Which losses are minimised.
    public enum Algorithm: String, Sendable, Codable {
        /// Critics with slowly following targets (Haarnoja et al., December 2018).
        case softActorCritic
        /// A value network beside the critics, whose target they learn from (January 2018).
        case valueNetwork
        /// No targets: batch renormalisation over both ends of a transition (CrossQ, 2024).
        case crossQ
        /// An energy-based policy whose sampler follows Stein's gradient (2017).
        case softQ
    }

    /// How a number from the actor becomes log sigma.
    public enum LogSigmaForm: String, Sendable, Codable, CaseIterable {
        /// Cut off at the bounds, without a gradient beyond them.
        case clamped
        /// lowest + (highest - lowest) (1 + tanh x) / 2.
        case smooth
    }

    /// What turns pictures into numbers.
    public enum Encoder: String, Sendable, Codable, CaseIterable {
        /// Nothing: there are no pictures.
        case none
        /// Two convolutions of four 3x3 filters, each followed by pooling (SAC, December 2018).
        case paper
        /// Four convolutions of 32 filters, then 50 numbers, normalised and squashed (SAC-AE, DrQ).
        case small
    }

    /// What is done to the pictures of a batch.
    public enum Augmentation: String, Sendable, Codable, CaseIterable {
        case none
        /// Moved by up to four pixels either way, the edge repeated (DrQ, 2020).
        case shift
    }

    /// Constants of batch renormalisation (Ioffe, 2017, with CrossQ's values).
    public struct Renormalisation: Sendable, Hashable, Codable {
        /// Share of the running statistics that stays each pass.
        public var momentum = 0.99
        /// Passes before the correction by the running statistics begins.
        public var warmUpPasses = 100_000
        /// The largest ratio of batch to running deviation, and its inverse the smallest.
        public var largestRatio = 3.0
        /// The largest distance of batch and running mean, in running deviations.
        public var largestShift = 5.0
        /// Added to a variance.
        public var epsilon = 1e-3

        /// CrossQ's values.
        public init() {}
    }

    /// Sizes of soft Q-learning's sample sets.
    public struct Particles: Sendable, Hashable, Codable {
        /// Uniform actions in the estimate of a state's value.
        public var values = 16
        /// Sampled actions a state that pull.
        public var fixed = 8
        /// Sampled actions a state that are pulled.
        public var moved = 8

        /// The paper's values.
        public init() {}
    }
}
