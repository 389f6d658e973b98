public import Robot

/// How the robot is brought back to its start between episodes; the robot file's `reset:`.
public struct ResetSettings: Sendable, Hashable {
    /// How near every joint must come to its start.
    public var tolerance: Radians
    /// How long the joints may take.
    public var jointSeconds: Seconds
    /// How long the object may take.
    public var objectSeconds: Seconds
    /// The least time before the fingers get torque again, for limp ones to fall free.
    public var settleSeconds: Seconds
    /// Joints that go limp first because they tangle.
    public var limpFirst: [Int]
    /// Stages that untangle, in order.
    public var disentangle: [DisentangleStage]
    /// How often to untangle and try again before a person is asked.
    public var retries: Int
    /// How long to wait for a person; `nil` is for ever.
    public var promptSeconds: Seconds?
    /// How a fallen robot gets up by itself; `nil` has a person put it back.
    public var standUp: StandUpSettings?
    /// What happens at the end of a walking robot's track.
    public var trackEnd = TrackEnd.ask
    /// Below the lower voltage the next episode waits, without torque, until every servo has at least
    /// the upper one; `nil` never waits.
    public var batteryPause: ClosedRange<Volts>?

    /// A reset.
    public init(
        tolerance: Radians,
        jointSeconds: Seconds,
        objectSeconds: Seconds,
        settleSeconds: Seconds,
        limpFirst: [Int],
        disentangle: [DisentangleStage],
        retries: Int,
        promptSeconds: Seconds?
    ) {
        self.tolerance = tolerance
        self.jointSeconds = jointSeconds
        self.objectSeconds = objectSeconds
        self.settleSeconds = settleSeconds
        self.limpFirst = limpFirst
        self.disentangle = disentangle
        self.retries = retries
        self.promptSeconds = promptSeconds
    }
}

/// One stage of untangling: torque on these joints and move them, while others may be limp.
public struct DisentangleStage: Sendable, Hashable {
    /// The joints that move.
    public var joints: [Int]
    /// Where to; `nil` is each joint's reset position.
    public var position: Radians?
    /// How long the stage lasts.
    public var seconds: Seconds

    /// A stage.
    public init(joints: [Int], position: Radians?, seconds: Seconds) {
        self.joints = joints
        self.position = position
        self.seconds = seconds
    }
}

/// What a reset needs from a person.
public struct OperatorPrompt: Sendable, Hashable {
    /// Why it asks.
    public enum Reason: Sendable, Hashable {
        /// These joints did not reach their place.
        case stuckJoints([Int])
        /// The robot file says that a person arms.
        case confirmArming
        /// The robot fell or is at the end of its track.
        case putBack
        /// The robot was lost and is back.
        case confirmRecovery
        /// A fault is latched from before; only `clearFault` answers it.
        case latchedFault
    }

    /// Why it asks.
    public var reason: Reason
    /// The whole sentence, with names.
    public var text: String

    /// A prompt.
    public init(reason: Reason, text: String) {
        self.reason = reason
        self.text = text
    }
}

/// What a person may answer.
public enum OperatorAnswer: Sendable, Hashable {
    /// It is put right; try again.
    case goOn
    /// Give up; stop the run.
    case giveUp
    /// The fault was looked into and is cleared.
    case clearFault
}

/// How the control thread talks to a person without waiting for one.
public protocol OperatorLink: AnyObject {
    /// Shows a prompt, or takes the present one away.
    func show(_ prompt: OperatorPrompt?)
    /// The answer to the prompt shown, once; `nil` while there is none.
    func takeAnswer() -> OperatorAnswer?
    /// Says something that needs no answer (a joint cools, a retry begins).
    func note(_ text: String)
}
