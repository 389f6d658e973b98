import Control
import Robot
import RobotFiles

/// Reads the robot file's `tasks:`.
enum TaskSection {
    /// Every task of the file, in its order.
    static func tasks(_ root: Section, robot: RobotDescription) -> [TaskSettings] {
        root.namedSections("tasks").map { task($0.name, $0.section, robot: robot) }
    }

    private static func task(
        _ name: String,
        _ section: Section,
        robot: RobotDescription
    ) -> TaskSettings {
        let ticks = ticksPerStep(section, robot: robot)
        let stepSeconds = Double(ticks) * robot.tickSeconds
        let duration = section.quantity("duration", .seconds, in: stepSeconds...3600)
        let goal = goal(section, robot: robot)
        var success = section.sectionOrEmpty("success")
        if case .walk = goal {} else { success = section.section("success") }
        let steps = max(1, Int((duration / stepSeconds).rounded()))
        var task = TaskSettings(
            name: name,
            ticksPerStep: ticks,
            stepCount: steps,
            goal: goal,
            observation: observation(section, goal: goal, robot: robot),
            historyFrames: section.integer("history", in: 1...16, default: 1),
            rewards: section.sections("reward").map { reward($0, robot: robot) },
            successTolerance: tolerance(success, goal: goal),
            heldSteps: heldSteps(success, goal: goal, steps: steps),
            actionKind: section.choice("action", default: .absolute),
            replayAction: section.choice("replay_action", default: .proposed)
        )
        task.camera = camera(section, observation: task.observation, goal: goal, robot: robot)
        task.legRanges = legRanges(section, kind: task.actionKind, robot: robot)
        task.actionCutoffHertz = section.optionalQuantity(
            "action_low_pass",
            .hertz,
            in: 0.01...0.49 / stepSeconds
        )
        return task
    }

    /// A walk succeeds if nothing of its speed is missing at the end.
    private static func tolerance(_ success: Section, goal: TaskGoal) -> Double {
        if case .walk = goal { return 1e-9 }
        return success.quantity("below", .radians, in: 0.001...3.2)
    }

    private static func heldSteps(_ success: Section, goal: TaskGoal, steps: Int) -> Int {
        if case .walk = goal { return 1 }
        return success.integer("held_steps", in: 1...steps, default: min(5, steps))
    }

    /// What swing and extension may be: inside what each leg's linkage reaches.
    private static func legRanges(
        _ section: Section,
        kind: ActionKind,
        robot: RobotDescription
    ) -> LegRanges? {
        guard kind == .legs else { return nil }
        if robot.legs.isEmpty { section.report("action", "the robot file has no `legs`") }
        let ranges = section.section("leg_action")
        let swing = ranges.range("swing", .radians, in: degrees(-120)...degrees(120))
        let extent = ranges.range("extension", .radians, in: 0 ... .pi)
        for leg in robot.legs {
            do throws(LegError) {
                let reach = try FiveBarLeg(leg).extensionRange
                if !reach.contains(extent.lowerBound) || !reach.contains(extent.upperBound) {
                    ranges.report(
                        "extension",
                        "leg `\(leg.name)` reaches \(reach.lowerBound) to \(reach.upperBound) rad"
                    )
                }
            } catch {
                ranges.report("\(error)")
            }
        }
        return LegRanges(swing: swing, extension: extent)
    }

    private static func ticksPerStep(_ section: Section, robot: RobotDescription) -> Int {
        let tick = robot.tickSeconds
        let rate = section.quantity("policy_rate", .hertz, in: 0.1...1000)
        let ticks = (1 / (rate * tick)).rounded()
        if ticks < 1 || (ticks * tick * rate - 1).magnitude > 1e-6 {
            section.report(
                "policy_rate",
                "a policy step must be a whole number of ticks of \(tick * 1000) ms"
            )
        }
        return max(1, Int(ticks))
    }

    private static func goal(_ section: Section, robot: RobotDescription) -> TaskGoal {
        if let object = section.optionalSection("object") {
            if robot.objectJoint == nil {
                section.report("object", "the robot has no joint with `role: object`")
            }
            return .objectAngle(objectGoal(object))
        }
        if let walk = section.optionalSection("walk") {
            return .walk(
                WalkGoal(
                    speed: walk.quantity("speed", .metresPerSecond, in: 0.01...10),
                    fallTilt: walk.quantity("fall_tilt", .radians, in: degrees(5)...degrees(90)),
                    track: walk.quantity("track", .metres, in: 0.5...1000)
                )
            )
        }
        return .pose(poseRanges(section.section("pose"), robot: robot))
    }

    private static func objectGoal(_ section: Section) -> ObjectAngleGoal {
        ObjectAngleGoal(
            start: section.range("start", .radians, in: -.pi ... .pi),
            startIsRelative: section.choice("start_from", default: StartFrom.zero) == .target,
            target: valueOrRange(section, "target", .radians, -.pi ... .pi),
            targetVelocity: valueOrRange(section, "target_velocity", .radiansPerSecond, -10...10)
        )
    }

    private enum StartFrom: String, CaseIterable {
        case zero
        case target
    }

    /// `key: 0 deg`, or `key_range: [-60 deg, 60 deg]`; without either, zero.
    private static func valueOrRange(
        _ section: Section,
        _ key: String,
        _ measure: Measure,
        _ bounds: ClosedRange<Double>
    ) -> ClosedRange<Double> {
        let value = section.quantity(key, measure, in: bounds, default: 0)
        let range = section.range(key + "_range", measure, in: bounds, default: value...value)
        if section.has(key), section.has(key + "_range") {
            section.report(key, "give either `\(key)` or `\(key)_range`, not both")
        }
        return range
    }

    /// The share of each joint's range that targets are drawn from, with exceptions by name.
    private static func poseRanges(
        _ section: Section,
        robot: RobotDescription
    ) -> [ClosedRange<Radians>] {
        let share = section.number("range", in: 0.01...1, default: 0.8)
        let exceptions = section.optionalNamedSections("joints") ?? []
        for exception in exceptions
        where !robot.actuatedJoints.contains(where: { robot.joints[$0].name == exception.name }) {
            exception.section.report("there is no actuated joint `\(exception.name)`")
        }
        return robot.actuatedJoints.map { index in
            let limits = robot.joints[index].limits.position
            if let own = exceptions.first(where: { $0.name == robot.joints[index].name }) {
                return own.section.range("position", .radians, in: limits)
            }
            let middle = (limits.lowerBound + limits.upperBound) / 2
            let half = (limits.upperBound - limits.lowerBound) / 2 * share
            return (middle - half)...(middle + half)
        }
    }

    private static func observation(
        _ section: Section,
        goal: TaskGoal,
        robot: RobotDescription
    ) -> [ObservationTerm] {
        var terms: [ObservationTerm] = []
        for text in section.texts("observation") {
            guard let term = ObservationTerm(rawValue: text) else {
                let known = ObservationTerm.allCases.map(\.rawValue).joined(separator: ", ")
                section.report("observation", "`\(text)` is not a term; known: \(known)")
                continue
            }
            if term.needsObject, robot.objectJoint == nil {
                section.report("observation", "`\(text)` needs a joint with `role: object`")
            }
            terms.append(term)
        }
        if terms.isEmpty { section.report("observation", "a list of at least one term is needed") }
        return terms
    }

    /// The camera a policy looks through.
    ///
    /// What it is to see there must not be told to it as well.
    private static func camera(
        _ section: Section,
        observation: [ObservationTerm],
        goal: TaskGoal,
        robot: RobotDescription
    ) -> Int? {
        guard let name = section.optionalText("camera") else { return nil }
        guard let index = robot.cameras.firstIndex(where: { $0.name == name }) else {
            let known = robot.cameras.map(\.name).joined(separator: ", ")
            section.report(
                "camera",
                known.isEmpty
                    ? "the robot file has no `cameras`" : "there is no such camera; known: \(known)"
            )
            return nil
        }
        for term in observation where term.tellsObject(goal) {
            section.report(
                "observation",
                "`\(term.rawValue)` tells the object's angle, which this task's policy is to see "
                    + "through camera `\(name)`; leave it out (reward and reset use it all the same)"
            )
        }
        return index
    }

    private static func reward(_ section: Section, robot: RobotDescription) -> RewardTerm {
        let kind = section.choice("term", RewardTerm.Kind.self)
        let weight = section.number("weight", in: -1e6...1e6)
        let threshold: Double
        switch kind {
        case .targetWithin: threshold = section.quantity("below", .radians, in: 0.001...3.2)
        case .fastJoints:
            threshold = section.quantity("above", .radiansPerSecond, in: 0...100)
        case .forwardSpeed:
            threshold = section.quantity("at_most", .metresPerSecond, in: 0.01...10)
        case .legsUnderBody: threshold = section.quantity("beyond", .radians, in: 0...1.6)
        case .targetError, .resetPoseDistance, .actionChange, .actionAcceleration, .basePitch:
            threshold = 0
        }
        var term = RewardTerm(kind: kind, weight: weight, threshold: threshold)
        if kind == .legsUnderBody { term.legs = legs(section, robot: robot) }
        return term
    }

    private static func legs(_ section: Section, robot: RobotDescription) -> [Int] {
        section.texts("legs").compactMap { name in
            if let index = robot.legs.firstIndex(where: { $0.name == name }) { return index }
            let known = robot.legs.map(\.name).joined(separator: ", ")
            section.report("legs", "there is no leg `\(name)`; known: \(known)")
            return nil
        }
    }
}

extension ObservationTerm {
    /// Whether the object's angle can be worked out from the term.
    fileprivate func tellsObject(_ goal: TaskGoal) -> Bool {
        guard case .objectAngle = goal else { return needsObject }
        return needsObject || self == .targetError
    }

    fileprivate var needsObject: Bool { self == .objectDirection || self == .objectVelocity }
}
