public import Realtime
public import Robot
public import Safety

/// Why the control thread leaves what it was doing.
public enum ControlStop: Error, Sendable, Hashable {
    /// The supervisor latched a fault.
    case fault(Fault)
    /// Somebody asked for an ordered stop.
    case ordered
}

/// The tick: wait, read, (decide), judge, write.
///
/// Episodes, resets and the stop sequence are all written as straight code that alternates
/// `beginTick` and `endTick`. The loop belongs to one thread.
public final class ControlLoop<Body: DrivenBody> {
    /// The robot as its file describes it.
    public private(set) var robot: RobotDescription
    /// The newest that is known of every joint.
    public internal(set) var state: BodyState
    /// Judges every goal.
    public internal(set) var supervisor: Supervisor
    /// Ticks since the loop was made.
    public private(set) var tickCount: UInt64 = 0
    /// Ticks that were skipped because the loop was late.
    public private(set) var skippedTicks = 0
    /// Ticks in which some joint gave no new sample.
    public private(set) var incompleteTicks = 0
    /// How often servos that restarted were given torque again within an episode.
    public internal(set) var rearmCount = 0
    /// When the present tick began, on the body's clock.
    public private(set) var now: MonotonicTime
    /// Where the ticks' time goes, for any thread to read.
    public let statistics: TickStatistics

    /// What the supervisor says ten times a second, for one reading thread.
    public let safetyStatus = Latest(blank: SafetyStatus())

    /// What is known of the robot, twenty times a second, for one reading thread.
    public let picture: Latest<RobotPicture>

    let body: Body
    private let stopSwitch: StopSwitch
    private let ticksBetweenChecks: Int
    private let ticksBetweenPictures: Int
    private var publishedState: SafetyState?
    private var stopwatch = TickStopwatch()
    private var lateInARow = 0
    private var expectsDelay = true
    /// Set while the stop sequence runs, so that the wish that began it does not end it.
    private var isStopping = false

    /// A loop over `body`, disarmed.
    ///
    /// - Parameter posture: who keeps fingertips in their boxes and bodies apart, if anybody does.
    public init(
        body: Body,
        robot: RobotDescription,
        safety: SafetySettings,
        stopSwitch: StopSwitch,
        posture: (any PostureGuard)? = nil
    ) {
        self.body = body
        self.robot = robot
        self.stopSwitch = stopSwitch
        state = BodyState(jointCount: robot.joints.count)
        supervisor = Supervisor(robot: robot, settings: safety, posture: posture)
        ticksBetweenChecks = max(1, Int((0.1 / robot.tickSeconds).rounded()))
        ticksBetweenPictures = max(1, Int((0.05 / robot.tickSeconds).rounded()))
        picture = Latest(blank: RobotPicture(jointCount: robot.joints.count))
        statistics = TickStatistics(tickNanoseconds: robot.tickNanoseconds)
        now = body.now()
    }

    /// Waits for the next tick and reads the robot.
    public func beginTick() throws(ControlStop) {
        let timing = body.waitForTick()
        now = timing.start
        tickCount += 1
        statistics.progressed()
        stopwatch.begin(timing, isCounted: !expectsDelay, statistics)
        noteLateness(timing.skippedTicks)
        body.read(into: &state)
        if state.fault == .servoRebooted { try rearm() }
        stopwatch.end(statistics.read)
        noteIncompleteness(since: timing.start)
        now = body.now()
        publishSafety()
        publishPicture()
        if isStopping {
            if stopSwitch.asked == .emergency, supervisor.state != .emergencyStop {
                try fail(Fault(.emergencyStop))
            }
            return
        }
        switch stopSwitch.asked {
        case .none: break
        case .ordered: throw .ordered
        case .emergency: try fail(Fault(.emergencyStop))
        }
        if lateInARow >= supervisor.settings.lateTicks { try fail(Fault(.lateTicks)) }
    }

    /// Judges the wanted positions and sends what is safe.
    public func endTick(_ wanted: JointArray<Radians?>) throws(ControlStop) {
        stopwatch.end(statistics.decide)
        switch supervisor.judge(wanted, state: state, now: now, tick: tickCount) {
        case .go(let goal):
            stopwatch.end(statistics.judge)
            body.write(goal)
            stopwatch.end(statistics.write)
            stopwatch.end(statistics)
        case .stop(let fault):
            publishSafety(isNow: true)
            throw .fault(fault)
        }
    }

    /// One tick that wants nothing new.
    public func holdTick() throws(ControlStop) {
        try beginTick()
        try endTick(unchanged)
    }

    /// A proposal that keeps every goal as it is.
    public var unchanged: JointArray<Radians?> {
        JointArray(count: robot.joints.count, repeating: nil)
    }

    /// What somebody asked for that no tick has acted on yet.
    public var stopAsked: StopWish { stopSwitch.asked }

    /// Whole ticks in `seconds`, at least one.
    public func ticks(_ seconds: Seconds) -> Int {
        max(1, Int((seconds / robot.tickSeconds).rounded()))
    }

    /// Enables torque on `joints` without a jump, or faults.
    ///
    /// - Returns: a sentence about the joint that refused is in `armingProblem`.
    public func enableTorque(_ joints: JointSet) throws(ControlStop) {
        let missing = JointSet(bits: joints.bits & ~state.torqueEnabled.bits)
        if missing.isEmpty { return }
        switch supervisor.permitTorque(missing, state: state, now: now) {
        case .failure(let refusal): try fail(refusal.fault)
        case .success(let permit):
            do {
                try body.enableTorque(permit, state: &state)
            } catch {
                armingProblem = error.reason
                try fail(Fault(.armingFailed, joint: error.joint))
            }
        }
        supervisor.torqueEnabled(missing, state: state)
        expectsDelay = true
    }

    /// What the last failed arming said, for a person.
    public private(set) var armingProblem: String?

    /// Switches torque off; faults with `armingFailed` if a joint did not confirm.
    public func disableTorque(_ joints: JointSet) throws(ControlStop) {
        let present = JointSet(bits: joints.bits & state.torqueEnabled.bits)
        if present.isEmpty { return }
        let unconfirmed = releaseTorque(present)
        if let joint = unconfirmed.indices.first { try fail(Fault(.staleReading, joint: joint)) }
    }

    /// Switches torque off and returns the joints that did not confirm it; never throws.
    @discardableResult
    func releaseTorque(_ joints: JointSet) -> JointSet {
        let unconfirmed = body.disableTorque(joints)
        let off = JointSet(bits: joints.bits & ~unconfirmed.bits)
        state.torqueEnabled = JointSet(bits: state.torqueEnabled.bits & ~off.bits)
        supervisor.torqueDisabled(off)
        expectsDelay = true
        return unconfirmed
    }

    /// Latches a fault and leaves.
    public func fail(_ fault: Fault) throws(ControlStop) -> Never {
        latch(fault)
        throw .fault(supervisor.fault ?? fault)
    }

    /// Latches a fault while something else is already being left.
    func latch(_ fault: Fault) {
        supervisor.stop(because: fault)
        publishSafety(isNow: true)
    }

    /// Tells the supervisor what the robot is about to do.
    public func note(_ activity: RobotActivity) { supervisor.note(activity) }

    /// Takes over what stopped an earlier process; the robot gets no torque until `clearFault`.
    public func restore(latched fault: Fault) {
        supervisor.restore(latched: fault)
        publishSafety(isNow: true)
    }

    /// Clears a fault at a person's word.
    ///
    /// - Returns: false if it cannot be cleared in this process.
    @discardableResult
    public func clearFault() -> Bool {
        let isCleared = supervisor.clearFault()
        publishSafety(isNow: true)
        return isCleared
    }

    func beginStopping() {
        isStopping = true
        supervisor.note(.stopBegins)
    }

    /// Hands the checks out ten times a second, and at once when the state has changed.
    func publishSafety(isNow: Bool = false) {
        let isDue = tickCount % UInt64(ticksBetweenChecks) == 0
        guard isNow || isDue || supervisor.state != publishedState else { return }
        publishedState = supervisor.state
        var status = SafetyStatus()
        status.state = supervisor.state
        status.fault = supervisor.fault
        status.isLatched = supervisor.isLatched
        status.checks = supervisor.check(state, now: now)
        status.torqueEnabled = state.torqueEnabled
        safetyStatus.publish(status)
    }

    /// Hands out what is known of the robot when it is time.
    private func publishPicture() {
        guard tickCount % UInt64(ticksBetweenPictures) == 0 else { return }
        picture.publish(
            RobotPicture(tick: tickCount, time: now, body: state, goals: supervisor.goals)
        )
    }

    // MARK: Outages

    /// Whether the body is one that comes back, and the fault one it comes back from.
    public func canRecover(from fault: Fault) -> Bool {
        body is any ReconnectableBody && fault.code.isOutage
    }

    /// Whether a part of the body cannot be reached.
    public var isDisconnected: Bool {
        (body as? any ReconnectableBody)?.isDisconnected ?? false
    }

    /// Tries once to reach the body again; no joint that was away has torque or a goal after it.
    ///
    /// - Returns: what stands in the way, `nil` if the body is whole.
    public func reconnect() -> ReconnectProblem? {
        guard let body = body as? any ReconnectableBody else { return nil }
        do {
            try body.reconnect(state: &state)
        } catch {
            return error
        }
        let off = JointSet(bits: ~state.torqueEnabled.bits)
        supervisor.torqueDisabled(off)
        lateInARow = 0
        expectsDelay = true
        return nil
    }

    /// One tick of a robot without torque: reads it, judges nothing, sends nothing.
    ///
    /// - Throws: `ordered` or the emergency stop, if somebody asks for one.
    public func idleTick() throws(ControlStop) {
        _ = body.waitForTick()
        tickCount += 1
        statistics.progressed()
        body.read(into: &state)
        now = body.now()
        publishSafety()
        publishPicture()
        expectsDelay = true
        switch stopSwitch.asked {
        case .none: break
        case .ordered: throw .ordered
        case .emergency: try fail(Fault(.emergencyStop))
        }
    }

    /// One tick of a robot that brakes: reads it, judges nothing, sends nothing.
    func dampingTick() {
        _ = body.waitForTick()
        tickCount += 1
        body.read(into: &state)
        now = body.now()
        publishSafety()
        expectsDelay = true
    }

    /// One tick of a robot that rests: without torque an idle one, with torque one that holds and is
    /// judged, also after a stop that ended so.
    ///
    /// - Throws: as `idleTick`, and the fault that ends the holding.
    public func restTick() throws(ControlStop) {
        try idleTick()
        paceSimulation()
        if state.torqueEnabled.isEmpty { return }
        try endTick(unchanged)
    }

    /// A simulated clock would run away while nothing is done.
    private func paceSimulation() {
        guard isRestorable else { return }
        MonotonicClock.sleep(until: MonotonicClock.now() + robot.tickNanoseconds)
    }

    /// Says that the control thread is alive while it waits for something that takes no ticks.
    public func noteProgress() { statistics.progressed() }

    /// Takes over what a reloaded robot file may change: temperatures, never upwards, and how a
    /// pause ends.
    public func adopt(_ reloaded: RobotDescription) {
        supervisor.lowerTemperatures(to: reloaded)
        for joint in robot.joints.indices where reloaded.joints.indices.contains(joint) {
            robot.joints[joint].limits.lowerTemperatures(to: reloaded.joints[joint].limits)
        }
        robot.pause = reloaded.pause
    }

    /// Goes on after a stop whose cause is gone and that a person has cleared.
    public func goOn() {
        isStopping = false
        clearFault()
    }

    // MARK: Saving

    /// Whether the body's world can be saved: it is simulated.
    public var isRestorable: Bool { body is any RestorableBody }

    /// Saves or restores body, supervisor and counters, between two episodes.
    ///
    /// What is known of the joints is then read from the restored body: no time passes.
    public func carry(_ world: inout WorldTransfer) {
        guard let body = body as? any RestorableBody else { return world.refuse(.notSimulated) }
        body.carry(&world)
        world.part("supervisor") { supervisor.carry(&$0) }
        world.part("loop") { numbers in
            numbers.carry(&tickCount)
            numbers.carry(&skippedTicks)
            numbers.carry(&incompleteTicks)
            numbers.carry(&lateInARow)
            numbers.carry(&expectsDelay)
        }
        guard world.isRestoring else { return }
        now = body.now()
        body.read(into: &state)
    }

    /// Puts a saved world back.
    ///
    /// - Throws: what does not fit; body and loop must not be used then.
    public func restore(_ saved: WorldState) throws(WorldProblem) {
        var world = WorldTransfer(restoring: saved)
        carry(&world)
        if let problem = world.problem { throw problem }
    }

    private func noteIncompleteness(since start: MonotonicTime) {
        for joint in state.samples.indices {
            guard let sample = state.samples[joint], sample.time >= start else {
                incompleteTicks += 1
                return
            }
        }
    }

    /// Arming takes many ticks on a real bus; the first tick after it is late by design.
    private func noteLateness(_ skipped: Int) {
        if expectsDelay {
            expectsDelay = false
            return
        }
        skippedTicks += skipped
        lateInARow = skipped > 0 ? lateInARow + skipped : 0
    }
}

extension FaultCode {
    /// Whether the robot was lost rather than in danger: it may come back by itself.
    fileprivate var isOutage: Bool {
        switch self {
        case .lostBus, .servoWatchdog, .servoRebooted, .staleReading, .attitudeStale, .placeStale:
            true
        default: false
        }
    }
}
