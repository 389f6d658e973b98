public import Robot

/// What the supervisor says to a proposal: a goal that may be sent, or stop.
public enum Verdict: ~Copyable, Sendable {
    /// Send this.
    case go(SafeGoal)
    /// Send nothing more; stop as `Supervisor.stopResponse` says.
    case stop(Fault)
}

/// Judges every goal before it reaches a motor.
///
/// Where it stands is one state of `StateTable`, drawn in docs/safety.md; what it watches is
/// `SafetyRule`. In `fault` a goal is still judged, so that a fault that leaves the joints usable
/// can end in a parked robot; whatever is worse then ends the motion. The first reason is kept, the
/// strongest response wins. All judging is a function of its arguments: no clock, no randomness, no
/// allocation.
public struct Supervisor: Sendable {
    /// Where it stands now.
    public private(set) var state = SafetyState.disarmed
    /// Why it stopped by itself, the first reason; `nil` in every state but `fault` and
    /// `emergencyStop`.
    public private(set) var fault: Fault?
    /// Whether what stopped it has to be remembered across restarts until a person clears it.
    public private(set) var isLatched = false
    /// The rules that were broken in the newest tick it judged.
    public internal(set) var broken = RuleReport()
    /// Limits of time.
    public let settings: SafetySettings

    private(set) var limits: [JointLimits]
    let turnsFreely: [Bool]
    let nominalVoltage: [Volts]
    let hasServoWatchdog: [Bool]
    let tickSeconds: Seconds
    let patience: PatienceTicks
    private let stopWhenOrdered: StopResponse
    private let stopAtOnce: StopResponse
    /// The strongest response since it stopped by itself.
    private(set) var severity = SafetyResponse.none
    /// The last safe goal of each joint with torque on.
    var previous: JointArray<Radians?>
    var watch: JointArray<JointWatch>
    var robotPowerTicks = 0
    /// Who knows where a posture puts the robot's bodies, if anybody does.
    let posture: (any PostureGuard)?
    let postureParts: [PartWatch]
    /// Ticks of this episode in which a goal was refused for a collision, less the others.
    var refusedTicks = 0

    /// A supervisor of `robot`, disarmed.
    ///
    /// - Parameter posture: boxes for fingertips and collisions of the robot with itself; parts
    ///   beyond `PostureRooms.capacity` are not watched.
    public init(
        robot: RobotDescription,
        settings: SafetySettings = SafetySettings(),
        posture: (any PostureGuard)? = nil
    ) {
        self.settings = settings
        self.posture = posture
        postureParts = (posture?.parts ?? []).prefix(PostureRooms.capacity).map(PartWatch.init)
        limits = robot.joints.map(\.limits)
        turnsFreely = robot.joints.map { $0.role == .object }
        nominalVoltage = robot.joints.map(\.servo.nominalVoltage)
        hasServoWatchdog = robot.joints.map { joint in
            guard robot.buses.indices.contains(joint.busIndex) else { return true }
            return robot.buses[joint.busIndex].servoWatchdog != nil
        }
        tickSeconds = robot.tickSeconds
        patience = PatienceTicks(
            settings,
            tickSeconds: robot.tickSeconds,
            collisionSeconds: robot.selfCollision?.seconds ?? 1
        )
        stopWhenOrdered = robot.stop
        stopAtOnce = robot.emergencyStop
        previous = JointArray(count: robot.joints.count, repeating: nil)
        watch = JointArray(count: robot.joints.count, repeating: JointWatch())
    }

    /// How a stop is to end now: as ordered, or at once if the joints cannot be trusted.
    public var stopResponse: StopResponse {
        severity == .stopAtOnce ? stopAtOnce : stopWhenOrdered
    }

    // MARK: Torque

    /// Allows torque on `joints`, or says which joint forbids it and why.
    ///
    /// A joint must have been read within the staleness limit, stand inside its limits (or outside
    /// by less than its hard zone, from where it can only move inward), be cool enough, have its
    /// supply voltage and report no hardware error. An object may have been turned round and round
    /// while its torque was off: its servo folds the count into one turn when torque comes on, so
    /// only `judge` looks at its position. Refused in every state that does not permit torque.
    public mutating func permitTorque(
        _ joints: JointSet,
        state body: BodyState,
        now: MonotonicTime
    ) -> Result<TorquePermit, Refusal> {
        if let fault { return .failure(Refusal(fault: fault)) }
        guard state.permitsTorque else { return .failure(Refusal(fault: Fault(.armingFailed))) }
        handle(.checksBegin)
        for joint in previous.indices where joints.contains(joint) {
            if let fault = refusal(joint: joint, body: body, now: now) {
                handle(.checksFailed)
                return .failure(Refusal(fault: fault))
            }
        }
        return .success(TorquePermit(joints: joints))
    }

    /// Begins to judge goals of joints whose torque was just verified, from where they stand.
    public mutating func torqueEnabled(_ joints: JointSet, state body: BodyState) {
        for joint in previous.indices where joints.contains(joint) {
            previous[joint] = body.samples[joint]?.position
            // What a motor was heated by does not leave it with its torque.
            let heat = watch[joint].heat
            watch[joint] = JointWatch()
            watch[joint].heat = heat
        }
        handle(.torqueVerified)
    }

    /// Forgets goals of joints whose torque went off; disarms when none is left.
    public mutating func torqueDisabled(_ joints: JointSet) {
        for joint in previous.indices where joints.contains(joint) { previous[joint] = nil }
        guard !holdsTorque else { return }
        broken = RuleReport()
        handle(.torqueGone)
    }

    /// The last safe goal of a joint, `nil` if its torque is off.
    public func lastGoal(_ joint: Int) -> Radians? { previous[joint] }

    /// The last safe goal of every joint, `nil` where torque is off.
    public var goals: JointArray<Radians?> { previous }

    /// Takes over lower temperature limits; higher ones change nothing.
    public mutating func lowerTemperatures(to robot: RobotDescription) {
        for joint in limits.indices where robot.joints.indices.contains(joint) {
            limits[joint].lowerTemperatures(to: robot.joints[joint].limits)
        }
    }

    private var holdsTorque: Bool {
        for joint in previous.indices where previous[joint] != nil { return true }
        return false
    }

    // MARK: Events

    /// Tells it what the robot is about to do.
    ///
    /// Faults and their clearing have functions of their own; an event that does not count in the
    /// present state changes nothing.
    public mutating func note(_ activity: RobotActivity) { handle(activity.event) }

    /// Latches a fault that was seen outside of judging; the first one is kept, the strongest
    /// response wins.
    public mutating func stop(because fault: Fault) {
        let hadTorque = state != .disarmed && state != .checking && state != .pausing
        let isPersons = fault.code == .emergencyStop
        // A check that refuses torque is made again after a restart; nothing has happened yet.
        if fault.code.clears == .byPerson, hadTorque || isPersons { isLatched = true }
        severity = max(severity, fault.code.response)
        if self.fault == nil { self.fault = fault }
        handle(isPersons ? .emergencyStopped : .faultSeen)
    }

    /// Takes over what stopped an earlier process; nothing has torque yet.
    public mutating func restore(latched fault: Fault) {
        stop(because: fault)
        isLatched = true
    }

    /// Clears a fault: a person's decision, never the program's.
    ///
    /// - Returns: false if it cannot be cleared in this process.
    @discardableResult
    public mutating func clearFault() -> Bool {
        guard let fault else { return true }
        if fault.code.clears == .never { return false }
        (self.fault, isLatched, severity) = (nil, false, .none)
        for joint in watch.indices {
            let heat = watch[joint].heat
            watch[joint] = JointWatch()
            watch[joint].heat = heat
        }
        handle(holdsTorque ? .clearedHolding : .clearedLimp)
        return true
    }

    private mutating func handle(_ event: SafetyEvent) { state = StateTable.next(state, event) }

    // MARK: Saving

    /// Saves or restores where it stands and what it judges goals against.
    public mutating func carry(_ numbers: inout WorldNumbers) {
        carryState(&numbers)
        for joint in previous.indices {
            numbers.carry(&previous[joint])
            watch[joint].carry(&numbers)
        }
        numbers.carry(&robotPowerTicks)
        if posture != nil { numbers.carry(&refusedTicks) }
    }

    /// The same words whatever the state.
    private mutating func carryState(_ numbers: inout WorldNumbers) {
        var place = Int(state.rawValue)
        var code = fault.map { Int($0.code.rawValue) } ?? 0
        var joint = fault?.joint ?? -1
        var strongest = Int(severity.rawValue)
        numbers.carry(&place)
        numbers.carry(&code)
        numbers.carry(&joint)
        numbers.carry(&strongest)
        numbers.carry(&isLatched)
        guard let state = UInt8(exactly: place).flatMap(SafetyState.init),
            let severity = UInt8(exactly: strongest).flatMap(SafetyResponse.init)
        else { return numbers.spoil() }
        let found = UInt8(exactly: code).flatMap(FaultCode.init)
        let stopped = state == .fault || state == .emergencyStop
        guard stopped == (found != nil), stopped || code == 0 else { return numbers.spoil() }
        self.state = state
        self.severity = severity
        fault = found.map { Fault($0, joint: joint < 0 ? nil : joint) }
    }
}

/// What the control thread tells the supervisor about its work.
public enum RobotActivity: Sendable, CaseIterable {
    /// The robot is looked at before it may move.
    case checking
    /// A reset begins.
    case resetBegins
    /// An episode begins.
    case episodeBegins
    /// An episode is over.
    case episodeEnds
    /// The robot waits without torque.
    case pauseBegins
    /// The wait is over.
    case pauseEnds
    /// A stop begins.
    case stopBegins
    /// A stop has ended with the robot holding its place.
    case stopHolds

    var event: SafetyEvent {
        switch self {
        case .checking: .checksBegin
        case .resetBegins: .resetBegins
        case .episodeBegins: .episodeBegins
        case .episodeEnds: .episodeEnds
        case .pauseBegins: .pauseBegins
        case .pauseEnds: .pauseEnds
        case .stopBegins: .stopBegins
        case .stopHolds: .stopHolds
        }
    }
}

/// Why torque was refused.
public struct Refusal: Error, Sendable, Hashable {
    /// The fault that stands in the way.
    public var fault: Fault
}
