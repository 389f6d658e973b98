public import Robot

/// What the supervisor does when a rule is broken, from the mildest to the most severe.
///
/// Of all rules that are broken at a time the strongest response wins. How the last two end is the
/// robot file's word (`stop:`, `estop:`): whether letting go is safer than holding depends on the
/// robot, so their order among each other is by how soon the motion ends.
@frozen public enum SafetyResponse: UInt8, Sendable, BitwiseCopyable, Comparable, CaseIterable {
    /// Nothing.
    case none
    /// Say so.
    case warn
    /// Goals move less, or not as far.
    case slow
    /// The next episode waits, without torque.
    case pause
    /// The episode ends; the robot goes on to the next one.
    case endEpisode
    /// Stop as `stop:` says; the joints can still be driven to the reset pose.
    case stopInOrder
    /// Stop as `estop:` says; no further motion.
    case stopAtOnce

    /// Milder than.
    public static func < (a: SafetyResponse, b: SafetyResponse) -> Bool { a.rawValue < b.rawValue }

    /// The response in words.
    public var words: String {
        switch self {
        case .none, .warn, .slow, .pause: "\(self)"
        case .endEpisode: "the episode ends"
        case .stopInOrder: "stop as `stop:` says"
        case .stopAtOnce: "stop as `estop:` says"
        }
    }
}

/// When a broken rule counts as mended.
@frozen public enum ClearCondition: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// By itself, when its cause is gone.
    case whenGone
    /// Once torque is off: a new start arms after its checks. In this process only a person's word
    /// goes on.
    case atDisarm
    /// By a person (`sacbot clear-fault`); the latch is kept across restarts.
    case byPerson
    /// Not in this process.
    case never

    /// The condition in words.
    public var words: String {
        switch self {
        case .whenGone: "by itself"
        case .atDisarm: "with a new start"
        case .byPerson: "by a person: `sacbot clear-fault`"
        case .never: "never in this process"
        }
    }
}

extension FaultCode {
    /// How a fault stops the robot.
    public var response: SafetyResponse { leavesJointsUsable ? .stopInOrder : .stopAtOnce }

    /// Whether the joints can still be read and driven, so that an ordered stop may move them.
    ///
    /// The others end in the robot file's `estop:` response at once.
    public var leavesJointsUsable: Bool {
        switch self {
        case .overTemperature, .voltageOutOfRange, .limitedTooLong, .attitudeStale, .placeStale,
            .cameraLate, .cameraFrozen, .cameraDark, .cameraLost, .resetFailed, .dataLost,
            .journalFailed, .learnerFailed:
            true
        case .staleReading, .overspeed, .followingError, .hardwareError, .overCurrent,
            .invalidGoal, .outsideLimits, .lateTicks, .lostBus, .servoWatchdog, .servoRebooted,
            .armingFailed, .overPower, .thermalOverload, .baseTipped, .baseHeight,
            .simulationBroken, .emergencyStop:
            false
        }
    }

    /// What a fault needs before the robot may move again.
    ///
    /// What a new start finds out for itself (is the joint there, where does it stand, how hot is
    /// it) needs no latch; what may have broken something, or is somebody's will, does.
    public var clears: ClearCondition {
        switch self {
        case .overspeed, .followingError, .overTemperature, .hardwareError, .overCurrent,
            .overPower, .thermalOverload, .baseTipped, .baseHeight, .emergencyStop:
            .byPerson
        case .staleReading, .invalidGoal, .outsideLimits, .lateTicks, .voltageOutOfRange,
            .lostBus, .servoWatchdog, .servoRebooted, .armingFailed, .limitedTooLong,
            .attitudeStale, .placeStale, .cameraLate, .cameraFrozen, .cameraDark, .cameraLost,
            .resetFailed, .dataLost, .journalFailed, .learnerFailed:
            .atDisarm
        case .simulationBroken: .never
        }
    }
}
