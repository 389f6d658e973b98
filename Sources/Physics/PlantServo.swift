internal import Robot

/// What a servo does to its joint during one physics step.
struct JointDrive {
    /// Torque that does not depend on what happens within the step, N·m.
    var torque: Double
    /// Braking in proportion to velocity, N·m·s/rad.
    var damping: Double
    /// Dry friction, N·m.
    var friction: Double
}

/// One servo of a plant: control loops, motor, gear friction, heat and encoder.
struct PlantServo {
    let hinge: Mechanism.Hinge
    var disturbance = 0.0
    var grip = 0.0
    var supply: Volts
    /// Factor on the motor's torque: magnets that grew weak, a belt that slips.
    var strength = 1.0
    var heat: ThermalModel

    private let joint: PlantJoint
    private let model: ServoModel
    private let motor: DCMotor
    private let direction: Double
    private let pulsesPerRadian: Double
    private var controller: ServoController
    /// Whole turns taken off the pulse count when torque came on.
    private var foldedPulses = 0
    /// Voltage over the motor, in the pulses' direction; `nil` while it coasts.
    private var terminalVoltage: Double?
    /// What a torque-controlled motor keeps to within the step, in the pulses' direction.
    private var regulated: TorqueLaw?

    init(_ joint: PlantJoint, hinge: Mechanism.Hinge, model: ServoModel) {
        self.joint = joint
        self.hinge = hinge
        self.model = model
        motor = DCMotor(joint.servo)
        direction = joint.calibration.direction < 0 ? -1 : 1
        pulsesPerRadian = Double(joint.servo.pulsesPerTurn) / (2 * .pi)
        controller = ServoController(joint.servo)
        supply = joint.servo.nominalVoltage
        heat = ThermalModel(joint.servo)
    }

    /// Rotor inertia at the shaft, kg·m².
    var armature: Double {
        switch model {
        case .motor: joint.servo.friction.armature
        case .springDamper(_, _, let armature): armature
        }
    }

    /// As after the supply was switched off and on, and nobody touches it.
    mutating func powerCycle() {
        self = PlantServo(joint, hinge: hinge, model: model)
    }

    /// Saves or restores everything that `joint` and `model` do not say.
    mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&disturbance)
        numbers.carry(&grip)
        numbers.carry(&supply)
        heat.carry(&numbers)
        controller.carry(&numbers)
        numbers.carry(&foldedPulses)
        numbers.carry(&terminalVoltage)
        TorqueLaw.carry(&regulated, &numbers)
    }

    mutating func take(_ command: ServoCommand, angle: Double) {
        let starts = command.torqueEnabled && !controller.command.torqueEnabled
        let changesMode = command.mode != controller.command.mode
        if command.mode == .position && (starts || changesMode) { foldIntoOneTurn(angle) }
        controller.take(command, pulses: pulses(angle))
    }

    /// Present Position in 0..<4096 from here on (X-series manual, Torque Enable 64).
    private mutating func foldIntoOneTurn(_ angle: Double) {
        let turn = joint.servo.pulsesPerTurn
        foldedPulses = 0
        let count = pulses(angle)
        foldedPulses = count - ((count % turn) + turn) % turn
    }

    private func pulses(_ angle: Double) -> Int {
        // A broken plant may hold anything; its measurements are void but must not trap.
        guard abs(angle) < 1e9 else { return 0 }
        let calibrated = joint.calibration.pulses(
            angle: angle,
            pulsesPerTurn: joint.servo.pulsesPerTurn
        )
        return Int(Int32(truncatingIfNeeded: calibrated - foldedPulses))
    }

    // MARK: One step

    mutating func drive(angle: Double, velocity: Double, seconds: Double) -> JointDrive {
        let demand = controller.demand(
            pulses: pulses(angle),
            velocity: direction * velocity * pulsesPerRadian,
            seconds: seconds
        )
        if case .springDamper(let stiffness, let damping, _) = model {
            return spring(demand, angle: angle, stiffness: stiffness, damping: damping)
        }
        let friction = joint.servo.friction
        var torque = 0.0
        var braking = 0.0
        regulated = nil
        switch demand {
        case .off:
            terminalVoltage = nil
        case .pwm(let units):
            let voltage = supply * units / Double(joint.servo.fullPWM)
            terminalVoltage = voltage
            torque = motor.torqueConstant * voltage / motor.resistance
            braking += motor.emfDamping
        case .current(let amperes, let pwmLimit):
            let limit = supply * pwmLimit / Double(joint.servo.fullPWM)
            let wanted = motor.voltage(current: amperes, velocity: direction * velocity)
            let voltage = min(max(wanted, -limit), limit)
            terminalVoltage = voltage
            if voltage == wanted {
                torque = motor.torqueConstant * amperes
            } else {
                torque = motor.torqueConstant * voltage / motor.resistance
                braking += motor.emfDamping
            }
        case .torque(let law, let maximum):
            let velocity = direction * velocity
            let drive = driven(law, maximum: maximum, velocity: velocity, seconds: seconds)
            terminalVoltage = motor.voltage(
                current: drive.torque(velocity: velocity) / motor.torqueConstant,
                velocity: velocity
            )
            regulated = drive
            torque = drive.atRest
            braking += drive.damping
        }
        heat.advance(current: current(velocity), seconds: seconds)
        return JointDrive(
            torque: direction * torque * strength + disturbance,
            damping: friction.viscous + braking * strength,
            friction: friction.coulomb + grip
        )
    }

    /// The law as the motor follows it during this step: within its torque, within its voltage.
    private func driven(
        _ law: TorqueLaw,
        maximum: NewtonMetres,
        velocity: Double,
        seconds: Double
    ) -> TorqueLaw {
        let cap = TorqueLaw(atRest: maximum, damping: 0)
        let full = TorqueLaw(
            atRest: motor.torqueConstant * supply / motor.resistance,
            damping: motor.emfDamping
        )
        var (law, velocity) = (law, velocity)
        // Upwards, then downwards seen from behind, which is upwards again.
        for _ in 0..<2 {
            law = law.below(cap, velocity: velocity, inertia: armature, seconds: seconds)
            law = law.below(full, velocity: velocity, inertia: armature, seconds: seconds)
            (law, velocity) = (law.mirrored, -velocity)
        }
        return law
    }

    private mutating func spring(
        _ demand: MotorDemand,
        angle: Double,
        stiffness: Double,
        damping: Double
    ) -> JointDrive {
        var torque = 0.0
        if case .off = demand {
            terminalVoltage = nil
        } else {
            let goal = joint.calibration.angle(
                pulses: controller.command.wholeGoalPulses + foldedPulses,
                pulsesPerTurn: joint.servo.pulsesPerTurn
            )
            torque = stiffness * (goal - angle)
            // What the motor would draw for it, so that current limits have something to look at.
            terminalVoltage = direction * torque / motor.torqueConstant * motor.resistance
        }
        return JointDrive(
            torque: torque * strength + disturbance,
            damping: damping,
            friction: grip
        )
    }

    // MARK: Measuring

    /// Motor current in the pulses' direction; `velocity` is the joint's.
    private func current(_ velocity: Double) -> Amperes {
        guard let voltage = terminalVoltage else { return 0 }
        guard case .motor = model else { return voltage / motor.resistance }
        if let regulated {
            return regulated.torque(velocity: direction * velocity) / motor.torqueConstant
        }
        return motor.current(voltage: voltage, velocity: direction * velocity)
    }

    func measurement(angle: Double, velocity: Double) -> ServoMeasurement {
        let servo = joint.servo
        var measurement = ServoMeasurement()
        measurement.pulses = pulses(angle)
        measurement.velocity = register(direction * velocity / servo.velocityUnit, bytes: 4)
        measurement.current = register(current(velocity) / servo.currentUnit)
        let duty = supply > 0 ? (terminalVoltage ?? 0) / supply : 0
        measurement.pwm = register(duty * Double(servo.fullPWM))
        measurement.temperature = heat.temperature
        measurement.inputVoltage = supply
        return measurement
    }

    /// The nearest whole number of register units that fits.
    private func register(_ value: Double, bytes: Int = 2) -> Int {
        guard value.isFinite else { return 0 }
        let lowest = -Double(1 << (8 * bytes - 1))
        return Int(min(max(value.rounded(), lowest), -lowest - 1))
    }
}
