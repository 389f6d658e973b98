import Robot
import Testing

@testable import Safety

/// A small generator with a printable seed; the tests must not depend on `Learning`.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
    mutating func uniform(_ range: ClosedRange<Double>) -> Double {
        Double.random(in: range, using: &self)
    }
}

@Suite("Every safe goal obeys the limits")
struct SafeGoalPropertyTests {
    @Test("for random joints, states, ages and proposals", arguments: [1, 2, 3, 4] as [UInt64])
    func everyGoalIsInsideLimits(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<250_000 {
            let scene = Scene(&random)
            let goal = scene.goal()
            let problem = scene.problem(with: goal)
            if let problem {
                Issue.record("seed \(seed): \(problem), goal \(goal), \(scene)")
                return
            }
        }
    }
}

/// One joint in one tick.
private struct Scene {
    var limits: JointLimits
    var previous, measured, wanted: Double
    var excessAge: Double
    let tickSeconds = 0.01

    init(_ random: inout SplitMix) {
        let low = random.uniform(-3...0)
        let high = low + random.uniform(0.05...4)
        limits = JointLimits(
            position: low...high,
            goalVelocity: random.uniform(0.1...8),
            tripVelocity: 10,
            current: 1,
            followingError: random.uniform(0.05...1),
            pauseTemperature: 50,
            stopTemperature: 60
        )
        // A third of the joints stand outside, by up to what `judge` lets pass.
        let out = limits.followingError * 0.999
        measured = random.uniform(low - out...high + out)
        previous = random.uniform(low - out...high + out)
        wanted = random.uniform(-10...10)
        excessAge = Bool.random(using: &random) ? 0 : random.uniform(0...0.05)
    }

    func goal() -> Double {
        limits.safeGoal(
            wanted: wanted,
            previous: previous,
            measured: measured,
            excessAge: excessAge,
            tickSeconds: tickSeconds
        )
    }

    /// The rules of DESIGN.md 1.2 and docs/decisions/002, stated without the code's own steps.
    func problem(with goal: Double) -> String? {
        let tolerance = 1e-9
        if !goal.isFinite { return "goal is not a number" }
        let range = limits.position
        // Inside, or else no further out than the joint and the goal before.
        if goal > range.upperBound + tolerance, goal > min(previous, measured) + tolerance {
            return "goal beyond the upper limit and not inward"
        }
        if goal < range.lowerBound - tolerance, goal < max(previous, measured) - tolerance {
            return "goal beyond the lower limit and not inward"
        }
        // Moving away from the measurement never exceeds the velocity limit.
        let step = limits.goalVelocity * tickSeconds
        let before = (previous - measured).magnitude
        let after = (goal - measured).magnitude
        let moved = (goal - previous).magnitude
        let isBroughtBack = range.contains(previous) == false
        if moved > step + tolerance, after > before + tolerance, !isBroughtBack {
            return "goal moved \(moved) > \(step) away from the measurement"
        }
        // The window holds, unless the limit itself lies outside of it.
        let window = limits.followingError
        if after > window + tolerance, range.contains(measured) {
            return "goal \(after) from the measurement, window \(window)"
        }
        return nil
    }
}
