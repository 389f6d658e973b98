import Robot
import Testing

@testable import Safety

/// The whole supervisor over many ticks: what reaches a motor, and what never may.
@Suite("Every verdict of the supervisor obeys DESIGN.md 1")
struct SupervisorPropertyTests {
    @Test("a million random ticks of random robots", arguments: [11, 12] as [UInt64])
    func everyVerdict(seed: UInt64) throws {
        var random = SplitMix(state: seed)
        var ticks = 0
        while ticks < 500_000 {
            var trial = try Trial(&random)
            for _ in 0..<60 {
                ticks += 1
                let (problem, isOver) = trial.tick(&random)
                if let problem {
                    Issue.record("seed \(seed), tick \(ticks): \(problem)")
                    return
                }
                if isOver { break }
            }
        }
    }
}

/// One robot from arming to its first stop.
private struct Trial {
    let robot: RobotDescription
    let settings: SafetySettings
    var supervisor: Supervisor
    var state: BodyState
    var now = MonotonicTime(nanoseconds: 1_000_000_000)
    /// The oracle's own memory.
    var goals: [Double?]
    var steps: [Double]
    var means: [Double]

    init(_ random: inout SplitMix) throws {
        var robot = SupervisorTests.robot()
        let count = Int(random.uniform(1...3.99))
        robot.joints = (0..<count).map { index in
            var joint = robot.joints[0]
            joint.name = "joint\(index)"
            joint.limits = RandomJoint(&random).limits
            joint.role = random.chance(0.2) ? .object : .actuated
            return joint
        }
        var settings = SafetySettings(staleTicks: Int(random.uniform(1...8)))
        settings.meanVelocitySeconds = random.uniform(0.02...2)
        self.robot = robot
        self.settings = settings
        supervisor = Supervisor(robot: robot, settings: settings)
        state = BodyState(jointCount: count)
        goals = [Double?](repeating: nil, count: count)
        steps = [Double](repeating: 0, count: count)
        means = steps
        for joint in 0..<count {
            state.samples[joint] = SupervisorTests.sample(
                random.uniform(robot.joints[joint].limits.position),
                at: now.nanoseconds
            )
        }
        let driven = JointSet((0..<count).filter { _ in random.chance(0.8) })
        _ = try supervisor.permitTorque(driven, state: state, now: now).get()
        supervisor.torqueEnabled(driven, state: state)
        for joint in 0..<count where driven.contains(joint) {
            goals[joint] = state.samples[joint]?.position
        }
    }

    /// Moves the robot on at random and judges a random proposal.
    mutating func tick(_ random: inout SplitMix) -> (problem: String?, isOver: Bool) {
        now = now + 10_000_000
        var hasBadNumber = false
        var proposal = JointArray<Radians?>(count: goals.count, repeating: nil)
        for joint in goals.indices {
            if !random.chance(0.1) { read(joint, &random) }
            guard random.chance(0.9) else { continue }
            proposal[joint] = random.uniform(-10...10)
            if random.chance(0.0005) {
                proposal[joint] = random.chance(0.5) ? .nan : -.infinity
                hasBadNumber = hasBadNumber || goals[joint] != nil
            }
        }
        switch supervisor.judge(proposal, state: state, now: now, tick: 1) {
        case .stop(let fault):
            let isKnown = supervisor.fault == fault && supervisor.state == .fault
            return (isKnown ? nil : "\(fault) is not latched", true)
        case .go(let safe):
            if hasBadNumber { return ("a goal that is not a number passed", true) }
            let positions = safe.positions
            for joint in goals.indices {
                if let problem = check(joint, positions[joint], proposal[joint]) {
                    return ("joint \(joint): \(problem)", true)
                }
            }
            return (nil, false)
        }
    }

    private mutating func read(_ joint: Int, _ random: inout SplitMix) {
        let old = state.samples[joint]?.position ?? 0
        let towards = goals[joint] ?? old
        let place = old + (towards - old) * random.uniform(0...1) + random.uniform(-0.02...0.02)
        state.samples[joint] = JointSample(
            position: place,
            velocity: random.uniform(-9...9),
            current: random.uniform(-0.9...0.9),
            time: now
        )
        if random.chance(0.1) {
            state.health[joint] = SupervisorTests.health(
                temperature: random.uniform(30...59.5),
                error: 0
            )
        }
    }

    /// What DESIGN.md 1.2 and 1.6 say of one joint's goal.
    private mutating func check(_ joint: Int, _ goal: Double?, _ wanted: Double?) -> String? {
        guard let previous = goals[joint] else {
            return goal == nil ? nil : "a joint without torque got a goal"
        }
        guard let goal, let sample = state.samples[joint] else { return "no goal, or never read" }
        let age = now.seconds(since: sample.time)
        if age > Double(settings.staleTicks) * 0.01 { return "a goal from a sample \(age) s old" }
        let scene = GoalScene(
            wanted: wanted ?? previous,
            previous: previous,
            measured: sample.position,
            excessAge: max(0, age - 0.01),
            lastStep: steps[joint],
            meanGoalSpeed: means[joint],
            temperature: state.health[joint]?.temperature,
            tickSeconds: 0.01,
            meanShare: min(1, 0.01 / settings.meanVelocitySeconds)
        )
        let share = scene.meanShare
        steps[joint] = goal - previous
        means[joint] = means[joint] * (1 - share) + (goal - previous).magnitude / 0.01 * share
        goals[joint] = goal
        return GoalOracle(robot.joints[joint].limits, scene).problem(with: goal)
    }
}
