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
/// ```
///             permitTorque            fault seen by judge, or stop(because:)
///  disarmed ---------------> armed -----------------------------------------> faulted
///     ^  ^                     |                                                 |
///     |  '---- torqueOff ------'                                                 |
///     '------------------------- clearFault (a person's decision) ---------------'
/// ```
///
/// In `faulted` a goal is still judged, so that a fault that leaves the joints usable can end in a
/// parked robot; any further fault then ends the motion. The first reason is kept. All
/// judging is a function of its arguments: no clock, no randomness, no allocation.
public struct Supervisor: Sendable {
    /// Where the supervisor stands.
    public enum State: Sendable, Hashable {
        /// No joint has torque.
        case disarmed
        /// Torque may be on; goals are judged.
        case armed
        /// Stopped by itself; only a person clears it.
        case faulted(Fault)
    }

    /// Where it stands now.
    public private(set) var state = State.disarmed
    /// Limits of time.
    public let settings: SafetySettings

    let limits: [JointLimits]
    let turnsFreely: [Bool]
    let tickSeconds: Seconds
    let stopWhenOrdered: StopResponse
    let stopAtOnce: StopResponse
    /// The last safe goal of each joint with torque on.
    var previous: JointArray<Radians?>
    var overspeed: JointArray<Int>
    var overcurrent: JointArray<Int>

    /// A supervisor of `robot`, disarmed.
    public init(robot: RobotDescription, settings: SafetySettings = SafetySettings()) {
        self.settings = settings
        limits = robot.joints.map(\.limits)
        turnsFreely = robot.joints.map { $0.role == .object }
        tickSeconds = robot.tickSeconds
        stopWhenOrdered = robot.stop
        stopAtOnce = robot.emergencyStop
        previous = JointArray(count: robot.joints.count, repeating: nil)
        overspeed = JointArray(count: robot.joints.count, repeating: 0)
        overcurrent = JointArray(count: robot.joints.count, repeating: 0)
    }

    /// The latched fault, if there is one.
    public var fault: Fault? {
        guard case .faulted(let fault) = state else { return nil }
        return fault
    }

    /// How a stop is to end now: as ordered, or at once if the joints cannot be trusted.
    public var stopResponse: StopResponse {
        guard let fault, !fault.code.leavesJointsUsable else { return stopWhenOrdered }
        return stopAtOnce
    }

    /// Allows torque on `joints`, or says which joint forbids it and why.
    ///
    /// A joint must have been read within the staleness limit, stand inside its limits (or outside
    /// by less than its following error, from where it can only move inward), be cool enough and
    /// report no hardware error. An object may have been turned round and round while its torque was
    /// off: its servo folds the count into one turn when torque comes on, so only `judge` looks at
    /// its position. Refused while a fault is latched.
    public mutating func permitTorque(
        _ joints: JointSet,
        state body: BodyState,
        now: MonotonicTime
    ) -> Result<TorquePermit, Refusal> {
        if let fault { return .failure(Refusal(fault: fault)) }
        for joint in previous.indices where joints.contains(joint) {
            if let fault = refusal(joint: joint, body: body, now: now) {
                return .failure(Refusal(fault: fault))
            }
        }
        state = .armed
        return .success(TorquePermit(joints: joints))
    }

    /// Begins to judge goals of joints whose torque was just verified, from where they stand.
    public mutating func torqueEnabled(_ joints: JointSet, state body: BodyState) {
        for joint in previous.indices where joints.contains(joint) {
            previous[joint] = body.samples[joint]?.position
            overspeed[joint] = 0
            overcurrent[joint] = 0
        }
    }

    /// Forgets goals of joints whose torque went off; disarms when none is left.
    public mutating func torqueDisabled(_ joints: JointSet) {
        var anyLeft = false
        for joint in previous.indices {
            if joints.contains(joint) { previous[joint] = nil }
            anyLeft = anyLeft || previous[joint] != nil
        }
        if !anyLeft, case .armed = state { state = .disarmed }
    }

    /// Latches a fault that was seen outside of judging; the first one is kept.
    public mutating func stop(because fault: Fault) {
        if case .faulted = state { return }
        state = .faulted(fault)
    }

    /// Clears a latched fault: a person's decision, never the program's.
    public mutating func clearFault() {
        guard case .faulted = state else { return }
        state = previous.indices.contains { previous[$0] != nil } ? .armed : .disarmed
    }

    /// Saves or restores where it stands and what it judges goals against.
    public mutating func carry(_ numbers: inout WorldNumbers) {
        carryState(&numbers)
        for joint in previous.indices {
            numbers.carry(&previous[joint])
            numbers.carry(&overspeed[joint])
            numbers.carry(&overcurrent[joint])
        }
    }

    /// Three words whatever the state: which, the fault's code, its joint or -1.
    private mutating func carryState(_ numbers: inout WorldNumbers) {
        var kind = 0
        var code = 0
        var joint = -1
        switch state {
        case .disarmed: break
        case .armed: kind = 1
        case .faulted(let fault):
            (kind, code, joint) = (2, Int(fault.code.rawValue), fault.joint ?? -1)
        }
        numbers.carry(&kind)
        numbers.carry(&code)
        numbers.carry(&joint)
        let fault = UInt8(exactly: code).flatMap { FaultCode(rawValue: $0) }
        switch (kind, fault) {
        case (0, _): state = .disarmed
        case (1, _): state = .armed
        case (2, .some(let fault)): state = .faulted(Fault(fault, joint: joint < 0 ? nil : joint))
        default: numbers.spoil()
        }
    }

    /// The last safe goal of a joint, `nil` if its torque is off.
    public func lastGoal(_ joint: Int) -> Radians? { previous[joint] }
}

/// Why torque was refused.
public struct Refusal: Error, Sendable, Hashable {
    /// The fault that stands in the way.
    public var fault: Fault
}
