/// What distinguishes one learner from another; the defaults are the SAC paper's second version.
public struct LearnerSettings: Sendable, Hashable, Codable {
    /// The profile these settings started from.
    public var profile = "sac"
    /// Units of each hidden layer, actor and critics alike; at least one layer, each 1 or more.
    public var hiddenWidths = [256, 256]
    /// Transitions an update.
    public var batchSize = 256
    /// Factor between a task's reward and what the critics learn, positive.
    ///
    /// Returns of thousands take Adam at 3e-4 thousands of updates just to reach their size.
    public var rewardScale = 1.0
    /// Weight of the next step's value, 0 to 1.
    public var discount = 0.99
    /// Share of the critic that its target takes over each update, 0 to 1.
    public var targetSmoothing = 0.005
    /// Share of the actor that the policy to keep takes over each update, above 0 to 1.
    ///
    /// 1 keeps the actor itself. Less keeps its running mean over about 1 / share updates, which
    /// does not swing from one hundred updates to the next as the actor does. Exploration always
    /// uses the actor: acting with the mean starves the critics of what the actor now wants.
    public var policySmoothing = 1.0
    /// Adam's rate for the actor.
    public var actorLearningRate = 3e-4
    /// Adam's rate for both critics.
    public var criticLearningRate = 3e-4
    /// Adam's rate for the logarithm of the temperature; 0 keeps the temperature fixed.
    public var temperatureLearningRate = 3e-4
    /// The temperature before the first update, positive.
    public var initialTemperature = 1.0
    /// The entropy to keep, in nats over [-1, 1]; `nil` is minus the number of actions.
    public var targetEntropy: Double?
    /// The lowest log sigma; lower ones are clamped and get no gradient.
    public var lowestLogSigma = -20.0
    /// The highest log sigma; higher ones are clamped and get no gradient.
    public var highestLogSigma = 2.0
    /// Updates for each new transition.
    public var updatesPerTransition = 1.0
    /// Transitions of uniform random actions before the first update.
    public var warmUpTransitions = 1000
    /// Transitions the replay holds before it overwrites the oldest.
    public var replayCapacity = 1_000_000
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

    /// The second version of SAC.
    public init() {}

    /// The entropy to keep for an action of this many coordinates.
    public func targetEntropy(actionCount: Int) -> Double { targetEntropy ?? -Double(actionCount) }
}
