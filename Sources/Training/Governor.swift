/// Keeps the number of gradient updates in step with the number of transitions.
///
/// From above it is a bound: the learner never does more than `updatesPerTransition` for each
/// transition after the warm-up, so it cannot over-fit the little data a robot gives. From below it
/// is a report (`lag`): on hardware nothing waits for the learner; in simulation the simulated
/// clock waits once it lags by more than an episode.
public struct Governor: Sendable, Hashable {
    /// Updates wanted for each transition after the warm-up.
    public let updatesPerTransition: Double
    /// Transitions before the first update.
    public let warmUpTransitions: Int

    /// A governor.
    public init(updatesPerTransition: Double, warmUpTransitions: Int) {
        self.updatesPerTransition = updatesPerTransition
        self.warmUpTransitions = warmUpTransitions
    }

    /// Updates that should have been done after `transitions` transitions.
    public func target(transitions: Int) -> Int {
        guard transitions >= warmUpTransitions else { return 0 }
        return Int(Double(transitions - warmUpTransitions) * updatesPerTransition)
    }

    /// Updates still to be done; never negative.
    public func lag(transitions: Int, updates: Int) -> Int {
        max(0, target(transitions: transitions) - updates)
    }

    /// Whether a simulated clock has to wait: the lag is more than one episode's worth of updates.
    public func mustWait(transitions: Int, updates: Int, episodeSteps: Int) -> Bool {
        let episode = Double(episodeSteps) * updatesPerTransition
        return Double(lag(transitions: transitions, updates: updates)) > episode
    }
}
