public import Robot

/// Why the robot stopped by itself, and which joint showed it.
@frozen public struct Fault: Sendable, BitwiseCopyable, Hashable {
    /// The fault's number.
    public var code: FaultCode
    /// The joint's index; `nil` when no single joint is the cause.
    public var joint: Int?

    /// A fault seen on `joint`.
    @inlinable public init(_ code: FaultCode, joint: Int? = nil) {
        self.code = code
        self.joint = joint
    }
}

extension FaultCode {
    /// Whether the joints can still be read and driven, so that an ordered stop may move them.
    ///
    /// The others end in the robot file's `estop:` response at once.
    public var leavesJointsUsable: Bool {
        switch self {
        case .overTemperature, .resetFailed, .dataLost, .journalFailed, .learnerFailed: true
        case .staleReading, .overspeed, .followingError, .hardwareError, .overCurrent,
            .invalidGoal, .outsideLimits, .lateTicks, .lostBus, .servoWatchdog, .servoRebooted,
            .armingFailed, .simulationBroken, .emergencyStop:
            false
        }
    }
}
