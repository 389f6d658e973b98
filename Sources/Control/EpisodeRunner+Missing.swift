import Robot
import Safety

extension EpisodeRunner {
    /// What a reward or an observation lacked, as far as that can be told.
    var whatIsMissing: FaultCode {
        guard case .walk = task.goal else { return .staleReading }
        if loop.state.base == nil { return .attitudeStale }
        return loop.state.place == nil ? .placeStale : .staleReading
    }
}
