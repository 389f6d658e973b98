import Physics
import ServoProtocol

/// What the servo shows of itself: registers 120 to 147.
extension EmulatedServo {
    /// How near to its goal a servo says "in position", pulses (not documented: a guess).
    private static let inPositionPulses = 20
    /// How far from its trajectory a servo says it does not follow, pulses (a guess).
    private static let followingErrorPulses = 90

    /// Brings the present registers up to what the plant measures at `now`.
    mutating func refresh(_ measurement: ServoMeasurement, now: Int64) {
        self.measurement = measurement
        if isTorqueOn { profile.advance(nanoseconds: now - refreshedAt) }
        refreshedAt = now
        let sign = direction
        image[.realtimeTick] = Int((now - bootTime) / 1_000_000 % 32_768)
        image[.presentPosition] = presentPosition
        image[.presentVelocity] = sign * measurement.velocity
        image[.presentPWM] = sign * measurement.pwm
        image[.presentCurrent] = sign * measurement.current
        let voltage = faults.inputVoltage ?? measurement.inputVoltage
        let temperature = faults.temperature ?? measurement.temperature
        image[.presentInputVoltage] = Int((voltage * 10).rounded())
        image[.presentTemperature] = Int(max(0, min(255, temperature.rounded())))
        refreshTrajectory()
        checkConditions(now: now)
    }

    private mutating func refreshTrajectory() {
        let present = image[.presentPosition]
        let velocity = image[.presentVelocity]
        if mode == .velocity {
            image[.velocityTrajectory] = isTorqueOn ? image[.goalVelocity] : 0
            image[.positionTrajectory] = present
        } else {
            let speed = profile.velocity / MotionProfile.velocityUnit
            image[.velocityTrajectory] = Int(speed.rounded())
            image[.positionTrajectory] =
                isTorqueOn && hasPositionGoal ? Int(profile.position.rounded()) : present
        }
        let runs = isTorqueOn && profile.isRunning
        image[.moving] = runs || abs(velocity) > image[.movingThreshold] ? 1 : 0
        guard hasPositionGoal, isTorqueOn else {
            image[.movingStatus] = 0
            return
        }
        var status = Int(profile.shape.rawValue) << 4
        if abs(image[.goalPosition] - present) <= Self.inPositionPulses { status |= 1 }
        if runs { status |= 1 << 1 }
        let error = abs(image[.positionTrajectory] - present)
        if error > Self.followingErrorPulses { status |= 1 << 3 }
        image[.movingStatus] = status
    }

    /// Notices voltage and temperature outside their limits; a bit stays until a reboot.
    private mutating func checkConditions(now: Int64) {
        var bits = HardwareErrorBits(rawValue: faults.hardwareError)
        let voltage = image[.presentInputVoltage]
        if voltage > image[.maxVoltageLimit] || voltage < image[.minVoltageLimit] {
            bits.insert(.inputVoltage)
        }
        if image[.presentTemperature] > image[.temperatureLimit] { bits.insert(.overheating) }
        let known = Int(bits.rawValue & table.hardwareErrorMask)
        guard known != 0 else { return }
        image[.hardwareErrorStatus] |= known
        if isShutDown, isTorqueOn { setTorque(false, now: now) }
    }

    /// Whether an error that Shutdown (63) names forbids torque until a reboot.
    var isShutDown: Bool { image[.hardwareErrorStatus] & image[.shutdown] != 0 }

    /// When the Bus Watchdog stops the servo unless it is fed, `nil` if it is off.
    var watchdogDeadline: Int64? {
        let setting = image[.busWatchdog]
        guard isTorqueOn, setting > 0 else { return nil }
        let unit = Int64(table.busWatchdogUnitMilliseconds) * 1_000_000
        return watchdogFedAt + Int64(setting) * unit
    }

    /// Stops the servo where it is, because the host fell silent.
    ///
    /// Torque stays on; goals are refused until 0 is written to Bus Watchdog. Goals are changed to
    /// rest, so that clearing the watchdog does not start the motion again.
    mutating func tripWatchdog() {
        image[.busWatchdog] = -1
        image[.profileVelocity] = 0
        image[.profileAcceleration] = 0
        image[.goalVelocity] = 0
        if mode == .pwm { image[.goalPWM] = 0 }
        if mode == .current { image[.goalCurrent] = 0 }
        image[.goalPosition] = presentPosition
        profile.rest(at: presentPosition)
    }
}
