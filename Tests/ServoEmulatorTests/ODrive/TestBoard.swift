import Physics

@testable import ServoEmulator

/// A rotor without friction or load behind a torque-controlled motor.
///
/// Steps of a tenth of a millisecond, the damper taken implicitly; fine enough to be compared with
/// a loop that is closed 8000 times a second.
final class RotorPlant: ServoPlant {
    struct Rotor {
        var position = 0.0
        var velocity = 0.0
        var command = ServoCommand()
        /// Turned from outside at this speed whatever the motor does, rad/s.
        var forcedVelocity: Double?
    }

    static let pulsesPerTurn = 1 << 20
    static let velocityUnit = 1e-4
    let inertia: Double
    var rotors: [Rotor]
    private var owed: Int64 = 0

    init(count: Int, inertia: Double) {
        self.inertia = inertia
        rotors = Array(repeating: Rotor(), count: count)
    }

    var servoCount: Int { rotors.count }

    func command(servo: Int, _ command: ServoCommand) { rotors[servo].command = command }

    func advance(nanoseconds: Int64) {
        owed += nanoseconds
        while owed >= 100_000 {
            owed -= 100_000
            for index in rotors.indices { step(&rotors[index], 1e-4) }
        }
    }

    private func step(_ rotor: inout Rotor, _ dt: Double) {
        if let forced = rotor.forcedVelocity {
            rotor.velocity = forced
        } else if rotor.command.torqueEnabled {
            let goal = rotor.command.impedance
            let target = goal.pulses / Double(Self.pulsesPerTurn) * 2 * .pi
            let atRest =
                goal.stiffness * (target - rotor.position) + goal.damping * goal.velocity
                + goal.feedForward
            let wanted = atRest - goal.damping * rotor.velocity
            if abs(wanted) > goal.maximumTorque {
                let torque = wanted < 0 ? -goal.maximumTorque : goal.maximumTorque
                rotor.velocity += torque / inertia * dt
            } else {
                let share = dt / inertia
                rotor.velocity =
                    (rotor.velocity + share * atRest) / (1 + share * goal.damping)
            }
        }
        rotor.position += rotor.velocity * dt
    }

    func measure(servo: Int) -> ServoMeasurement {
        let rotor = rotors[servo]
        var measurement = ServoMeasurement()
        let turns = rotor.position / (2 * .pi)
        measurement.pulses = Int((turns * Double(Self.pulsesPerTurn)).rounded())
        measurement.velocity = Int((rotor.velocity / Self.velocityUnit).rounded())
        measurement.temperature = 31.5
        measurement.inputVoltage = 24
        return measurement
    }
}

/// A board on a clock that the test turns by hand, with two rotors behind it.
struct TestBoard {
    var core: ODriveCore
    var now: Int64 = 1_000_000_000
    let shared: SharedPlant

    /// Two motors that turn rotors 0 and 1.
    static var axes: [ODriveAxisSetup?] {
        [0, 1].map { index in
            var axis = ODriveAxisSetup(plantIndex: index)
            axis.pulsesPerTurn = RotorPlant.pulsesPerTurn
            axis.velocityUnit = RotorPlant.velocityUnit
            return axis
        }
    }

    init(
        inertia: Double = 0.001,
        change: (inout ODriveSetup, inout EmulatorOptions) -> Void = { _, _ in }
    ) {
        var setup = ODriveSetup(axes: Self.axes)
        var options = EmulatorOptions()
        options.timing = .instant
        change(&setup, &options)
        shared = SharedPlant(ODrivePlant(RotorPlant(count: 2, inertia: inertia)))
        core = ODriveCore(setup: setup, plant: shared, options: options, now: now)
    }

    /// Lets milliseconds pass.
    mutating func wait(_ milliseconds: Double) {
        now += Int64((milliseconds * 1e6).rounded())
        _ = core.advance(to: now)
    }

    /// Sends bytes; returns the answers as text, line ends and all.
    mutating func raw(_ text: String) -> [String] {
        core.receive(Array(text.utf8), rate: nil, now: now).map {
            String(decoding: $0.bytes, as: UTF8.self)
        }
    }

    /// Sends one line; returns the answers without line ends.
    @discardableResult
    mutating func say(_ line: String) -> [String] {
        raw(line + "\n").map { $0.hasSuffix("\r\n") ? String($0.dropLast()) : "no line: \($0)" }
    }

    /// Reads a property as a number.
    mutating func number(_ path: String) -> Double? {
        say("r " + path).first.flatMap { Double($0) }
    }

    /// Both axes into closed loop.
    mutating func close() {
        say("w axis0.requested_state 8")
        say("w axis1.requested_state 8")
        wait(5)
    }

    func rotor<Result: Sendable>(
        _ body: @Sendable (RotorPlant) -> Result
    ) -> Result? {
        shared.withPlant { plant -> Result? in
            ((plant as? ODrivePlant)?.inner as? RotorPlant).map { body($0) }
        }
    }
}
