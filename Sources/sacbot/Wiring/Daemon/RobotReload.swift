import Robot
import RobotFiles

/// Reads a robot file again while its robot runs, and says what of it may be taken over.
///
/// Only what makes the robot more careful, or does not move it, changes without a new start:
/// `pause`, and temperatures downwards. One refused key refuses them all, so that a running robot
/// is never half of one file and half of another.
struct RobotReload: Sendable {
    /// What came of it.
    struct Result {
        /// The robot to go on with; `nil` if nothing changes.
        var robot: RobotDescription?
        /// What was refused and why, a line each.
        var problems: [String] = []
        /// All of it in a line.
        var summary: String
    }

    private var configuration: RobotConfiguration
    private var bytes: [UInt8]

    init(_ configuration: RobotConfiguration) {
        self.configuration = configuration
        bytes = (try? contents(of: configuration.path)) ?? []
    }

    /// Reads the file; what was taken over is what the next call compares with.
    mutating func run() -> Result {
        do {
            return try compare()
        } catch {
            return Result(problems: ["\(error)"], summary: "reload refused: the file has mistakes")
        }
    }

    private mutating func compare() throws -> Result {
        let path = configuration.path
        let new = try RobotConfiguration.load(path)
        let newBytes = try contents(of: path)
        let old = try YAMLFile(path: path, text: String(decoding: bytes, as: UTF8.self))
        let changed = try YAMLFile(path: path, text: String(decoding: newBytes, as: UTF8.self))
            .keysThatDiffer(from: old)
        var problems = changed.compactMap { key in
            Self.mayChange(key)
                ? nil : "\(path): `\(key)` changes only with a restart of the service"
        }
        problems += warmer(new.robot)
        if new.calibrationHash != configuration.calibrationHash {
            problems.append("the calibration file changes only with a restart of the service")
        }
        if !problems.isEmpty {
            let keys = changed.filter { !Self.mayChange($0) }
            let named = keys.isEmpty ? "see the log" : keys.joined(separator: ", ")
            return Result(problems: problems, summary: "reload refused, nothing changed: \(named)")
        }
        if changed.isEmpty { return Result(summary: "reloaded: nothing has changed") }
        configuration = new
        bytes = newBytes
        let summary = "reloaded: \(changed.joined(separator: ", ")), after the running episode"
        return Result(robot: new.robot, summary: summary)
    }

    /// Keys that may change while the robot runs.
    static func mayChange(_ key: String) -> Bool {
        if key == "pause" { return true }
        let isJoint = key.hasPrefix("joint_defaults.") || key.hasPrefix("joints[")
        let names = ["slow_temperature", "pause_temperature", "stop_temperature"]
        return isJoint && names.contains { key.hasSuffix("." + $0) }
    }

    /// Temperatures that would rise.
    private func warmer(_ robot: RobotDescription) -> [String] {
        zip(configuration.robot.joints, robot.joints).flatMap { old, new in
            let pairs = [
                ("slow_temperature", old.limits.slowTemperature, new.limits.slowTemperature),
                ("pause_temperature", old.limits.pauseTemperature, new.limits.pauseTemperature),
                ("stop_temperature", old.limits.stopTemperature, new.limits.stopTemperature),
            ]
            return pairs.filter { $0.1 < $0.2 }.map {
                "\(old.name): \($0.0) may only fall while the robot runs "
                    + "(\($0.1) degC, asked for \($0.2) degC); restart the service to raise it"
            }
        }
    }
}
