import Control
import Dashboard
import Operator
import Realtime
import Robot
import Safety
import Training

extension DashboardSettings {
    /// What `--dashboard` asks for: the robot file's settings, at another address if one is given.
    ///
    /// - Parameters:
    ///   - words: `ADDRESS:PORT`, `ADDRESS`, `PORT`, or nothing for the file's.
    ///   - file: the robot file's `dashboard:`.
    static func asked(_ words: String, file: DashboardSettings?) throws -> DashboardSettings {
        var settings = file ?? DashboardSettings()
        guard !words.isEmpty else { return settings }
        guard let listen = ListenAddress(words) else {
            throw Failure("--dashboard \(words): an IP address and a port, as in 127.0.0.1:8470")
        }
        settings.listen = listen
        return settings
    }
}

extension RobotStage {
    /// Opens the dashboard of this robot and says where it is; nothing without settings.
    ///
    func openDashboard(_ settings: DashboardSettings?) throws -> DashboardServer? {
        guard let settings else { return nil }
        let server = try DashboardServer(
            settings,
            DashboardServer.Surroundings(
                desk: desk,
                sheet: sheet,
                clock: { Double(MonotonicClock.now()) * 1e-9 },
                warn: { Say.warning($0) }
            )
        )
        Say.note("dashboard \(server.url)")
        return server
    }

    private var sheet: RobotSheet {
        RobotSheet(
            stepsPerSecond: facts.observation.ratePerSecond,
            stop: loop.robot.stop.rawValue,
            emergencyStop: loop.robot.emergencyStop.rawValue,
            observations: zip(facts.observation.names, facts.observation.units).map {
                RobotSheet.Observation(name: $0, unit: $1)
            },
            actions: facts.action.joints
        )
    }
}
