public import Robot

/// One number of an observation: what it is, and its unit.
public struct ObservationElement: Sendable, Hashable {
    /// The term, then the joint or part: `joint_positions.elbow`, `object_direction.cos`.
    ///
    /// Older frames say how many policy steps ago they were seen: `joint_positions.elbow[-1]`.
    public let name: String
    /// `rad`, `rad/s`, or `1` for a number without unit.
    public let unit: String
}

extension TaskSettings {
    /// Every number of an observation in its order: the newest frame first, its terms as in the
    /// robot file, joints as in the robot file.
    public func observationElements(robot: RobotDescription) -> [ObservationElement] {
        let joints = robot.actuatedJoints.map { robot.joints[$0].name }
        let actions = ActionMapping(task: self, robot: robot).names
        let frame = observation.flatMap { term in
            term.parts(joints: joints, actions: actions, goal: goal).map { part in
                ObservationElement(name: term.rawValue + part, unit: term.unit)
            }
        }
        return (0..<historyFrames).flatMap { age in
            frame.map {
                ObservationElement(name: age == 0 ? $0.name : "\($0.name)[-\(age)]", unit: $0.unit)
            }
        }
    }
}

extension ObservationTerm {
    /// What tells the term's numbers apart, in their order.
    fileprivate func parts(
        joints: [String],
        actions: [String],
        goal: TaskGoal
    ) -> [String] {
        let each = joints.map { "." + $0 }
        switch self {
        case .jointPositions, .jointVelocities: return each
        case .lastAction: return actions.map { "." + $0 }
        case .baseTilt: return [".roll", ".pitch"]
        case .baseRates: return [".roll", ".pitch"]
        case .objectDirection, .targetDirection: return [".cos", ".sin"]
        case .objectVelocity: return [""]
        case .targetError:
            if case .pose = goal { return each }
            return [""]
        }
    }

    fileprivate var unit: String {
        switch self {
        case .jointPositions, .targetError, .baseTilt: "rad"
        case .jointVelocities, .objectVelocity, .baseRates: "rad/s"
        case .objectDirection, .lastAction, .targetDirection: "1"
        }
    }
}
