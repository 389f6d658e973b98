internal import Robot

/// A torque that falls with velocity: what a spring and a damper come to during one physics step,
/// or what a motor gives at a fixed voltage.
struct TorqueLaw: Sendable {
    /// Torque at velocity zero, N·m.
    var atRest: Double
    /// How much it falls, N·m·s/rad; not negative.
    var damping: Double

    /// The torque at a velocity.
    func torque(velocity: Double) -> Double { atRest - damping * velocity }

    /// This law where it is below `ceiling`, for one step that begins at `velocity`.
    ///
    /// A real controller closes its loop 15,000 to 30,000 times a second; here a step is a
    /// millisecond or more, in which a stiff damper stops a light rotor several times over. So the
    /// damping is left to the integrator, which takes it implicitly, and a law that would go
    /// through the ceiling becomes one of two: the ceiling itself, if even a rotor without a load
    /// (`inertia`) stays there for the whole step; otherwise the line from the ceiling at this
    /// velocity to where the law has no torque. That line keeps below the ceiling and never turns
    /// the motion round, so it is stable whatever the step; plain clipping would jump from one
    /// bound to the other.
    func below(
        _ ceiling: TorqueLaw,
        velocity: Double,
        inertia: Double,
        seconds: Double
    ) -> TorqueLaw {
        let (wanted, allowed) = (torque(velocity: velocity), ceiling.torque(velocity: velocity))
        guard wanted > allowed else { return self }
        let steps = seconds / inertia
        let after = (velocity + steps * ceiling.atRest) / (1 + steps * ceiling.damping)
        let staysThere = torque(velocity: after) >= ceiling.torque(velocity: after)
        // A ceiling below zero is a motor that turns faster than its voltage: it brakes.
        if staysThere || allowed <= 0 { return ceiling }
        let share = allowed / wanted
        return TorqueLaw(atRest: atRest * share, damping: damping * share)
    }

    /// The same law in the other direction of turning.
    var mirrored: TorqueLaw { TorqueLaw(atRest: -atRest, damping: damping) }

    /// Saves or restores a law that may be absent.
    static func carry(_ law: inout TorqueLaw?, _ numbers: inout WorldNumbers) {
        var isThere = law != nil
        var value = law ?? TorqueLaw(atRest: 0, damping: 0)
        numbers.carry(&isThere)
        numbers.carry(&value.atRest)
        numbers.carry(&value.damping)
        law = isThere ? value : nil
    }
}
