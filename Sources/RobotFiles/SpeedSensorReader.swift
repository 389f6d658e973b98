internal import Robot

/// Reads `speed_sensor`.
enum SpeedSensorReader {
    static func read(
        _ section: Section,
        tick: Seconds,
        legs: [LegDescription]
    ) -> SpeedSensorDescription {
        var sensor = SpeedSensorDescription(source: source(section))
        sensor.staleAfter = section.quantity(
            "stale_after",
            .seconds,
            in: max(0.005, tick)...10,
            default: 0.1
        )
        sensor.latency = section.quantity("latency", .seconds, in: 0...1, default: 0)
        sensor.fallsBackToLegs = section.choice("fallback", default: Fallback.none) == .legs
        if let simulated = section.optionalSection("simulated") {
            sensor.simulated = estimator(simulated)
        }
        if sensor.usesLegs, legs.isEmpty {
            section.report("this robot has no `legs` whose feet could say how fast it is")
        }
        return sensor
    }

    private enum Fallback: String, CaseIterable { case none, legs }
    private enum OnlySource: String, CaseIterable { case legs }

    private static func source(_ section: Section) -> SpeedSensorDescription.Source {
        let given = ["port", "socket", "source"].filter(section.has)
        if given.count != 1 {
            section.report(
                "exactly one of `port` (UDP on this machine), `socket` (a Unix socket's path) and "
                    + "`source: legs` is needed"
            )
        }
        if section.has("port") {
            return .udp(port: section.integer("port", in: 1024...65_535))
        }
        if section.has("socket") { return .unix(path: section.text("socket")) }
        _ = section.optionalChoice("source", OnlySource.self)
        return .legs
    }

    private static func estimator(_ section: Section) -> SimulatedEstimator {
        let usual = SimulatedEstimator()
        return SimulatedEstimator(
            rate: section.quantity("rate", .hertz, in: 1...1000, default: usual.rate),
            placeNoise: section.quantity("place_noise", .metres, in: 0...1, default: 0),
            headingNoise: section.quantity("heading_noise", .radians, in: 0...1, default: 0),
            latency: section.quantity("latency", .seconds, in: 0...0.5, default: 0)
        )
    }
}
