/// An episode whose start has been reached.
public struct PreparedEpisode: Sendable {
    /// What was drawn.
    public let episode: TaskEpisode
    /// What the reset took.
    public let reset: ResetOutcome
}
