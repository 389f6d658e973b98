public import Physics

/// Why a robot could not be simulated.
public enum SimulationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The robot file names no model.
    case noModel(robot: String)
    /// There is not exactly one calibration a joint.
    case calibration(robot: String, joints: Int, calibrations: Int)
    /// The physics would not take the model.
    case physics(PhysicsError)

    /// What is wrong and what to do about it, for a person.
    public var description: String {
        switch self {
        case .noModel(let robot):
            "robot \"\(robot)\" has no physics model; name a MuJoCo file under `model` in its file"
        case .calibration(let robot, let joints, let calibrations):
            "robot \"\(robot)\" has \(joints) joints but \(calibrations) calibrations; "
                + "give each joint one"
        case .physics(let error): error.description
        }
    }
}
