public import Robot

/// Somebody outside the program who acts in an episode step by step, and is told what came of it.
///
/// Called on the control thread; where time is real it must not wait.
public protocol OutsidePolicy: AnyObject, Sendable {
    /// Overwrites the numbers of an action, each in [-1, 1]; throwing ends the episode.
    ///
    /// There stay as many as there are.
    func act(_ observation: [Float], into action: inout [Float]) throws(ControlStop)

    /// Told at the end of every step, before the next `act`.
    func stepped(_ result: StepResult, observation: [Float])
}

/// What one policy step led to.
public struct StepResult: Sendable, Hashable {
    /// The step's reward.
    public var reward: Double
    /// The error that success is judged by; `nil` if it could not be read.
    public var error: Radians?
    /// Whether the error is below the task's tolerance.
    public var isSuccess: Bool
    /// Whether the supervisor changed the step's action by more than 1 % of its range.
    public var isLimited: Bool
}
