import Robot
import RobotFiles
import Safety

/// Reads the robot file's `safety:`.
enum SafetySection {
    static func safety(_ root: Section) -> SafetySettings {
        let section = root.sectionOrEmpty("safety")
        let usual = SafetySettings()
        var settings = SafetySettings(
            staleTicks: section.integer("stale_ticks", in: 1...50, default: usual.staleTicks),
            overspeedTicks: section.integer(
                "overspeed_ticks",
                in: 1...100,
                default: usual.overspeedTicks
            ),
            overcurrentTicks: section.integer(
                "overcurrent_ticks",
                in: 1...1000,
                default: usual.overcurrentTicks
            ),
            lateTicks: section.integer("late_ticks", in: 1...1000, default: usual.lateTicks),
            stopSeconds: section.quantity(
                "stop_time",
                .seconds,
                in: 0.1...30,
                default: usual.stopSeconds
            ),
            afterOutage: section.choice("after_outage", default: usual.afterOutage)
        )
        readTimes(section, into: &settings)
        settings.power = section.quantity(
            "power",
            .watts,
            in: 0.1...100_000,
            default: usual.power
        )
        return settings
    }

    /// How long a limit may be broken before it counts.
    private static func readTimes(_ section: Section, into settings: inout SafetySettings) {
        func time(_ key: String, _ range: ClosedRange<Double>, _ usual: Double) -> Double {
            section.quantity(key, .seconds, in: range, default: usual)
        }
        settings.voltageSeconds = time("voltage_time", 0.01...60, settings.voltageSeconds)
        settings.heatSeconds = time("heat_time", 0.1...3600, settings.heatSeconds)
        settings.followingSeconds = time(
            "following_time",
            0.01...3600,
            settings.followingSeconds
        )
        settings.meanVelocitySeconds = time(
            "mean_velocity_time",
            0.01...60,
            settings.meanVelocitySeconds
        )
        settings.powerSeconds = time("power_time", 0.01...60, settings.powerSeconds)
        settings.heldBackSeconds = time("held_back_time", 0.01...3600, settings.heldBackSeconds)
        settings.rearmSeconds = time("rearm_in_episode", 0.05...10, settings.rearmSeconds)
    }
}
