internal import Robot

/// What the servo's loops ask of the motor.
enum MotorDemand: Sendable {
    /// The bridge is open: the motor coasts.
    case off
    /// A duty cycle in PWM register units, already limited.
    case pwm(Double)
    /// A current in amperes; the duty that makes it may be at most `pwmLimit` PWM units.
    case current(Amperes, pwmLimit: Double)
    /// A torque of at most `maximum` N·m, as far as the supply's voltage can drive it.
    case torque(TorqueLaw, maximum: NewtonMetres)
}

/// The control loops inside a servo, in its registers' units.
///
/// Gains follow the X-series manual: position P/128 (see `positionGainDivisor`), I/65536, D/16,
/// velocity P/128, I/65536. The manual does not say how often the loops run; I and D are taken per
/// millisecond, which makes the factory velocity gains settle without overshoot.
struct ServoController: Sendable {
    private(set) var command = ServoCommand()
    private(set) var profile = MotionProfile(position: 0)
    private var integral = 0.0
    private let servo: ServoSpecification
    private let pulsesPerSecondPerVelocity: Double
    private let pulsesPerAcceleration: Double

    init(_ servo: ServoSpecification) {
        self.servo = servo
        let pulses = Double(servo.pulsesPerTurn)
        pulsesPerSecondPerVelocity = servo.velocityUnit / (2 * .pi) * pulses
        // Profile Acceleration: 214.577 rev/min² a unit.
        pulsesPerAcceleration = 214.577 / 3600 * pulses
    }

    /// Takes new registers of a servo that stands at `pulses`.
    mutating func take(_ new: ServoCommand, pulses: Int) {
        let starts = new.torqueEnabled && !command.torqueEnabled
        if starts || new.mode != command.mode {
            profile = MotionProfile(position: Double(pulses))
            integral = 0
        }
        if new.mode == .impedance, new.impedance.movesOn, new.impedance.pulses.isFinite {
            profile = MotionProfile(position: new.impedance.pulses)
        }
        command = new
    }

    /// Saves or restores registers, path and integral.
    mutating func carry(_ numbers: inout WorldNumbers) {
        command.carry(&numbers)
        profile.carry(&numbers)
        numbers.carry(&integral)
    }

    /// Runs the loops for one physics step.
    ///
    /// `pulses` as the encoder reads, `velocity` in pulses/s.
    mutating func demand(pulses: Int, velocity: Double, seconds: Double) -> MotorDemand {
        guard command.torqueEnabled else { return .off }
        let limit = Double(min(abs(command.goalPWM), abs(command.pwmLimit), servo.fullPWM))
        switch command.mode {
        case .pwm:
            // Here Goal PWM is the set point, so only the limit register caps it.
            let cap = Double(min(abs(command.pwmLimit), servo.fullPWM))
            return .pwm(min(max(Double(command.goalPWM), -cap), cap))
        case .current:
            return .current(Double(command.goalCurrent) * servo.currentUnit, pwmLimit: limit)
        case .velocity:
            return .pwm(velocityLoop(velocity: velocity, limit: limit, seconds: seconds))
        case .position, .extendedPosition:
            return .pwm(positionLoop(pulses, velocity: velocity, limit: limit, seconds: seconds))
        case .currentBasedPosition:
            let cap = Double(abs(command.goalCurrent))
            let units = positionLoop(pulses, velocity: velocity, limit: cap, seconds: seconds)
            return .current(units * servo.currentUnit, pwmLimit: limit)
        case .impedance:
            let maximum = abs(command.impedance.maximumTorque)
            let law = impedanceLaw(pulses, seconds: seconds)
            return .torque(law, maximum: maximum.isNaN ? .infinity : maximum)
        }
    }

    private mutating func impedanceLaw(_ pulses: Int, seconds: Double) -> TorqueLaw {
        let goal = command.impedance
        let pulsesPerRadian = Double(servo.pulsesPerTurn) / (2 * .pi)
        let nothing = TorqueLaw(atRest: 0, damping: 0)
        // A bad goal must not get into the path, where it would stay.
        guard goal.pulses.isFinite, goal.velocity.isFinite else { return nothing }
        if goal.velocityLimit > 0 || goal.accelerationLimit > 0 {
            profile.advance(
                toward: goal.pulses,
                speed: goal.velocityLimit > 0 ? goal.velocityLimit * pulsesPerRadian : .infinity,
                acceleration: goal.accelerationLimit * pulsesPerRadian,
                seconds: seconds
            )
        } else if goal.movesOn {
            profile.move(velocity: goal.velocity * pulsesPerRadian, seconds: seconds)
        } else {
            profile = MotionProfile(position: goal.pulses)
            profile.move(velocity: goal.velocity * pulsesPerRadian, seconds: 0)
        }
        let spring = goal.stiffness * (profile.position - Double(pulses)) / pulsesPerRadian
        let damper = goal.damping * profile.velocity / pulsesPerRadian
        let torque = spring + damper + goal.feedForward
        guard torque.isFinite, goal.damping.isFinite else { return nothing }
        return TorqueLaw(atRest: torque, damping: max(goal.damping, 0))
    }

    private mutating func positionLoop(
        _ pulses: Int,
        velocity: Double,
        limit: Double,
        seconds: Double
    ) -> Double {
        profile.advance(
            toward: Double(command.goalPulses),
            speed: Double(command.profileVelocity) * pulsesPerSecondPerVelocity,
            acceleration: Double(command.profileAcceleration) * pulsesPerAcceleration,
            seconds: seconds
        )
        let gains = command.positionGains
        let error = profile.position.rounded() - Double(pulses)
        let integralTerm = integrate(error, gain: gains.integral, limit: limit, seconds: seconds)
        let errorRate = (profile.velocity - velocity) / 1000
        let output =
            Double(gains.proportional) / servo.positionGainDivisor * error
            + integralTerm
            + Double(gains.derivative) / 16 * errorRate
        return min(max(output, -limit), limit)
    }

    private mutating func velocityLoop(
        velocity: Double,
        limit: Double,
        seconds: Double
    ) -> Double {
        profile.ramp(
            toward: Double(command.goalVelocity) * pulsesPerSecondPerVelocity,
            acceleration: Double(command.profileAcceleration) * pulsesPerAcceleration,
            seconds: seconds
        )
        let gains = command.velocityGains
        let error = (profile.velocity - velocity) / pulsesPerSecondPerVelocity
        let integralTerm = integrate(error, gain: gains.integral, limit: limit, seconds: seconds)
        let output = Double(gains.proportional) / 128 * error + integralTerm
        return min(max(output, -limit), limit)
    }

    /// The integral term, which never asks for more than the output can give.
    private mutating func integrate(
        _ error: Double,
        gain: Int,
        limit: Double,
        seconds: Double
    ) -> Double {
        guard gain != 0 else {
            integral = 0
            return 0
        }
        let factor = Double(gain) / 65536
        integral += error * seconds * 1000
        let bound = limit / abs(factor)
        integral = min(max(integral, -bound), bound)
        return integral * factor
    }
}
