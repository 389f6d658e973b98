internal import Robot

/// Checks that every joint can stop as `stop` and `estop` say.
enum StopReader {
    static func check(
        _ response: StopResponse,
        _ key: String,
        _ root: Section,
        buses: [ServoBusDescription],
        joints: [Joint]
    ) {
        for bus in buses {
            guard let obstacle = response.obstacle(on: bus.wire) else { continue }
            root.report(
                key,
                "\(obstacle), and `\(bus.name)` is a bus of such; "
                    + "write `\(response.fallback.rawValue)` or `hold`"
            )
        }
        guard response == .damp else { return }
        for joint in joints {
            guard case .impedance(_, let damping) = joint.gains, !(damping > 0) else { continue }
            root.report(
                key,
                "`\(joint.name)` has no `damping` in its gains to brake with; give it some"
            )
        }
    }
}
