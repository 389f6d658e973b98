public import Physics
import Synchronization

/// What moves emulated servos: a motor behind each register table.
///
/// Everything is in the units of the registers; angles are encoder pulses over the whole int32, as
/// the bare encoder counts them in normal (not reverse) direction without homing offset.
public protocol ServoPlant: AnyObject {
    /// How many servos there are; `servo` arguments lie in `0..<servoCount`.
    var servoCount: Int { get }

    /// Tells a servo's controller what holds from now on.
    func command(servo: Int, _ command: ServoCommand)

    /// Lets `nanoseconds` pass.
    func advance(nanoseconds: Int64)

    /// What a servo's sensors say now.
    func measure(servo: Int) -> ServoMeasurement

    /// Where the robot's body is and how it turns, `nil` if it stands on a fixed base.
    var basePose: BasePose? { get }
}

extension ServoPlant {
    /// A fixed base.
    public var basePose: BasePose? { nil }
}

/// One plant behind several buses: a lock around it, and one account of how far its time has run.
///
/// Each bus has its own thread and asks for the plant to be brought up to its own present; whoever
/// comes first moves it, the others find it there already.
public final class SharedPlant: Sendable {
    private struct State {
        var plant: any ServoPlant
        /// Monotonic time the plant has reached; `nil` until the first bus speaks.
        var time: Int64?
        /// Goal packets seen on each bus, for the stepped clock.
        var goalPackets: [Int: Int] = [:]
        /// Ticks the stepped clock has run.
        var ticks = 0
    }

    private let state: Mutex<State>

    /// Takes the plant over; reach it with `withPlant` from now on.
    public init(_ plant: sending any ServoPlant) {
        state = Mutex(State(plant: plant))
    }

    /// Runs `body` with the plant locked.
    public func withPlant<Result>(_ body: (any ServoPlant) -> sending Result) -> sending Result {
        state.withLock { body($0.plant) }
    }

    /// Brings the plant up to `now`; the first call only notes where its time begins.
    func advance(to now: Int64) {
        state.withLock { state in
            guard let time = state.time else {
                state.time = now
                return
            }
            guard now > time else { return }
            state.plant.advance(nanoseconds: now - time)
            state.time = now
        }
    }

    /// Counts a goal packet on `bus` and runs one tick unless another bus already began it.
    ///
    /// A robot with two buses sends two goal packets a tick; time follows the bus that is ahead.
    /// - Returns: how many ticks have run.
    func countGoalPacket(bus: Int, tickNanoseconds: Int64) -> Int {
        state.withLock { state in
            let count = state.goalPackets[bus, default: 0] + 1
            state.goalPackets[bus] = count
            if count > state.ticks {
                state.plant.advance(nanoseconds: tickNanoseconds)
                state.ticks = count
            }
            return state.ticks
        }
    }

    /// How many servos the plant has.
    public var servoCount: Int { state.withLock { $0.plant.servoCount } }

    /// Ticks the stepped clock has run.
    var ticks: Int { state.withLock { $0.ticks } }

    func command(servo: Int, _ command: ServoCommand) {
        state.withLock { $0.plant.command(servo: servo, command) }
    }

    func measure(servo: Int) -> ServoMeasurement {
        state.withLock { $0.plant.measure(servo: servo) }
    }
}
