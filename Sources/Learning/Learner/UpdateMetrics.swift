/// What one update of the learner saw.
public struct UpdateMetrics: Sendable, Equatable {
    /// The sum over the critics, and the value network if there is one, of the mean of half the
    /// squared error.
    public let criticLoss: Double
    /// Mean of alpha log pi - Q at fresh actions, when the actor was last looked at; for soft
    /// Q-learning, -Q at the sampler's.
    public let actorLoss: Double
    /// The temperature that this update used.
    public let temperature: Double
    /// -mean log pi over [-1, 1], in nats, then; for soft Q-learning, that of exp(Q / alpha).
    public let entropy: Double
    /// Mean of the critics at the drawn actions, before the update.
    public let meanQ: Double
    /// False when a loss was not finite: the update was taken back, together with those since the
    /// last known good parameters.
    public let isFinite: Bool

    /// Metrics of one update.
    public init(
        criticLoss: Double,
        actorLoss: Double,
        temperature: Double,
        entropy: Double,
        meanQ: Double,
        isFinite: Bool
    ) {
        self.criticLoss = criticLoss
        self.actorLoss = actorLoss
        self.temperature = temperature
        self.entropy = entropy
        self.meanQ = meanQ
        self.isFinite = isFinite
    }
}
