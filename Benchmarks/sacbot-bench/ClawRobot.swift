import Robot
import RobotFiles

/// The claw of `robots/claw.yaml`, as the benchmarks use it.
enum ClawRobot {
    /// The whole robot, valve included; calibrated as in simulation.
    static func whole() throws -> RobotDescription {
        guard let path = RobotFile.locate("claw") else {
            let folders = RobotFile.robotFolders.joined(separator: ", ")
            throw BenchFailure("there is no claw.yaml in \(folders); run from the repository")
        }
        let file = try YAMLFile.load(path)
        let robot = RobotFile.robot(file.section)
        try file.check()
        return robot
    }

    /// The nine servos of the fingers on their bus.
    static func fingers() throws -> RobotDescription {
        var robot = try whole()
        let fingers = robot.actuatedJoints
        robot.joints = fingers.map { robot.joints[$0] }
        robot.calibration = fingers.map { robot.calibration[$0] }
        return robot
    }
}
