public import Robot

/// What the supervisor watches; each rule is one row of `RuleTable`.
@frozen public enum SafetyRule: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// The bus or the physics answers as a whole.
    case body
    /// Readings are fresh.
    case reading
    /// No servo reports an error of its own.
    case hardwareError
    /// Proposals are numbers.
    case proposal
    /// No joint stands far outside its limits.
    case hardZone
    /// No joint moves faster than its trip velocity.
    case overspeed
    /// No current stays above its limit.
    case current
    /// No joint's windings collect too much heat.
    case thermalLoad
    /// No joint draws too much power.
    case jointPower
    /// The robot as a whole does not draw too much power.
    case robotPower
    /// No servo is too hot to go on.
    case stopTemperature
    /// Every servo's supply is in range.
    case voltage
    /// Joints come along with their goals.
    case followingError
    /// No joint is held back for too long.
    case heldBack
    /// The body's attitude is known.
    case attitudeReading
    /// The body is not tilted so far that it must stop.
    case tipped
    /// The body is not so low or high that it must stop.
    case heightStop
    /// It is known where the robot is.
    case placeReading
    /// Ticks come in time.
    case lateTicks
    /// The body is upright enough to go on.
    case tilt
    /// The body is high enough to go on, and not too high.
    case height
    /// Goals do not go into a collision with the robot itself all the time.
    case collisionTime
    /// No servo is too warm to begin an episode.
    case pauseTemperature
    /// Warm servos are spared.
    case slowTemperature
    /// Goals become slow near the limits.
    case softZone
    /// Goals do not travel to and fro all the time.
    case meanGoalVelocity
    /// Goals do not move too fast.
    case goalVelocity
    /// Goals do not become fast too suddenly.
    case goalAcceleration
    /// Goals stay near the joint.
    case followingWindow
    /// Goals keep fingertips and feet in their boxes.
    case workspace
    /// Goals do not bring the robot's bodies into one another.
    case selfCollision
    /// Joints stand inside their limits.
    case positionRange
    /// Every servo stops by itself when the program dies.
    case servoWatchdog

    /// The fault a broken rule is; `nil` for rules that do not stop (and for `body`, whose fault
    /// the body names).
    public var fault: FaultCode? {
        switch self {
        case .reading: .staleReading
        case .hardwareError: .hardwareError
        case .proposal: .invalidGoal
        case .hardZone: .outsideLimits
        case .overspeed: .overspeed
        case .current: .overCurrent
        case .thermalLoad: .thermalOverload
        case .jointPower, .robotPower: .overPower
        case .stopTemperature: .overTemperature
        case .voltage: .voltageOutOfRange
        case .followingError: .followingError
        case .heldBack: .limitedTooLong
        case .lateTicks: .lateTicks
        case .attitudeReading: .attitudeStale
        case .tipped: .baseTipped
        case .heightStop: .baseHeight
        case .placeReading: .placeStale
        case .body, .tilt, .height, .collisionTime, .pauseTemperature, .slowTemperature,
            .softZone, .meanGoalVelocity, .goalVelocity, .goalAcceleration, .followingWindow,
            .workspace, .selfCollision, .positionRange, .servoWatchdog:
            nil
        }
    }

    /// What the supervisor does when the rule is broken.
    public var response: SafetyResponse {
        switch self {
        case .body: .stopAtOnce
        case .tilt, .height, .collisionTime: .endEpisode
        case .pauseTemperature: .pause
        case .slowTemperature, .softZone, .meanGoalVelocity, .goalVelocity, .goalAcceleration,
            .followingWindow, .workspace, .selfCollision:
            .slow
        case .positionRange, .servoWatchdog: .warn
        default: fault?.response ?? .stopAtOnce
        }
    }

    /// When it counts as mended.
    public var clears: ClearCondition {
        switch self {
        case .body: .atDisarm
        default: fault?.clears ?? .whenGone
        }
    }

    /// Whether the rule is one line of the checks; the others only shape goals.
    public var isCheck: Bool {
        switch self {
        case .proposal, .goalVelocity, .goalAcceleration, .followingWindow, .softZone, .tilt,
            .height, .collisionTime, .workspace, .selfCollision:
            false
        default: true
        }
    }
}

/// Which rules are broken now, and by which joints; without words, for the control thread.
@frozen public struct RuleReport: Sendable, BitwiseCopyable {
    @usableFromInline var joints: InlineArray<48, UInt32>

    /// How many rules a report has room for.
    public static var capacity: Int { 48 }

    /// The bit that stands for the robot as a whole; joints are at most 24.
    @inlinable public static var robotBit: Int { 31 }

    /// A report in which no rule is broken.
    @inlinable public init() { joints = InlineArray(repeating: 0) }

    /// The joints that break a rule.
    @inlinable public subscript(_ rule: SafetyRule) -> JointSet {
        JointSet(bits: joints[Int(rule.rawValue)] & ~(1 << UInt32(Self.robotBit)))
    }

    /// Whether a joint, or the robot as a whole, breaks a rule.
    @inlinable public func isBroken(_ rule: SafetyRule) -> Bool { joints[Int(rule.rawValue)] != 0 }

    /// Notes that a joint breaks a rule; without a joint, that the robot does.
    @inlinable public mutating func note(_ rule: SafetyRule, joint: Int? = nil) {
        joints[Int(rule.rawValue)] |= 1 << UInt32(joint ?? Self.robotBit)
    }

    /// Notes several rules, as bits by raw value, for one joint.
    @inlinable public mutating func note(rules: UInt64, joint: Int) {
        for place in joints.indices where rules & (1 << UInt64(place)) != 0 {
            joints[place] |= 1 << UInt32(joint)
        }
    }

    /// Forgets a rule.
    @inlinable public mutating func clear(_ rule: SafetyRule) { joints[Int(rule.rawValue)] = 0 }

    /// Adds what another report notes.
    @inlinable public mutating func formUnion(_ other: RuleReport) {
        for place in joints.indices { joints[place] |= other.joints[place] }
    }

    /// The strongest response that is due.
    public var response: SafetyResponse {
        var strongest = SafetyResponse.none
        for rule in SafetyRule.allCases where isBroken(rule) {
            strongest = max(strongest, rule.response)
        }
        return strongest
    }
}
