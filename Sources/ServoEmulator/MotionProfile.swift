import Glibc

/// The trajectory a servo computes from Profile Velocity and Profile Acceleration.
///
/// It fills Velocity Trajectory (136), Position Trajectory (140), Moving (122) and Moving Status
/// (123); the plant computes its own from the same two registers. A new goal re-plans from where
/// the trajectory is and with the speed it has.
struct MotionProfile: Sendable {
    /// The shape, numbered as in bits 5:4 of Moving Status.
    enum Shape: UInt8, Sendable {
        case step = 0
        case rectangle = 1
        case triangle = 2
        case trapezoid = 3
    }

    /// Pulses a second in one unit of the velocity registers (0.229 rev/min, 4096 pulses a turn).
    static let velocityUnit = 0.229 * 4096 / 60
    /// Pulses a second squared in one unit of Profile Acceleration (214.577 rev/min²).
    static let accelerationUnit = 214.577 * 4096 / 3600

    /// Where the trajectory is, pulses.
    private(set) var position = 0.0
    /// How fast it moves, pulses a second.
    private(set) var velocity = 0.0
    private(set) var shape = Shape.step
    private(set) var isRunning = false
    private var goal = 0.0
    private var topVelocity = 0.0
    private var acceleration = 0.0
    private var remainder: Int64 = 0

    /// Puts the trajectory at rest at `position`.
    mutating func rest(at position: Int) {
        self = MotionProfile()
        self.position = Double(position)
        goal = self.position
    }

    /// Plans to `goal` by registers of the X series.
    mutating func plan(goal: Int, velocity: Int, acceleration: Int) {
        plan(
            goal: goal,
            velocity: Double(velocity) * Self.velocityUnit,
            acceleration: Double(acceleration) * Self.accelerationUnit
        )
    }

    /// Plans to `goal` with pulses a second, 0 for a step, and pulses a second squared, 0 for no
    /// ramp.
    mutating func plan(goal: Int, velocity top: Double, acceleration: Double) {
        self.goal = Double(goal)
        topVelocity = top
        self.acceleration = acceleration
        guard top > 0 else {
            shape = .step
            position = self.goal
            velocity = 0
            isRunning = false
            return
        }
        let distance = abs(self.goal - position)
        if acceleration == 0 {
            shape = .rectangle
        } else {
            // Ramp up and down together cover V²/a; shorter ways never reach V.
            let ramps = topVelocity * topVelocity / self.acceleration
            shape = ramps > distance ? .triangle : .trapezoid
        }
        isRunning = distance > 0 || velocity != 0
    }

    /// Lets time pass in steps of a millisecond.
    mutating func advance(nanoseconds: Int64) {
        guard isRunning else { return }
        remainder += nanoseconds
        while remainder >= 1_000_000, isRunning {
            remainder -= 1_000_000
            step(0.001)
        }
        if !isRunning { remainder = 0 }
    }

    private mutating func step(_ seconds: Double) {
        let way = goal - position
        var wanted = min(topVelocity, abs(way) / seconds)
        if acceleration > 0 { wanted = min(wanted, (2 * acceleration * abs(way)).squareRoot()) }
        wanted = way < 0 ? -wanted : wanted
        if acceleration > 0 {
            let change = acceleration * seconds
            velocity += max(-change, min(change, wanted - velocity))
        } else {
            velocity = wanted
        }
        let slowEnough = acceleration == 0 || abs(velocity) <= 2 * acceleration * seconds
        if slowEnough, abs(way) <= max(abs(velocity) * seconds, 0.5) {
            position = goal
            velocity = 0
            isRunning = false
        } else {
            position += velocity * seconds
        }
    }
}
