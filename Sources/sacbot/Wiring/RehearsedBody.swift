import Robot
import Safety
import Simulation

/// What can be made to go wrong with one joint, or with the whole robot, in a rehearsal.
enum RehearsedTrouble: CaseIterable {
    case silentServo
    case lostBus
    case servoWatchdog
    case servoRestart
    case hardwareError
    case hotServo
    case warmServo
    case wrongVoltage
    case tooFast
    case tooFarOut
    case tooMuchCurrent
    case muchCurrentForLong
    case blockedJoint
    case badNumber
    case lateTicks
    case noAttitude
    case tippedOver
    case noPlace
    case emergencyStop
    case orderedStop

    /// The trouble in words.
    var words: String {
        switch self {
        case .silentServo: "a servo stops answering"
        case .lostBus: "the bus is gone"
        case .servoWatchdog: "a servo's watchdog trips"
        case .servoRestart: "a servo restarts"
        case .hardwareError: "a servo reports an error"
        case .hotServo: "a servo reaches stop_temperature"
        case .warmServo: "a servo is above slow_temperature"
        case .wrongVoltage: "half the supply voltage"
        case .tooFast: "a joint is turned too fast"
        case .tooFarOut: "a joint is found beyond its hard zone"
        case .tooMuchCurrent: "current 10 % above its limit"
        case .muchCurrentForLong: "current 1 % below its limit"
        case .blockedJoint: "a joint is held fast"
        case .badNumber: "the policy says NaN"
        case .lateTicks: "the control loop stalls"
        case .noAttitude: "the IMU is gone"
        case .tippedOver: "the body tips over at once"
        case .noPlace: "nobody says where the robot is"
        case .emergencyStop: "sacbot estop"
        case .orderedStop: "sacbot stop, Ctrl-C"
        }
    }
}

extension RehearsedTrouble {
    /// Whether a robot with these settings can have it.
    func isPossible(_ settings: SafetySettings) -> Bool {
        switch self {
        case .noAttitude, .tippedOver: settings.base != nil
        case .noPlace: settings.placeStaleSeconds != nil
        default: true
        }
    }
}

/// The simulated robot with trouble in what it says.
final class RehearsedBody: DrivenBody {
    private let body: SimulatedBody
    private let joints: [Joint]
    private let joint: Int
    /// What goes wrong from now on.
    var trouble: RehearsedTrouble?
    private var frozen: JointSample?

    /// A body whose trouble shows at `joint`.
    init(_ body: SimulatedBody, robot: RobotDescription, joint: Int) {
        self.body = body
        joints = robot.joints
        self.joint = joint
    }

    var jointCount: Int { body.jointCount }

    func now() -> MonotonicTime { body.now() }

    func waitForTick() -> TickTiming {
        var timing = body.waitForTick()
        if trouble == .lateTicks { timing.skippedTicks = 1 }
        return timing
    }

    func read(into state: inout BodyState) {
        let before = state.samples[joint]
        body.read(into: &state)
        standUpright(&state)
        guard let trouble, let sample = state.samples[joint] else { return }
        switch trouble {
        case .silentServo: state.samples[joint] = before
        case .lostBus: state.fault = .lostBus
        case .servoWatchdog: if !state.torqueEnabled.isEmpty { state.fault = .servoWatchdog }
        case .servoRestart: if !state.torqueEnabled.isEmpty { state.fault = .servoRebooted }
        case .hardwareError: state.health[joint]?.hardwareError = 1
        case .hotServo: state.health[joint]?.temperature = joints[joint].limits.stopTemperature
        case .warmServo:
            let limits = joints[joint].limits
            state.health[joint]?.temperature =
                (limits.slowTemperature + limits.stopTemperature) / 2
        case .wrongVoltage:
            state.health[joint]?.inputVoltage = joints[joint].servo.nominalVoltage / 2
        default: spoil(sample, trouble, &state)
        }
    }

    /// A robot that swings its legs for a rehearsal would tumble about; the body is said to stand.
    private func standUpright(_ state: inout BodyState) {
        guard var base = state.base else { return }
        (base.roll, base.pitch) = (0, 0)
        if trouble == .tippedOver { base.roll = .pi }
        state.base = trouble == .noAttitude ? nil : base
        state.place?.height = .nan
        if trouble == .noPlace { state.place = nil }
    }

    /// Trouble in the reading itself.
    private func spoil(
        _ sample: JointSample,
        _ trouble: RehearsedTrouble,
        _ state: inout BodyState
    ) {
        let limits = joints[joint].limits
        var sample = sample
        switch trouble {
        case .tooFast: sample.velocity = limits.tripVelocity * 1.1
        case .tooFarOut:
            sample.position = limits.position.upperBound + limits.hardZone + degrees(1)
        case .tooMuchCurrent: sample.current = limits.current * 1.1
        case .muchCurrentForLong: sample.current = limits.current * 0.99
        case .blockedJoint:
            let held = frozen ?? sample
            frozen = held
            sample.position = held.position
            sample.velocity = 0
        default: break
        }
        state.samples[joint] = sample
    }

    func write(_ goal: consuming SafeGoal) { body.write(goal) }

    func enableTorque(
        _ permit: consuming TorquePermit,
        state: inout BodyState
    ) throws(ArmingError) {
        try body.enableTorque(permit, state: &state)
    }

    func disableTorque(_ joints: JointSet) -> JointSet { body.disableTorque(joints) }

    func damp(_ joints: JointSet) -> JointSet { body.damp(joints) }
}
