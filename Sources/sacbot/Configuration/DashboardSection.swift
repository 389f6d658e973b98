import Dashboard
import RobotFiles

/// Reads the robot file's `dashboard:`.
enum DashboardSection {
    /// Where the dashboard listens and whom it lets in; `nil` if the file does not say.
    static func settings(_ root: Section) -> DashboardSettings? {
        guard let section = root.optionalSection("dashboard") else { return nil }
        let host = section.text("listen", default: DashboardSettings().listen.host)
        let port = section.integer("port", in: 1...65535, default: DashboardSettings().listen.port)
        var settings = DashboardSettings()
        if let listen = ListenAddress(host: host, port: port) {
            settings.listen = listen
        } else {
            section.report("listen", "an IP address of this machine or `localhost` is needed")
        }
        settings.tokenFile = section.optionalPath("token_file")
        settings.certificate = section.optionalPath("certificate")
        settings.key = section.optionalPath("key")
        if let problem = settings.problem { section.report(problem) }
        return settings
    }
}
