internal import Glibc
internal import Robot

/// The servo's own path from one goal to the next, in pulses: step, rectangle, trapezoid or
/// triangle of velocity (X-series manual, Profile Velocity 112 and Profile Acceleration 108).
///
/// A new goal while it moves is planned on from where the path is, with the velocity it has.
struct MotionProfile: Sendable {
    /// Where the path is, pulses.
    private(set) var position: Double
    /// How fast it moves, pulses/s.
    private(set) var velocity = 0.0

    /// At rest at `position`.
    init(position: Double) { self.position = position }

    /// Saves or restores where on its path it is.
    mutating func carry(_ numbers: inout WorldNumbers) {
        numbers.carry(&position)
        numbers.carry(&velocity)
    }

    /// The path after `seconds` more on the way to `goal`.
    ///
    /// `speed` in pulses/s, 0 means a step; `acceleration` in pulses/s², 0 means unbounded.
    mutating func advance(
        toward goal: Double,
        speed: Double,
        acceleration: Double,
        seconds: Double
    ) {
        let distance = goal - position
        guard speed > 0 else {
            position = goal
            velocity = 0
            return
        }
        guard acceleration > 0 else {
            let move = min(max(distance, -speed * seconds), speed * seconds)
            position += move
            velocity = move / seconds
            return
        }
        let change = acceleration * seconds
        if abs(distance) <= change * seconds && abs(velocity) <= 2 * change {
            position = goal
            velocity = 0
            return
        }
        // The fastest from which whole steps of braking still end at the goal, not behind it.
        let braking = change * ((0.25 + 2 * abs(distance) / (change * seconds)).squareRoot() - 0.5)
        let wanted = min(speed, braking) * (distance < 0 ? -1 : 1)
        velocity += min(max(wanted - velocity, -change), change)
        position += velocity * seconds
    }

    /// Moves on at `velocity` pulses/s, towards no goal.
    mutating func move(velocity: Double, seconds: Double) {
        self.velocity = velocity
        position += velocity * seconds
    }

    /// Ramps the velocity alone, for velocity mode; `goal` in pulses/s.
    mutating func ramp(toward goal: Double, acceleration: Double, seconds: Double) {
        guard acceleration > 0 else {
            velocity = goal
            return
        }
        let change = acceleration * seconds
        velocity += min(max(goal - velocity, -change), change)
    }
}
