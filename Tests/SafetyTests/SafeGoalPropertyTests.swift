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
    mutating func chance(_ share: Double) -> Bool { uniform(0...1) < share }
}

@Suite("Every safe goal obeys the limits")
struct SafeGoalPropertyTests {
    @Test("for random joints, states, ages and proposals", arguments: [1, 2, 3, 4] as [UInt64])
    func everyGoalIsInsideLimits(seed: UInt64) {
        var random = SplitMix(state: seed)
        for _ in 0..<250_000 {
            let joint = RandomJoint(&random)
            let scene = joint.scene(&random)
            let goal = joint.limits.step(scene).goal
            if let problem = GoalOracle(joint.limits, scene).problem(with: goal) {
                Issue.record("seed \(seed): \(problem), goal \(goal), \(joint), \(scene)")
                return
            }
        }
    }

    @Test("the oracle finds a goal that is a hair too far")
    func oracleCanFail() {
        var random = SplitMix(state: 9)
        var (tried, found) = (0, 0)
        for _ in 0..<40_000 {
            let joint = RandomJoint(&random)
            let scene = joint.scene(&random)
            let step = joint.limits.step(scene)
            // Further in the direction it already moved, away from where the joint is.
            let way = step.goal - scene.previous
            guard way.magnitude > 1e-6, step.heldBackBy != 0,
                joint.limits.position.contains(step.goal),
                joint.limits.position.contains(scene.measured),
                !GoalOracle(joint.limits, scene).isPulled(step.goal),
                (step.goal - scene.measured) * way > 0
            else { continue }
            tried += 1
            let tooFar = step.goal + (way > 0 ? 1e-6 : -1e-6)
            if GoalOracle(joint.limits, scene).problem(with: tooFar) != nil { found += 1 }
        }
        #expect(tried > 500 && found == tried, "\(found) of \(tried)")
    }
}

/// A joint with random limits; those that may be off are off in half of the joints.
struct RandomJoint {
    var limits: JointLimits

    init(_ random: inout SplitMix) {
        let low = random.uniform(-3...0)
        let high = low + random.uniform(0.05...4)
        let window = random.uniform(0.05...1)
        let acceleration = random.uniform(1...200)
        let mean = random.uniform(0.05...4)
        limits = JointLimits(
            position: low...high,
            goalVelocity: random.uniform(0.1...8),
            tripVelocity: 10,
            current: 1,
            followingError: window,
            pauseTemperature: 50,
            stopTemperature: 60,
            slowTemperature: random.chance(0.5) ? random.uniform(45...60) : 60,
            softZone: random.chance(0.5) ? random.uniform(0...(high - low) / 2) : 0,
            hardZone: random.chance(0.5) ? window : random.uniform(0.01...1),
            goalAcceleration: random.chance(0.5) ? acceleration : .infinity,
            meanGoalVelocity: random.chance(0.5) ? mean : .infinity
        )
    }

    /// A tick of it; a third of the joints stand outside, by up to what `judge` lets pass.
    func scene(_ random: inout SplitMix) -> GoalScene {
        let out = min(limits.hardZone, limits.followingError) * 0.999
        let reach = limits.position.lowerBound - out...limits.position.upperBound + out
        let step = limits.goalVelocity * 0.01
        return GoalScene(
            wanted: random.uniform(-10...10),
            previous: random.uniform(reach),
            measured: random.uniform(reach),
            excessAge: random.chance(0.5) ? 0 : random.uniform(0...0.05),
            lastStep: random.uniform(-step...step),
            meanGoalSpeed: random.uniform(
                0...min(limits.meanGoalVelocity, limits.goalVelocity) * 1.1
            ),
            temperature: random.chance(0.2) ? nil : random.uniform(20...59.9),
            tickSeconds: 0.01,
            meanShare: random.chance(0.5) ? 0.01 : random.uniform(0.001...1)
        )
    }
}

/// The rules of DESIGN.md 1.2, docs/decisions/002 and docs/safety.md, stated without the code's own
/// steps.
struct GoalOracle {
    let limits: JointLimits
    let scene: GoalScene
    let tolerance = 1e-9

    init(_ limits: JointLimits, _ scene: GoalScene) {
        self.limits = limits
        self.scene = scene
    }

    func problem(with goal: Double) -> String? {
        let (previous, measured) = (scene.previous, scene.measured)
        if !goal.isFinite { return "goal is not a number" }
        let range = limits.position
        // Inside, or else no further out than the joint and the goal before.
        if goal > range.upperBound + tolerance, goal > min(previous, measured) + tolerance {
            return "goal beyond the upper limit and not inward"
        }
        if goal < range.lowerBound - tolerance, goal < max(previous, measured) - tolerance {
            return "goal beyond the lower limit and not inward"
        }
        // The window holds, unless the limit itself lies outside of it.
        let distance = (goal - measured).magnitude
        if distance > window + tolerance, range.contains(measured) {
            return "goal \(distance) from the measurement, window \(window)"
        }
        return isPulled(goal) ? nil : stepProblem(goal) ?? staleProblem(goal)
    }

    /// How far the joint may have moved since it was read, beyond the usual tick.
    private var slack: Double { scene.excessAge * limits.goalVelocity }
    private var window: Double { max(0, limits.followingError - slack) }

    /// An old reading tightens the limits: no goal moves out into the part that was cut off.
    private func staleProblem(_ goal: Double) -> String? {
        let range = limits.position
        guard slack < (range.upperBound - range.lowerBound) / 2 else { return nil }
        if goal > range.upperBound - slack + tolerance, goal > scene.previous + tolerance {
            return "goal too near the upper limit for a reading this old"
        }
        if goal < range.lowerBound + slack - tolerance, goal < scene.previous - tolerance {
            return "goal too near the lower limit for a reading this old"
        }
        return nil
    }

    /// Whether the window or the way back inside may have moved the goal faster than its step.
    func isPulled(_ goal: Double) -> Bool {
        if !limits.position.contains(scene.previous) { return true }
        let before = (scene.previous - scene.measured).magnitude
        // A goal that was inside the window is never pulled; one outside, only nearer.
        return before > window && (goal - scene.measured).magnitude <= before + tolerance
    }

    private func stepProblem(_ goal: Double) -> String? {
        let moved = (goal - scene.previous).magnitude - tolerance
        let plain = limits.goalVelocity * scene.tickSeconds
        if moved > plain { return "moved \(moved) > \(plain)" }
        if let warmth = scene.temperature, warmth > limits.slowTemperature {
            let span = limits.stopTemperature - limits.slowTemperature
            let share = 1 - 0.75 * (warmth - limits.slowTemperature) / span
            if moved > plain * share { return "moved \(moved) when warm" }
        }
        let isUp = goal > scene.previous
        let room =
            isUp
            ? limits.position.upperBound - max(scene.previous, scene.measured)
            : min(scene.previous, scene.measured) - limits.position.lowerBound
        if limits.softZone > 0, room < limits.softZone {
            if moved > plain * max(0.05, room / limits.softZone) {
                return "moved \(moved) in the soft zone"
            }
        }
        let speedBefore = max(0, isUp ? scene.lastStep : -scene.lastStep) / scene.tickSeconds
        if moved / scene.tickSeconds > speedBefore + limits.goalAcceleration * scene.tickSeconds {
            return "moved \(moved) after \(scene.lastStep): too sudden"
        }
        let mean =
            scene.meanGoalSpeed * (1 - scene.meanShare) + moved / scene.tickSeconds
            * scene.meanShare
        if moved > 0, mean > limits.meanGoalVelocity + tolerance {
            return "mean goal velocity \(mean) > \(limits.meanGoalVelocity)"
        }
        return nil
    }
}
