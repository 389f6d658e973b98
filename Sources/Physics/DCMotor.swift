internal import Robot

/// A servo's motor seen from its output shaft, with the gear inside the constants.
///
/// `current = (voltage * duty - emf * velocity) / resistance` and
/// `torque = torqueConstant * current - friction`. The constants are solved from the data sheet's
/// two points together with the friction, so that the model's stall torque, stall current and
/// no-load speed are the sheet's own:
///
/// - held shaft: `torqueConstant * stallCurrent - coulomb = stallTorque`
/// - free shaft: `torqueConstant * current = coulomb + viscous * noLoadVelocity`
///
/// The two constants differ because a gear train gives less forward than it takes back.
struct DCMotor: Sendable {
    /// Terminal resistance, ohm.
    let resistance: Double
    /// N·m at the shaft for each ampere.
    let torqueConstant: Double
    /// V for each rad/s of the shaft.
    let emf: Double
    /// What the motor's own generator effect brakes with at a fixed duty, N·m·s/rad.
    let emfDamping: Double

    init(_ servo: ServoSpecification) {
        let friction = servo.friction
        resistance = servo.nominalVoltage / servo.stallCurrent
        torqueConstant = (servo.stallTorque + friction.coulomb) / servo.stallCurrent
        let idleTorque = friction.coulomb + friction.viscous * servo.noLoadVelocity
        let idleCurrent = idleTorque / torqueConstant
        emf = (servo.nominalVoltage - idleCurrent * resistance) / servo.noLoadVelocity
        emfDamping = torqueConstant * emf / resistance
    }

    /// Current at a terminal voltage and shaft speed (rad/s).
    func current(voltage: Double, velocity: Double) -> Amperes {
        (voltage - emf * velocity) / resistance
    }

    /// Terminal voltage that drives `current` at a shaft speed (rad/s).
    func voltage(current: Amperes, velocity: Double) -> Double {
        current * resistance + emf * velocity
    }
}
