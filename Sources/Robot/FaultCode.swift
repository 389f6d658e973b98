/// Why the robot stopped by itself.
///
/// Numbers never change; each has a page in docs/faults.
@frozen public enum FaultCode: UInt8, Sendable, BitwiseCopyable, CaseIterable {
    /// A joint was never read, or its newest sample is older than allowed.
    case staleReading = 10
    /// A joint moved faster than its trip velocity.
    case overspeed = 11
    /// A joint's goal was at the edge of the following-error window for too long.
    case followingError = 12
    /// A servo is hotter than its stop temperature.
    case overTemperature = 13
    /// A servo reports a hardware error.
    case hardwareError = 14
    /// A servo's current stayed above its limit.
    case overCurrent = 15
    /// The policy or the task proposed a goal that is not a number.
    case invalidGoal = 16
    /// A joint is so far outside its limits that moving it is refused.
    case outsideLimits = 17
    /// The control loop missed too many ticks in a row.
    case lateTicks = 18
    /// A servo's supply voltage stayed outside its range.
    case voltageOutOfRange = 19
    /// The port is gone, or every servo on a bus is silent.
    case lostBus = 20
    /// A servo's own watchdog stopped it.
    case servoWatchdog = 21
    /// A servo restarted by itself.
    case servoRebooted = 22
    /// A servo would not take a setting, or torque on could not be verified.
    case armingFailed = 23
    /// A joint, or the robot as a whole, drew more power than allowed for too long.
    case overPower = 24
    /// A joint's current was above what it stands for ever for too long (I²t).
    case thermalOverload = 25
    /// The supervisor had to hold a joint back for too long without a break.
    case limitedTooLong = 26
    /// The attitude of the robot's body is not known, or too old.
    case attitudeStale = 27
    /// The robot's body is tilted beyond what stops it.
    case baseTipped = 28
    /// The robot's body is too low or too high.
    case baseHeight = 29
    /// The simulation became unstable.
    case simulationBroken = 30
    /// The newest picture of a camera is older than allowed.
    case cameraLate = 31
    /// A camera gives the same picture again and again.
    case cameraFrozen = 32
    /// A camera's pictures are black, or nearly so.
    case cameraDark = 33
    /// A camera's stream has ended or broken.
    case cameraLost = 34
    /// Nobody says any more where the robot is or how fast it walks.
    case placeStale = 35
    /// The episode's reset did not reach its pose and nobody helped.
    case resetFailed = 40
    /// The transition ring filled up: the learner or the disk fell behind by a minute.
    case dataLost = 50
    /// The journal could not be written.
    case journalFailed = 51
    /// The learner stopped by itself.
    case learnerFailed = 52
    /// Somebody pressed the emergency stop.
    case emergencyStop = 60

    /// One line for a person: what happened and what to do first.
    public var explanation: String {
        switch self {
        case .staleReading:
            "a joint could not be read in time; check its cable, ID and power"
        case .overspeed: "a joint moved faster than its trip velocity; look for a crash or a slip"
        case .followingError:
            "a joint does not follow its goal; look for something that blocks it"
        case .overTemperature: "a servo is too hot; let it cool, then look at its load"
        case .hardwareError:
            "a servo reports a hardware error; clear the cause, then power-cycle or reboot it"
        case .overCurrent: "a servo's current stayed above its limit; look for a jam"
        case .invalidGoal: "a goal was not a number; the policy or the task is broken"
        case .outsideLimits: "a joint is outside its limits; move it back by hand"
        case .lateTicks: "the control loop could not keep its rate; look at the machine's load"
        case .voltageOutOfRange:
            "a servo's supply voltage is out of range; check the supply, its cables and its load"
        case .overPower: "more power was drawn than allowed; look for a jam or a short"
        case .thermalOverload:
            "a joint's current was high for too long; let its motor cool, then look at its load"
        case .limitedTooLong:
            "a joint's goals had to be held back for too long; look at what the policy asks of it"
        case .attitudeStale: "the body's attitude is not known; check the IMU and its cable"
        case .baseTipped: "the body is tilted too far; put the robot on its feet"
        case .baseHeight: "the body is too low or too high; look at the ground and the legs"
        case .placeStale:
            "nobody says where the robot is; check the speed sensor (docs/speed-sensor.md)"
        case .lostBus: "the servo bus is gone; check the adapter, its cable and the power"
        case .servoWatchdog: "a servo's watchdog stopped it; the program did not talk to it in time"
        case .servoRebooted: "a servo restarted by itself; check its power supply"
        case .armingFailed: "a servo could not be armed; see the message before this one"
        case .simulationBroken: "the simulation became unstable; look at the model and its gains"
        case .cameraLate:
            "a camera's pictures come too late; look at its cable and the machine's load"
        case .cameraFrozen: "a camera's picture stands still; unplug it and plug it in again"
        case .cameraDark: "a camera sees nothing; look at the light, its lens and its exposure"
        case .cameraLost: "a camera's stream has ended; check its cable and `sacbot check`"
        case .resetFailed: "the reset did not reach its pose; free the named joints"
        case .dataLost: "the learner fell a minute behind; look at disk and processor load"
        case .journalFailed: "the journal could not be written; look at the disk"
        case .learnerFailed: "the learner stopped; see the message before this one"
        case .emergencyStop: "emergency stop"
        }
    }
}
