import Realtime
public import Robot
public import Safety
import ServoProtocol

/// A robot of real servos on serial buses, or of emulated ones behind a pseudo-terminal.
///
/// Used by one thread at a time. Made by `connect`; reads bring every joint's current, velocity
/// and position, and one piece of one joint's health a tick. Buses may speak different protocols;
/// all are asked at once and listened to in turn.
public final class ServoBody: DrivenBody {
    /// Cycles in a row without any answer after which a bus counts as lost.
    public static let lostBusCycles = 10

    /// Who answered when the body was connected, in the order of the joints.
    public internal(set) var servos: [FoundServo]
    /// What a person should change although the robot runs, one sentence each.
    public var warnings: [LatencyWarning] { buses.compactMap(\.driver.port.latencyWarning) }
    /// Joints whose servo had torque on when the body was connected; switch it off with
    /// `disableTorque` before anything else, or a power failure of this program goes on for them.
    public internal(set) var torqueFoundOn: JointSet
    /// What made a bus count as lost or a joint stop, for a person; `nil` while all is well.
    public internal(set) var problem: String?

    let robot: RobotDescription
    /// What `connect` was told instead of the robot file's ports.
    let portOverride: [String: String]
    var buses: [BusSeat]
    let imu: IMUReader?
    /// Who says where the robot is, if anybody does.
    var placeReceiver: PlaceReceiver?
    private var placeKeeper: PlaceKeeper?
    var clock: TickClock
    /// Joints whose torque this body enabled and has not seen off since.
    var torqueOn = JointSet()
    /// Joints that brake until their torque goes off.
    var braking = JointSet()
    /// What was last said to the servos; while they brake it is said again and has no effect.
    var lastGoals: JointArray<Radians?>
    /// The fault in force; `lostBus` lasts until `reconnect`, the servos' own faults end when their
    /// torque is off.
    var fault: FaultCode?
    /// Joints whose servo restarted and that nobody has asked about.
    var restarted = JointSet()

    init(
        robot: RobotDescription,
        portOverride: [String: String],
        drivers: [any BusDriver],
        imu: IMUReader?,
        found: BringUpReport,
        pacing: TickPacing
    ) {
        self.robot = robot
        self.portOverride = portOverride
        buses = drivers.map { BusSeat(driver: $0) }
        self.imu = imu
        placeKeeper = robot.speedSensor.map { PlaceKeeper($0, robot: robot) }
        lastGoals = JointArray(count: robot.joints.count, repeating: nil)
        servos = robot.joints.indices.compactMap { found.found[$0] }
        torqueFoundOn = found.torqueOn
        clock = TickClock(pacing: pacing, tickNanoseconds: robot.tickNanoseconds)
    }

    /// Joints, objects included.
    public var jointCount: Int { robot.joints.count }

    /// Monotonic time; with stepped pacing, ticks waited for.
    public func now() -> MonotonicTime { clock.now() }

    /// Returns at the next tick; late ticks are skipped and counted, never caught up.
    public func waitForTick() -> TickTiming { clock.wait() }

    /// What happened on each bus since it was opened, in the order of the robot file.
    public var counters: [BusCounters] { buses.map(\.driver.counters) }

    /// Gives the ports back without switching anything off.
    ///
    /// The body cannot be used after it.
    public func close() {
        for place in buses.indices {
            buses[place].driver.port.close()
            buses[place].isLost = true
            buses[place].isClosed = true
        }
        imu?.close()
        placeReceiver?.close()
        if fault == nil { fault = .lostBus }
    }

    /// Restarts a joint's servo: clears a hardware error whose cause is gone; torque is off after.
    ///
    /// - Returns: whether the servo confirmed. It does not answer for about half a second.
    public func reboot(_ joint: Int) throws(HardwareError) -> Bool {
        torqueOn.remove(joint)
        return try buses[robot.joints[joint].busIndex].driver.reboot(joint)
    }

    // MARK: Reading

    /// Asks all servos, those that stay silent once more and alone, and one a bus for its health.
    ///
    /// Takes at most three quarters of a tick (with stepped pacing: at most what a slow emulator
    /// needs). `state.fault` becomes `lostBus` when a port is gone or no servo of a bus answered
    /// for `lostBusCycles`; `servoWatchdog` or `servoRebooted` while a servo that should hold a
    /// goal has stopped by itself. The latter two go away once torque is off.
    public func read(into state: inout BodyState) {
        let limit = MonotonicClock.now() + readingNanoseconds
        var cycle = BusCycle(
            state: state,
            torqueOn: torqueOn,
            stamp: clock.pacing == .realTime ? nil : clock.now()
        )
        // All buses work at once: their requests go out before any answer is waited for.
        for place in buses.indices where !buses[place].isLost {
            do {
                try buses[place].driver.request(deadline: limit)
            } catch {
                lose(place, because: error.description)
            }
        }
        for place in buses.indices where !buses[place].isLost {
            do {
                try buses[place].driver.collect(deadline: limit, into: &cycle)
                if buses[place].driver.silentCycles >= Self.lostBusCycles { loseSilent(place) }
            } catch {
                lose(place, because: error.description)
            }
        }
        state = cycle.state
        note(cycle, in: &state)
        readIMU(into: &state)
        readPlace(into: &state)
    }

    /// Where the robot is: the newest that came from outside, or what its legs say.
    private func readPlace(into state: inout BodyState) {
        guard placeKeeper != nil else { return }
        let isReal = clock.pacing == .realTime
        let now = isReal ? MonotonicTime(nanoseconds: MonotonicClock.now()) : clock.now()
        if var fresh = placeReceiver?.newest.takeIfNew() {
            // Under a stepped clock there is no telling how old it is.
            if !isReal { fresh.time = now }
            placeKeeper?.take(fresh)
        }
        state.place = placeKeeper?.place(now: now, samples: state.samples, base: state.base)
    }

    /// Who said where the robot is in the newest tick.
    public var placeSpeaker: PlaceKeeper.Speaker { placeKeeper?.speaker ?? .nobody }

    /// What the IMU last said, if it is not too old; it never waits for more.
    private func readIMU(into state: inout BodyState) {
        guard let imu else { return }
        let now = MonotonicTime(nanoseconds: MonotonicClock.now())
        do throws(HardwareError) {
            try imu.poll(now: now)
        } catch {
            if problem == nil { problem = error.description }
        }
        state.base = imu.sample(now: now).flatMap { BaseSample($0) }
    }

    /// How long reading may take in a tick, nanoseconds.
    private var readingNanoseconds: Int64 {
        var expected: Int64 = 0
        var patience: Int64 = 0
        for seat in buses {
            expected = max(expected, seat.driver.cycleNanoseconds + seat.driver.gapNanoseconds)
            patience = max(patience, seat.driver.patienceNanoseconds)
        }
        guard clock.pacing == .realTime else { return patience + expected }
        return max(robot.tickNanoseconds * 3 / 4, expected)
    }

    /// Draws the conclusions of one cycle.
    private func note(_ cycle: BusCycle, in state: inout BodyState) {
        torqueOn.subtract(cycle.torqueLost)
        restarted.formUnion(cycle.restarted)
        if let joint = cycle.restarted.first { raise(.servoRebooted, joint) }
        if let joint = cycle.watchdogTripped.first { raise(.servoWatchdog, joint) }
        if torqueOn.isEmpty, fault != .lostBus { (fault, restarted) = (nil, JointSet()) }
        state.torqueEnabled = torqueOn
        if let fault {
            state.fault = fault
        } else if state.fault?.isClearedByReading == true {
            state.fault = nil
        }
    }

    /// What a joint's hardware error means, in words; empty if it has none.
    public func words(hardwareErrorOf joint: Int, _ health: JointHealth) -> String {
        guard health.hardwareError != 0 else { return "" }
        let driver = buses[robot.joints[joint].busIndex].driver
        return driver.words(hardwareError: health.hardwareError)
    }

    func lose(_ place: Int, because reason: String) {
        buses[place].isLost = true
        fault = .lostBus
        if problem == nil { problem = reason }
    }

    private func loseSilent(_ place: Int) {
        let driver = buses[place].driver
        let text = ServoProblem.busSilent(
            bus: driver.description.name,
            port: driver.port.path,
            rate: driver.description.baudRate,
            ids: driver.joints.map { robot.joints[$0].servoID }
        )
        lose(place, because: text.description)
    }

    private func raise(_ code: FaultCode, _ joint: Int) {
        guard fault == nil else { return }
        fault = code
        problem = "\(title(joint)): \(code.explanation)"
    }

    /// `servo 12 (joint `thumb`)`, for messages.
    func title(_ joint: Int) -> String {
        "servo \(robot.joints[joint].servoID) (joint `\(robot.joints[joint].name)`)"
    }

    // MARK: Driving

    /// Sends goals to all servos that have one, one request a bus; nobody confirms.
    public func write(_ goal: consuming SafeGoal) {
        lastGoals = goal.positions
        sendGoals()
    }

    func sendGoals() {
        let positions = lastGoals
        let deadline = MonotonicClock.now() + robot.tickNanoseconds
        for place in buses.indices where !buses[place].isLost {
            do {
                try buses[place].driver.write(positions, deadline: deadline)
            } catch {
                lose(place, because: error.description)
            }
        }
    }
}

extension ServoBody: RearmableBody {
    /// The joints whose servos restarted since the last call; they have no torque.
    public func takeRestarted(_ state: inout BodyState) -> JointSet {
        defer { restarted = JointSet() }
        guard fault == .servoRebooted else { return restarted }
        (fault, problem) = (nil, nil)
        if state.fault == .servoRebooted { state.fault = nil }
        return restarted
    }
}

/// A bus's driver, and whether it can be relied on.
struct BusSeat {
    var driver: any BusDriver
    /// Set once the bus cannot be relied on any more.
    var isLost = false
    /// Set once the port was given back.
    var isClosed = false

    init(driver: any BusDriver) { self.driver = driver }
}

extension FaultCode {
    /// Whether the body itself raises the fault and takes it back when its cause is gone.
    fileprivate var isClearedByReading: Bool {
        self == .servoWatchdog || self == .servoRebooted || self == .lostBus
    }
}

extension BaseSample {
    /// What a unit in the body's axes says; `nil` without an angular velocity.
    fileprivate init?(_ sample: IMUSample) {
        guard let rate = sample.angularRate else { return nil }
        self.init(
            roll: sample.orientation.roll,
            pitch: sample.orientation.pitch,
            yaw: sample.orientation.yaw,
            rollRate: rate.x,
            pitchRate: rate.y,
            yawRate: rate.z,
            time: MonotonicTime(nanoseconds: sample.time)
        )
    }
}
