import Control
import Dashboard
import Learning
import Physics
import Realtime
import Robot
import RobotFiles
import Safety
import Simulation

/// Everything a robot file and its calibration say, decoded and checked.
struct RobotConfiguration {
    /// The robot.
    var robot: RobotDescription
    /// Its tasks, in the file's order; the first is the default.
    var tasks: [TaskSettings]
    /// How it is brought back between episodes.
    var reset: ResetSettings
    /// Limits of time.
    var safety: SafetySettings
    /// The learner.
    var learner: LearnerSettings
    /// The learners of other profiles, with the file's values for them.
    var learners: LearnerSection.Learners
    /// How simulated servos turn goals into torque.
    var servoModel: ServoModel
    /// One step of simulated physics, seconds.
    var timestepSeconds: Double
    /// Whether a simulated robot that fell is put back at once.
    var putsBack: Bool
    /// Who draws what simulated cameras see.
    var rendering: RenderingLibrary
    /// By how much simulated episodes look different from each other.
    var looks: SimulatedLooks
    /// How policies are tried out in simulation; `nil` if they are not.
    var trials: TrialSettings?
    /// From what every training episode's world is drawn; `nil` for the same world always.
    var randomisation: Randomisation?
    /// What the control thread asks of Linux where time is real.
    var controlPriority: ThreadPriority
    /// Bytes a run may take on the disk; `nil` for no bound.
    var diskQuota: Int?
    /// Where the dashboard listens and whom it lets in; `nil` if the file does not say.
    var dashboard: DashboardSettings?
    /// What the service does with the robot.
    var daemon: DaemonSettings
    /// The robot file's path.
    var path: String
    /// Hash of the robot file's bytes.
    var robotHash: ContentHash
    /// The calibration file's path; `nil` if there is none.
    var calibrationPath: String?
    /// Hash of the calibration file's bytes, `none` without one.
    var calibrationHash: String
    /// How the calibration came about; `nil` without one.
    var calibrationRecord: CalibrationRecord?

    /// Reads a robot file by path or bare name; all its problems are thrown together.
    ///
    /// - Parameter calibrated: whether to read its calibration too; not for who measures a new one,
    ///   because the old one may be of a robot with other joints.
    static func load(_ name: String, calibrated: Bool = true) throws -> RobotConfiguration {
        guard let path = RobotFile.locate(name) else {
            throw Failure(
                "there is no robot file `\(name)`; looked in the working folder and in "
                    + RobotFile.robotFolders.joined(separator: ", ")
            )
        }
        let file = try YAMLFile.load(path)
        let root = file.section
        let calibrationFile =
            calibrated ? try calibrationFile(for: root.text("robot"), beside: path) : nil
        let robot = RobotFile.robot(root, calibration: calibrationFile?.section)
        let learners = LearnerSection.learners(root)
        var configuration = RobotConfiguration(
            robot: robot,
            tasks: TaskSection.tasks(root, robot: robot),
            reset: ResetSection.reset(root, robot: robot),
            safety: SafetySection.safety(root, robot: robot),
            learner: learners.usual,
            learners: learners,
            servoModel: SimulationSection.servoModel(root),
            timestepSeconds: SimulationSection.timestep(root),
            putsBack: SimulationSection.putsBack(root),
            rendering: SimulationSection.rendering(root),
            looks: SimulationSection.looks(root),
            trials: SimulationSection.trials(root),
            randomisation: RandomiseSection.randomisation(root),
            controlPriority: RealtimeSection.priority(root),
            diskQuota: RunsSection.diskQuota(root),
            dashboard: DashboardSection.settings(root),
            daemon: DaemonSection.settings(root),
            path: path,
            robotHash: file.contentHash,
            calibrationPath: calibrationFile?.path,
            calibrationHash: calibrationFile.map { "\($0.contentHash)" } ?? "none"
        )
        root.finish()
        try YAMLFile.check([file] + (calibrationFile.map { [$0] } ?? []))
        configuration.calibrationRecord = calibrationFile.map {
            RobotFile.calibrationRecord($0.section, joints: robot.joints)
        }
        return configuration
    }

    /// The task of this name, or the first one.
    func task(_ name: String?) throws -> TaskSettings {
        guard let name else {
            guard let first = tasks.first else { throw Failure("\(path) has no task") }
            return first
        }
        guard let task = tasks.first(where: { $0.name == name }) else {
            let known = tasks.map(\.name).joined(separator: ", ")
            throw Failure("\(path) has no task `\(name)`; it has: \(known)")
        }
        return task
    }

    /// The reset of a simulated robot: the attendant beside it is quicker than its own legs.
    var simulatedReset: ResetSettings {
        guard putsBack else { return reset }
        var reset = reset
        (reset.standUp, reset.trackEnd) = (nil, .ask)
        return reset
    }

    /// Who keeps fingertips in their boxes and bodies apart, for one control loop; `nil` if the file
    /// asks for neither.
    func postureGuard() throws(PostureProblem) -> ModelPostureGuard? {
        try ModelPostureGuard(robot: robot)
    }

    private static func calibrationFile(
        for robot: String,
        beside path: String
    ) throws -> YAMLFile? {
        guard let found = RobotFile.locateCalibration(robot: robot, robotFile: path) else {
            return nil
        }
        return try YAMLFile.load(found)
    }
}

/// A failure whose text says what happened and what to do; exit code 1.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
