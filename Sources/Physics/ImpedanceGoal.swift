public import Robot

/// What a torque-controlled motor is told: a spring and a damper to a goal, and a torque on top.
///
/// `torque = stiffness * (goal - position) + damping * (goal velocity - velocity) + feedForward`,
/// at most `maximumTorque` either way. Signs are those of the pulses. There is no integral term:
/// legs driven this way run with it off, and a controller that has one limits it so far that its
/// wind-up does not matter here. A number that is not finite asks for no torque at all, but for
/// the limits, which are then not there.
public struct ImpedanceGoal: Sendable, Hashable {
    /// Where to, encoder pulses; parts of a pulse count.
    public var pulses = 0.0
    /// Velocity the damper pulls towards.
    public var velocity: RadiansPerSecond = 0
    /// Whether the goal moves on at `velocity` from the moment the command is given.
    public var movesOn = false
    /// Spring, N·m/rad.
    public var stiffness = 0.0
    /// Damper, N·m·s/rad.
    public var damping = 0.0
    /// Added to spring and damper.
    public var feedForward: NewtonMetres = 0
    /// Bound of the sum.
    public var maximumTorque: NewtonMetres = .infinity
    /// How fast the goal may move from the last one to this one, rad/s; 0 is a step.
    ///
    /// With this or the next limit the path ends at `pulses` at rest, and `velocity` and `movesOn`
    /// have no effect.
    public var velocityLimit: RadiansPerSecond = 0
    /// How fast the goal's velocity may change on that way, rad/s²; 0 is unbounded.
    public var accelerationLimit = 0.0

    /// No spring, no damper, no torque.
    public init() {}

    /// Saves or restores every number.
    public mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&pulses)
        numbers.carry(&velocity)
        numbers.carry(&movesOn)
        numbers.carry(&stiffness)
        numbers.carry(&damping)
        numbers.carry(&feedForward)
        numbers.carry(&maximumTorque)
        numbers.carry(&velocityLimit)
        numbers.carry(&accelerationLimit)
    }
}
