/// One way to interfere with a robot while it works.
///
/// The names are those of docs/interference.md, of `sacbot evaluate --interfere` and of every file.
public enum InterferenceKind: String, Sendable, Codable, Hashable, CaseIterable {
    /// The object is held where it is.
    case valveHeld = "valve-held"
    /// The object is turned to an angle of the task's own starts.
    case valveKnocked = "valve-knocked"
    /// One actuated joint is pushed.
    case fingerPushed = "finger-pushed"
    /// One joint's motor gives less torque.
    case jointWeakened = "joint-weakened"
    /// One servo restarts: no torque, no answers until it is back.
    case servoRebooted = "servo-rebooted"
    /// No servo answers, now and then, never for longer than the supervisor bears.
    case sensorDropout = "sensor-dropout"
    /// Goals reach the servos later.
    case addedLatency = "added-latency"
    /// Contacts are more slippery, the object turns less easily.
    case friction
    /// A torque pulls at the object.
    case load
    /// A push against the robot's front.
    case pushedFront = "pushed-front"
    /// A push against its back.
    case pushedBack = "pushed-back"
    /// A push against its left side.
    case pushedLeft = "pushed-left"
    /// A push against its right side.
    case pushedRight = "pushed-right"
    /// One leg's motor gives less torque.
    case motorWeakened = "motor-weakened"
    /// The ground rises after a flat start.
    case slopeUp = "slope-up"
    /// The ground falls after a flat start.
    case slopeDown = "slope-down"
    /// Low blocks lie on the track.
    case blocks
    /// The ground ends in a step down.
    case stepDown = "step-down"
    /// The ground is slippery.
    case lowFriction = "low-friction"
    /// A weight lies on the trunk.
    case payload
    /// A hand is held before the camera.
    case handInView = "hand-in-view"
    /// The light is another.
    case lightChanged = "light-changed"
    /// Whatever a person does, marked by that person.
    case byHand = "by-hand"

    /// What it is done to.
    public enum Target: Sendable, Hashable {
        /// The task's object.
        case object
        /// The joints of any robot.
        case joints
        /// The body of a robot that walks.
        case base
        /// The ground under a robot that walks.
        case ground
        /// What the camera of a policy that has one sees.
        case view
        /// Anything: a person sees to it.
        case anything
    }

    /// What it is done to.
    public var target: Target {
        switch self {
        case .valveHeld, .valveKnocked, .friction, .load: .object
        case .fingerPushed, .jointWeakened, .servoRebooted, .sensorDropout, .addedLatency: .joints
        case .pushedFront, .pushedBack, .pushedLeft, .pushedRight, .payload, .motorWeakened: .base
        case .slopeUp, .slopeDown, .blocks, .stepDown, .lowFriction: .ground
        case .handInView, .lightChanged: .view
        case .byHand: .anything
        }
    }

    /// Whether it is there from the first step to the last, not for a while in between.
    public var isWholeEpisode: Bool {
        switch self {
        case .friction, .load, .payload, .addedLatency: true
        case .jointWeakened, .motorWeakened, .lightChanged: true
        default: target == .ground
        }
    }

    /// One line for tables.
    public var summary: String {
        switch self {
        case .valveHeld: "the object is held where it is"
        case .valveKnocked: "the object is turned to another start angle"
        case .fingerPushed: "one joint is pushed"
        case .jointWeakened, .motorWeakened: "one motor gives less torque"
        case .servoRebooted: "one servo restarts"
        case .sensorDropout: "servos do not answer in bursts"
        case .addedLatency: "goals reach the servos later"
        case .friction: "contacts slip, the object turns hard"
        case .load: "a torque pulls at the object"
        case .pushedFront: "a push from the front"
        case .pushedBack: "a push from behind"
        case .pushedLeft: "a push from the left"
        case .pushedRight: "a push from the right"
        case .slopeUp: "the ground rises"
        case .slopeDown: "the ground falls"
        case .blocks: "blocks lie on the track"
        case .stepDown: "a step down"
        case .lowFriction: "slippery ground"
        case .payload: "a weight on the trunk"
        case .handInView: "a hand before the camera"
        case .lightChanged: "another light"
        case .byHand: "by a person, by hand"
        }
    }
}
