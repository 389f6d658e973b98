import Glibc
public import Physics
import ServoProtocol

/// Servos without a load and without MuJoCo: each follows its goal with a first-order lag.
///
/// For tests and for builds without physics. Angles settle to the goal exactly; there is no
/// friction, no gravity and no current worth the name.
public final class FreeServoPlant: ServoPlant {
    /// What the numbers of a servo's registers are worth.
    private struct Units {
        /// Pulses a second in one unit of the velocity registers.
        var velocity = MotionProfile.velocityUnit
        /// Pulses a second squared in one unit of Profile Acceleration.
        var acceleration = MotionProfile.accelerationUnit
        /// The PWM of full voltage.
        var fullPWM = 885
        /// No-load speed in pulses a second (77 rev/min, XM430-W210 at 12 V).
        var topSpeed = 77.0 / 60 * 4096

        init() {}

        init(_ table: ControlTable) {
            let turn = Double(table.pulsesPerTurn)
            velocity = table.velocityUnit / 60 * turn
            acceleration = 214.577 / 3600 * turn
            fullPWM = table.fullPWM
            topSpeed = 77.0 / 60 * turn
        }
    }

    private struct Shaft {
        var position: Double
        var units = Units()
        var velocity = 0.0
        var trajectory = MotionProfile()
        var command = ServoCommand()
        var temperature = 25.0
        var inputVoltage: Double
    }

    /// Time constant of the position loop in seconds; a guess between a stiff and a lazy servo.
    private let lagSeconds = 0.02
    private var shafts: [Shaft]

    /// Shafts at rest at these encoder counts, each at `inputVoltage`.
    public init(initialPulses: [Int], inputVoltage: Double = 12) {
        shafts = initialPulses.map { pulses in
            var shaft = Shaft(position: Double(pulses), inputVoltage: inputVoltage)
            shaft.trajectory.rest(at: pulses)
            return shaft
        }
    }

    /// A shaft for each of the setups' servos, at its own initial angle and nominal voltage.
    public convenience init(setups: [EmulatedServoSetup]) {
        let count = (setups.map(\.plantIndex).max() ?? -1) + 1
        self.init(initialPulses: Array(repeating: 0, count: count))
        for setup in setups {
            shafts[setup.plantIndex].position = Double(setup.initialPulses)
            shafts[setup.plantIndex].trajectory.rest(at: setup.initialPulses)
            shafts[setup.plantIndex].inputVoltage = setup.nominalVoltage
            shafts[setup.plantIndex].units = Units(setup.table)
        }
    }

    /// How many shafts there are.
    public var servoCount: Int { shafts.count }

    /// Turns a shaft by hand to an encoder count; a driven one springs back.
    public func turn(servo: Int, to pulses: Int) {
        shafts[servo].position = Double(pulses)
    }

    /// Sets what a servo's thermometer and voltmeter say.
    public func setConditions(servo: Int, temperature: Double, inputVoltage: Double) {
        shafts[servo].temperature = temperature
        shafts[servo].inputVoltage = inputVoltage
    }

    /// Tells a shaft's controller what holds from now on.
    public func command(servo: Int, _ command: ServoCommand) {
        let before = shafts[servo].command
        shafts[servo].command = command
        guard command.torqueEnabled else { return }
        if !before.torqueEnabled {
            shafts[servo].trajectory.rest(at: Int(shafts[servo].position.rounded()))
        }
        if !before.torqueEnabled || before != command {
            shafts[servo].trajectory.plan(
                goal: command.goalPulses,
                velocity: Double(command.profileVelocity) * shafts[servo].units.velocity,
                acceleration: Double(command.profileAcceleration)
                    * shafts[servo].units.acceleration
            )
        }
    }

    /// Lets time pass; the lag is exact for any step, the trajectory runs in milliseconds.
    public func advance(nanoseconds: Int64) {
        for index in shafts.indices { advance(&shafts[index], nanoseconds: nanoseconds) }
    }

    private func advance(_ shaft: inout Shaft, nanoseconds: Int64) {
        var left = nanoseconds
        while left > 0 {
            let step = min(left, 1_000_000)
            left -= step
            if isAtRest(shaft) {
                shaft.velocity = 0
                return
            }
            move(&shaft, nanoseconds: step)
        }
    }

    /// Whether time cannot change the shaft, so that long waits cost nothing.
    private func isAtRest(_ shaft: Shaft) -> Bool {
        guard shaft.command.torqueEnabled else { return true }
        switch shaft.command.mode {
        case .position, .extendedPosition, .currentBasedPosition:
            return !shaft.trajectory.isRunning && shaft.position == shaft.trajectory.position
        case .velocity: return shaft.command.goalVelocity == 0
        case .pwm: return shaft.command.goalPWM == 0
        case .current: return shaft.command.goalCurrent == 0
        case .impedance: return false
        }
    }

    private func move(_ shaft: inout Shaft, nanoseconds: Int64) {
        let seconds = Double(nanoseconds) * 1e-9
        let top = shaft.units.topSpeed
        switch shaft.command.mode {
        case .position, .extendedPosition, .currentBasedPosition:
            shaft.trajectory.advance(nanoseconds: nanoseconds)
            let way = shaft.trajectory.position - shaft.position
            var change = way * (1 - exp(-seconds / lagSeconds))
            change = max(-top * seconds, min(top * seconds, change))
            shaft.velocity = change / seconds
            // Half an encoder pulse cannot be told from being there; on the way it is a slow motion.
            let hasArrived = abs(way) < 0.25 && !shaft.trajectory.isRunning
            shaft.position = hasArrived ? shaft.trajectory.position : shaft.position + change
        case .velocity:
            shaft.velocity = Double(shaft.command.goalVelocity) * shaft.units.velocity
            shaft.position += shaft.velocity * seconds
        case .pwm:
            shaft.velocity = top * Double(shaft.command.goalPWM) / Double(shaft.units.fullPWM)
            shaft.position += shaft.velocity * seconds
        case .current:
            shaft.velocity = shaft.command.goalCurrent < 0 ? -top : top
            shaft.position += shaft.velocity * seconds
        case .impedance:
            follow(shaft.command.impedance, &shaft, seconds: seconds)
        }
    }

    /// A spring pulls with the same lag, however stiff; without one the damper alone sets the speed.
    ///
    /// Nothing here has a mass or a top speed; torques and path limits have no effect.
    private func follow(_ goal: ImpedanceGoal, _ shaft: inout Shaft, seconds: Double) {
        let way = goal.stiffness > 0 ? goal.pulses - shaft.position : 0
        let drift = goal.damping > 0 ? goal.velocity / (2 * .pi) * 4096 : 0
        let change = way * (1 - exp(-seconds / lagSeconds)) + (way == 0 ? drift * seconds : 0)
        shaft.velocity = change / seconds
        shaft.position = abs(way) > 0 && abs(way) < 0.25 ? goal.pulses : shaft.position + change
    }

    /// What a shaft's sensors say now.
    public func measure(servo: Int) -> ServoMeasurement {
        let shaft = shafts[servo]
        var measurement = ServoMeasurement()
        measurement.pulses = Int(shaft.position.rounded())
        measurement.velocity = Int((shaft.velocity / shaft.units.velocity).rounded())
        measurement.temperature = shaft.temperature
        measurement.inputVoltage = shaft.inputVoltage
        if shaft.command.torqueEnabled {
            let share = shaft.velocity / shaft.units.topSpeed
            measurement.pwm = Int((share * Double(shaft.units.fullPWM)).rounded())
        }
        return measurement
    }
}
