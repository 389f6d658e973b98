/// What one update uses of what changes from update to update.
struct UpdatePlan {
    /// The temperature.
    var alpha: Float
    var criticStep: AdamStep
    var actorStep: AdamStep
    /// Share of the critics, or of the value network, that the targets take over; `nil` leaves them.
    var targetSmoothing: Float?
    /// Share of the actor that the policy to keep takes over.
    var policySmoothing: Float
    /// Whether the actor and the temperature move.
    var movesActor: Bool
}

/// What one update found.
struct UpdateOutcome {
    var criticLoss: Double
    var meanQ: Double
    /// `nil` when the actor was not looked at.
    var actor: ActorLoss?
}
