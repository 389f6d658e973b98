import Robot
import Safety

/// One bus of the robot, whatever is spoken on it: knows its controllers and talks to them.
///
/// Internal to this module on purpose: outside of it a motor is reached through `ServoBody`, which
/// takes a `SafeGoal`. Joints are named by their index in the robot. A driver is used by one thread;
/// everything it waits for has a deadline (nanoseconds on CLOCK_MONOTONIC). It throws only if the
/// port is in trouble; trouble with one controller is a value. Nothing in `request`, `collect` and
/// `write` allocates.
protocol BusDriver: AnyObject {
    /// The bus as the robot file describes it.
    var description: ServoBusDescription { get }
    /// The port it is reached through.
    var port: SerialPort { get }
    /// Joints with a controller on this bus, in the robot file's order.
    var joints: [Int] { get }
    /// What went well and badly since the port was opened.
    var counters: BusCounters { get }
    /// How long reading takes on the wire with nothing going wrong, return delays included,
    /// nanoseconds.
    var cycleNanoseconds: Int64 { get }
    /// How long a controller that should have answered is waited for, nanoseconds: adapters and
    /// schedulers hold bytes back.
    var gapNanoseconds: Int64 { get }
    /// How long all bytes of one tick take on the wire once the controllers are prepared: reading,
    /// health, goals, nanoseconds.
    var tickNanoseconds: Int64 { get }
    /// What is allowed on top of that where the clock stands still meanwhile, nanoseconds.
    var patienceNanoseconds: Int64 { get }
    /// Cycles in a row in which no controller of the bus answered.
    var silentCycles: Int { get }

    /// Finds out whether everybody is there and as the robot file says; moves nothing and leaves
    /// torque as it is.
    func bringUp(_ report: inout BringUpReport) throws(HardwareError)

    /// Sends what makes all controllers say where they are.
    func request(deadline: Int64) throws(HardwareError)

    /// Collects what they say, then asks one of them for a part of its health.
    ///
    /// Joints that did not answer keep their last sample.
    func collect(deadline: Int64, into cycle: inout BusCycle) throws(HardwareError)

    /// Sends goals (radians) to the joints that have one; nobody confirms.
    func write(_ positions: JointArray<Radians?>, deadline: Int64) throws(HardwareError)

    /// Brings one controller's settings to what the robot file says, with torque off, and proves it.
    func prepare(_ joint: Int) throws(ArmingError)

    /// Goal := present position, watchdog, torque on; every step read back.
    ///
    /// `goals` gets what each joint was told. Returns the refusal of a joint, if there is one.
    func engage(
        _ joints: JointSet,
        goals: inout JointArray<Radians?>
    ) throws(HardwareError) -> ArmingError?

    /// Has joints that have torque brake by velocity alone, and reads that back; those that do leave
    /// `unbraked`.
    ///
    /// Holds until their torque goes off; `write` then only keeps watchdogs quiet.
    func damp(_ joints: JointSet, unbraked: inout JointSet) throws(HardwareError)

    /// Says something to joints that have torque, so that their watchdogs do not trip while others
    /// are prepared.
    func keepAlive(_ joints: JointSet) throws(HardwareError)

    /// Switches torque off and reads it back; joints that confirmed leave `unconfirmed`.
    func release(_ joints: JointSet, unconfirmed: inout JointSet) throws(HardwareError)

    /// Restarts a joint's controller; whether it confirmed.
    func reboot(_ joint: Int) throws(HardwareError) -> Bool

    /// What the bits of a joint's hardware error mean.
    func words(hardwareError: UInt32) -> String
}

extension BusDriver {
    /// For servos that cannot: every joint is left.
    func damp(_ joints: JointSet, unbraked: inout JointSet) throws(HardwareError) {}

    /// `servo 12 (joint `thumb`)`, for messages; the bus in place of a joint it does not have.
    func title(_ joint: Int, of robot: RobotDescription) -> String {
        "servo \(robot.joints[joint].servoID) (joint `\(robot.joints[joint].name)`)"
    }
}

/// What a driver brings to light in one cycle.
struct BusCycle {
    /// The newest of every joint.
    var state: BodyState
    /// Joints that should have torque.
    let torqueOn: JointSet
    /// The time to stamp on samples; `nil` for the time they came.
    let stamp: MonotonicTime?
    /// Joints that should have torque and have none.
    var torqueLost = JointSet()
    /// Those of them that report no error: they restarted.
    var restarted = JointSet()
    /// Joints whose controller stopped because nobody talked to it.
    var watchdogTripped = JointSet()

    /// What to stamp on something that came at `nanoseconds`.
    func time(_ nanoseconds: Int64) -> MonotonicTime {
        stamp ?? MonotonicTime(nanoseconds: nanoseconds)
    }
}

/// What is found when a robot's buses are opened.
struct BringUpReport {
    /// Who answered, by joint.
    var found: [Int: FoundServo] = [:]
    /// Firmware versions by joint, where `FoundServo` has too little room for them.
    var versions: [Int: String] = [:]
    /// Joints whose controller has torque on.
    var torqueOn = JointSet()
    /// Whatever is not as the robot file says.
    var problems: [ServoProblem] = []
}
