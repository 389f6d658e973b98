public import Physics

/// The physics module's plant as what moves emulated servos.
///
/// `Plant` folds its pulse count into one turn when torque comes on in position mode; an emulated
/// servo does that itself, by the rules of its registers. This adapter takes the plant's folding
/// back, so that the encoder it shows never jumps.
public final class PhysicsServoPlant: ServoPlant {
    /// The plant, for what only a simulation can do.
    ///
    /// Commands go through this adapter.
    public let plant: Plant
    /// What the plant has folded away, per servo, in pulses.
    private var folded: [Int]

    /// Takes the plant over.
    public init(_ plant: Plant) {
        self.plant = plant
        folded = Array(repeating: 0, count: plant.joints.count)
    }

    /// How many servos there are: one for each joint.
    public var servoCount: Int { folded.count }

    /// Tells a servo's controller what holds from now on.
    public func command(servo: Int, _ command: ServoCommand) {
        let before = plant.measure(servo: servo).pulses
        plant.command(servo: servo, relative(command, servo))
        let jump = before - plant.measure(servo: servo).pulses
        guard jump != 0 else { return }
        // The goal was in the count before the fold; no time has passed, so say it again.
        folded[servo] += jump
        plant.command(servo: servo, relative(command, servo))
    }

    private func relative(_ command: ServoCommand, _ servo: Int) -> ServoCommand {
        var command = command
        command.goalPulses -= folded[servo]
        command.impedance.pulses -= Double(folded[servo])
        return command
    }

    /// Where the robot's body is, `nil` if it stands on a fixed base.
    public var basePose: BasePose? { plant.basePose }

    /// Lets time pass.
    public func advance(nanoseconds: Int64) { plant.advance(nanoseconds: nanoseconds) }

    /// What a servo's sensors say now.
    public func measure(servo: Int) -> ServoMeasurement {
        var measurement = plant.measure(servo: servo)
        measurement.pulses += folded[servo]
        return measurement
    }
}
