import Physics
import Robot
public import ServoProtocol

/// One moteus controller: its modes, faults and watchdog, and what it tells the motor.
///
/// `now` is nanoseconds of the controller's own time. Of the maker's modes it has stopped, fault,
/// position, timeout, velocity zero, stay within and brake, and `enabling` on the way to torque.
/// The position law has no integral: the maker's default bounds it to nothing.
public struct EmulatedMoteus: Sendable {
    /// What it is, settings as they are now.
    public internal(set) var setup: MoteusSetup
    /// Settings as they are after the next power-on.
    var stored: MoteusSetup
    /// Text of the console on its way in and out.
    var consoleInput: [UInt8] = []
    var consoleOutput: [UInt8] = []
    /// The ID it answers to.
    public internal(set) var id: UInt8
    /// What it does.
    public private(set) var mode = MoteusMode.stopped
    /// Why it stopped.
    public private(set) var fault = MoteusFault.none
    /// Times its watchdog expired.
    public private(set) var timeouts = 0

    var troubles = MoteusTroubles()
    /// What the plant measured last.
    var measurement = ServoMeasurement()
    /// The plant's pulse count at position zero.
    private(set) var zeroPulses = 0
    /// 0 where it was at power-on, 1 the rotor, 2 the output.
    private(set) var homeState = 1
    /// What the last command said.
    private(set) var goal = MoteusGoal()
    /// When power came on.
    private(set) var poweredAt: Int64
    /// Where the goal was, and when, for goals that move on.
    private var goalStart = (position: 0.0, time: Int64(0))
    /// The mode that `enabling` leads to, and when.
    private var enabled: (mode: MoteusMode, time: Int64)?
    /// When the command's time is over; `nil` for never.
    private(set) var deadline: Int64?
    /// Whether the plant has to be told.
    var hasNews = true

    init(_ setup: MoteusSetup, now: Int64) {
        self.setup = setup
        stored = setup
        id = setup.id
        poweredAt = now
    }

    // MARK: Measuring

    /// Revolutions.
    var position: Double { position(pulses: measurement.pulses) }
    /// Revolutions a second.
    var velocity: Double {
        Double(measurement.velocity) * setup.servo.velocityUnit / (2 * .pi)
    }
    var current: Double { Double(measurement.current) * setup.servo.currentUnit }
    var torque: Double { current * setup.torqueConstant }
    var temperature: Double { troubles.temperature ?? measurement.temperature }
    var inputVoltage: Double { troubles.inputVoltage ?? measurement.inputVoltage }

    private func position(pulses: Int) -> Double {
        Double(pulses - zeroPulses) / Double(setup.servo.pulsesPerTurn)
    }

    private func pulses(position: Double) -> Double {
        position * Double(setup.servo.pulsesPerTurn) + Double(zeroPulses)
    }

    /// Where the position law's goal is at a time, revolutions.
    func goalPosition(at now: Int64) -> Double {
        let seconds = Double(now - goalStart.time) * 1e-9
        let moved = goalStart.position + goal.value(.commandVelocity, default: 0) * seconds
        return min(max(moved, setup.positionBounds.lowerBound), setup.positionBounds.upperBound)
    }

    // MARK: Power

    /// Power off and on: the encoder knows its angle within a turn, and nothing else is kept.
    mutating func powerCycle(now: Int64) {
        stop()
        setup = stored
        id = setup.id
        (consoleInput, consoleOutput) = ([], [])
        goal = MoteusGoal()
        poweredAt = now
        homeState = 1
        let turn = setup.servo.pulsesPerTurn
        let within = ((measurement.pulses % turn) + turn) % turn
        zeroPulses = measurement.pulses - (within < turn / 2 ? within : within - turn)
        hasNews = true
    }

    /// Counts from elsewhere: the motor is at `position` now.
    ///
    /// The nearest whole turn of it if only the output's encoder knows (register 130).
    mutating func setPosition(_ position: Double, nearest: Bool) {
        guard position.isFinite, abs(position) < 1e6 else { return }
        let turn = Double(setup.servo.pulsesPerTurn)
        if nearest {
            let turns = (position - self.position).rounded()
            zeroPulses -= Int((turns * turn).rounded())
        } else {
            zeroPulses = measurement.pulses - Int((position * turn).rounded())
        }
        homeState = 2
        hasNews = true
    }

    /// Forgets what the output's encoder said.
    mutating func requireReindex() { homeState = 1 }

    /// The law's goal becomes where the motor is, and at rest.
    mutating func recapture(now: Int64) {
        goalStart = (position, now)
        goal[.commandVelocity] = 0
        hasNews = true
    }

    // MARK: Commands

    /// Takes a command; whether it is a mode this controller has.
    mutating func take(_ wanted: MoteusMode, _ new: MoteusGoal, now: Int64) -> Bool {
        switch wanted {
        case .stopped:
            stop()
            return true
        case .position, .zeroVelocity, .stayWithin, .brake: break
        default: return false
        }
        // Only a stop ends a fault or an expired watchdog.
        guard mode != .fault, mode != .timeout else { return true }
        let starts = mode != wanted && (wanted == .position || wanted == .stayWithin)
        if starts, !isWithinBounds {
            fail(.outsideLimit)
            return true
        }
        let going = mode == .position ? goalPosition(at: now) : position
        let wish = new[.commandPosition].isNaN ? going : new[.commandPosition]
        goal = new
        goalStart = (wish, now)
        let timeout = new.value(
            wanted == .stayWithin ? .withinTimeout : .watchdogTimeout,
            default: .infinity
        )
        let seconds = timeout == 0 ? setup.defaultTimeout : timeout
        let isEndless = !(seconds < 1e6) || wanted == .brake
        deadline = isEndless ? nil : now + Int64(max(seconds, 0) * 1e9)
        enter(wanted, now: now)
        hasNews = true
        return true
    }

    private var isWithinBounds: Bool { setup.positionBounds.contains(position) }

    private mutating func enter(_ wanted: MoteusMode, now: Int64) {
        if mode == .stopped, wanted != .brake {
            mode = .enabling
            enabled = (wanted, now + setup.enablingNanoseconds)
        } else if mode == .enabling, let ready = enabled {
            enabled = (wanted, ready.time)
        } else {
            mode = wanted
        }
        watch(now: now)
    }

    private mutating func stop() {
        mode = .stopped
        fault = .none
        enabled = nil
        deadline = nil
        hasNews = true
    }

    /// Says that something is wrong; what only bounds the motor does not stop it.
    mutating func report(_ code: MoteusFault) {
        if code.isLimit { fault = code } else { fail(code) }
    }

    private mutating func fail(_ code: MoteusFault) {
        mode = .fault
        fault = code
        enabled = nil
        deadline = nil
        hasNews = true
    }

    // MARK: Time

    /// The next moment something changes by itself; `nil` for none.
    var nextChange: Int64? {
        guard let ready = enabled?.time else { return deadline }
        return min(ready, deadline ?? ready)
    }

    /// Looks at clock and sensors.
    mutating func watch(now: Int64) {
        if let ready = enabled, ready.time <= now {
            enabled = nil
            mode = ready.mode
            hasNews = true
        }
        if let end = deadline, end <= now {
            // What it was to do in that time is over; the law's goal stays where it was last.
            goalStart = (goalPosition(at: end), end)
            deadline = nil
            enabled = nil
            mode = .timeout
            timeouts += 1
            hasNews = true
        }
        guard mode.hasTorque else { return }
        if temperature > setup.servo.temperatureLimit { fail(.overTemperature) }
        if inputVoltage < setup.lowestVoltage { fail(.underVoltage) }
        if inputVoltage > setup.highestVoltage { fail(.overVoltage) }
        // The bound that holds it depends on where it is.
        if mode == .stayWithin { hasNews = true }
    }

    // MARK: The motor

    /// What the motor is told now.
    func command(now: Int64) -> ServoCommand {
        var command = ServoCommand()
        command.mode = .impedance
        switch mode {
        case .position: command.impedance = positionLaw(now: now)
        case .zeroVelocity: command.impedance = damper(maximum: maximum(.maximumTorque))
        case .stayWithin: command.impedance = withinLaw()
        case .brake: return Self.shorted
        case .timeout:
            if setup.timeoutMode == 15 { return Self.shorted }
            guard setup.timeoutMode != 0 else { return command }
            let torque = min(setup.timeoutMaximumTorque, setup.maximumTorque)
            command.impedance = damper(maximum: torque)
            if setup.timeoutMode == 10 {
                command.impedance.pulses = pulses(position: goalStart.position)
                command.impedance.stiffness = setup.kp / (2 * .pi)
            }
        default: return command
        }
        command.torqueEnabled = true
        return command
    }

    private static let shorted: ServoCommand = {
        var command = ServoCommand()
        command.torqueEnabled = true
        command.mode = .pwm
        command.goalPWM = 0
        return command
    }()

    private func positionLaw(now: Int64) -> ImpedanceGoal {
        var law = damper(maximum: maximum(.maximumTorque))
        law.damping *= share(.kdScale)
        law.stiffness = setup.kp * share(.kpScale) / (2 * .pi)
        law.pulses = pulses(position: goalPosition(at: now))
        law.velocity = goal.value(.commandVelocity, default: 0) * 2 * .pi
        law.movesOn = law.velocity != 0
        law.feedForward = goal.value(.feedForwardTorque, default: 0)
        law.velocityLimit = max(goal.value(.velocityLimit, default: 0), 0) * 2 * .pi
        law.accelerationLimit = max(goal.value(.accelerationLimit, default: 0), 0) * 2 * .pi
        return law
    }

    private func withinLaw() -> ImpedanceGoal {
        let lower = goal.value(.withinLower, default: -.infinity)
        let upper = goal.value(.withinUpper, default: .infinity)
        var law = damper(maximum: maximum(.withinMaximumTorque))
        law.feedForward = goal.value(MoteusRegister(rawValue: 0x42), default: 0)
        guard position < lower || position > upper else {
            law.damping = 0
            return law
        }
        law.damping *= share(MoteusRegister(rawValue: 0x44))
        law.stiffness = setup.kp * share(MoteusRegister(rawValue: 0x43)) / (2 * .pi)
        law.pulses = pulses(position: position < lower ? lower : upper)
        return law
    }

    private func damper(maximum: Double) -> ImpedanceGoal {
        var law = ImpedanceGoal()
        law.damping = setup.kd / (2 * .pi)
        law.maximumTorque = maximum
        return law
    }

    private func share(_ register: MoteusRegister) -> Double {
        min(max(goal.value(register, default: 1), 0), 1)
    }

    private func maximum(_ register: MoteusRegister) -> Double {
        min(max(goal.value(register, default: setup.maximumTorque), 0), setup.maximumTorque)
    }
}
