public import Physics

/// A plant in which some servos are motors on ODrive boards, with their control loops in it.
///
/// The loops run once a millisecond of the plant's own time, whoever makes that time pass, so
/// several boards and Dynamixel buses may share one plant and the same commands give the same
/// motion however time is handed out. Servos without a drive are the inner plant's own.
public final class ODrivePlant: ServoPlant {
    /// How long a turn of the loops lasts.
    private static let loopNanoseconds: Int64 = 1_000_000

    /// One motor between board and plant.
    fileprivate struct Motor {
        var setup: ODriveAxisSetup
        var drive = ODriveDrive()
        /// Turns the encoder showed when it was switched on.
        var zero = 0.0
        var law: ODriveMotorLaw?
    }

    /// The plant, for what only a simulation can do.
    public let inner: any ServoPlant
    private var motors: [Int: Motor] = [:]
    /// Plant indices of the motors, in order, so that the same things happen in the same order.
    private var order: [Int] = []
    private var untilLoop: Int64 = 0

    /// Takes the plant over.
    public init(_ inner: any ServoPlant) { self.inner = inner }

    /// Where the robot's body is, `nil` if it stands on a fixed base.
    public var basePose: BasePose? { inner.basePose }

    /// How many servos there are, motors included.
    public var servoCount: Int { inner.servoCount }

    /// Tells a servo's own controller what holds; not for motors on a board.
    public func command(servo: Int, _ command: ServoCommand) {
        inner.command(servo: servo, command)
    }

    /// What a servo's sensors say now.
    public func measure(servo: Int) -> ServoMeasurement { inner.measure(servo: servo) }

    /// Lets time pass, with a turn of the loops at the beginning of each millisecond.
    public func advance(nanoseconds: Int64) {
        var left = nanoseconds
        while left > 0 {
            if untilLoop == 0 {
                runLoops()
                untilLoop = Self.loopNanoseconds
            }
            let step = order.isEmpty ? left : min(left, untilLoop)
            inner.advance(nanoseconds: step)
            untilLoop = order.isEmpty ? 0 : untilLoop - step
            left -= step
        }
    }

    private func runLoops() {
        for index in order {
            guard var motor = motors[index], motor.drive.isArmed else { continue }
            let sensed = motor.sense(inner.measure(servo: index))
            motor.law = motor.drive.step(
                position: sensed.position,
                velocity: sensed.velocity,
                seconds: Double(Self.loopNanoseconds) * 1e-9
            )
            motors[index] = motor
            inner.command(servo: index, motor.command)
        }
    }

    // MARK: The board's side

    /// What a board sees of one motor.
    struct Report: Sendable {
        /// Turns and turns/s of the motor.
        var position = 0.0
        var velocity = 0.0
        /// Amperes that make the torque.
        var current = 0.0
        var setPoints = ODriveInputs()
        var trip: ODriveDrive.Trip?
        var temperature = 25.0
        var inputVoltage = 24.0
    }

    /// Puts a motor on a board, its encoder as after power-up.
    func attach(_ setup: ODriveAxisSetup) {
        var motor = Motor(setup: setup)
        motor.powerUp(inner.measure(servo: setup.plantIndex))
        motors[setup.plantIndex] = motor
        order = motors.keys.sorted()
        inner.command(servo: setup.plantIndex, motor.command)
    }

    /// Sets what an encoder shows where it stands now.
    func setPosition(_ index: Int, turns: Double) {
        guard var motor = motors[index] else { return }
        motor.zero += motor.sense(inner.measure(servo: index)).position - turns
        motors[index] = motor
    }

    /// Tells a motor what holds from now on.
    func drive(
        _ index: Int,
        _ configuration: ODriveDriveConfiguration,
        _ inputs: ODriveInputs,
        armed: Bool
    ) {
        guard var motor = motors[index] else { return }
        let position = motor.sense(inner.measure(servo: index)).position
        let wasArmed = motor.drive.isArmed
        motor.drive.take(configuration, inputs, armed: armed, position: position)
        if !motor.drive.isArmed { motor.law = nil }
        motors[index] = motor
        if wasArmed != motor.drive.isArmed { inner.command(servo: index, motor.command) }
    }

    /// What a motor's sensors say now.
    func report(_ index: Int) -> Report {
        guard let motor = motors[index] else { return Report() }
        let measurement = inner.measure(servo: index)
        let sensed = motor.sense(measurement)
        var report = Report()
        report.position = sensed.position
        report.velocity = sensed.velocity
        report.setPoints = motor.drive.setPoints
        report.trip = motor.drive.trip
        report.temperature = measurement.temperature
        report.inputVoltage = measurement.inputVoltage
        if let law = motor.law, motor.drive.configuration.torqueConstant > 0 {
            let torque = law.torque(position: sensed.position, velocity: sensed.velocity)
            let allowed = min(max(torque, -law.maximum), law.maximum)
            report.current = allowed / motor.drive.configuration.torqueConstant
        }
        return report
    }
}

extension ODrivePlant.Motor {
    /// Turns and turns/s of the motor.
    fileprivate func sense(
        _ measurement: ServoMeasurement
    ) -> (position: Double, velocity: Double) {
        let turns = Double(measurement.pulses) / Double(setup.pulsesPerTurn)
        let speed = Double(measurement.velocity) * setup.velocityUnit / (2 * .pi)
        return (turns * setup.gearRatio - zero, speed * setup.gearRatio)
    }

    fileprivate mutating func powerUp(_ measurement: ServoMeasurement) {
        zero = 0
        let turns = sense(measurement).position
        switch setup.encoder {
        case .incremental: zero = turns
        case .absolute: zero = turns.rounded(.down)
        }
    }

    /// The law as the plant's servo is told it: at the far side of the gear, in its units.
    fileprivate var command: ServoCommand {
        var command = ServoCommand()
        command.mode = .impedance
        guard let law else { return command }
        let ratio = setup.gearRatio
        command.torqueEnabled = true
        command.impedance.pulses = (law.goal + zero) / ratio * Double(setup.pulsesPerTurn)
        command.impedance.velocity = law.velocity / ratio * 2 * .pi
        command.impedance.stiffness = law.stiffness * ratio * ratio / (2 * .pi)
        command.impedance.damping = law.damping * ratio * ratio / (2 * .pi)
        command.impedance.feedForward = law.torque * ratio
        command.impedance.maximumTorque = law.maximum * abs(ratio)
        return command
    }
}
