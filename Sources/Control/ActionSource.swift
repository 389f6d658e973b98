public import Learning

/// Who decides what the robot does in an episode.
public enum ActionSource: Sendable {
    /// Uniform over the action box: warm-up, and the baseline of every evaluation.
    case random
    /// A policy; its mean, or a sample when it explores.
    case policy(PolicySnapshot, explores: Bool)
    /// Somebody outside, asked at every step.
    case outside(any OutsidePolicy)

    /// The pictures it decides by, `nil` if it looks at none.
    var image: ImageLayout? {
        guard case .policy(let snapshot, _) = self else { return nil }
        return snapshot.image
    }

    /// Updates the policy had, `nil` for random actions.
    public var version: UInt64? {
        guard case .policy(let snapshot, _) = self else { return nil }
        return UInt64(snapshot.version)
    }
}
