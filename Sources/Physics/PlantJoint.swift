public import Robot

/// One servo of a plant: which joint of the model it turns, and what it is.
public struct PlantJoint: Sendable, Hashable {
    /// The hinge's name in the MuJoCo model.
    public var name: String
    /// The servo on it.
    public var servo: ServoSpecification
    /// Where the servo's zero lies and which way it turns.
    public var calibration: JointCalibration

    /// A servo on the joint `name`.
    public init(name: String, servo: ServoSpecification, calibration: JointCalibration) {
        self.name = name
        self.servo = servo
        self.calibration = calibration
    }
}

/// How a servo turns its goal into torque.
public enum ServoModel: Sendable, Hashable {
    /// A DC motor behind the servo's own control loops, from the data sheet. What simulation and
    /// emulator use unless told otherwise.
    case motor
    /// A bare spring and damper as in ROBEL's models: `torque = stiffness * (goal - angle) -
    /// damping * velocity`, unlimited, without dry friction. Goals act as a position mode's do;
    /// gains, limits and profiles of the registers have no effect.
    ///
    /// Stiffness in N·m/rad, damping in N·m·s/rad, armature in kg·m².
    case springDamper(stiffness: Double, damping: Double, armature: Double)

    /// The figures of ROBEL's D'Claw scene: stiffness 2, damping 0.1, armature 0.001.
    public static let robelSoft = ServoModel.springDamper(
        stiffness: 2,
        damping: 0.1,
        armature: 0.001
    )
}
