import RobotFiles

/// What the service does with the robot.
struct DaemonSettings: Sendable {
    /// What it was started for.
    enum Mode: String, CaseIterable, Sendable {
        /// Trains, and goes on with the run where it was left.
        case train
        /// Acts by a policy and learns nothing.
        case run
        /// Trains, but begins with a pause.
        case idle
    }

    /// What it does.
    var mode = Mode.train
    /// For `run`: a run (path, name or `latest`) or a policy file.
    var policy = "latest"
}

/// Reads the robot file's `daemon:`.
enum DaemonSection {
    static func settings(_ root: Section) -> DaemonSettings {
        let section = root.sectionOrEmpty("daemon")
        let usual = DaemonSettings()
        return DaemonSettings(
            mode: section.choice("mode", default: usual.mode),
            policy: section.text("policy", default: usual.policy)
        )
    }
}
