import Control
import RobotFiles

/// Reads the robot file's `randomise:`.
enum RandomiseSection {
    /// From what worlds are drawn, `nil` if the file does not say.
    static func randomisation(_ root: Section) -> Randomisation? {
        guard let section = root.optionalSection("randomise") else { return nil }
        var found = Randomisation()
        found.mass = factors(section, "mass", in: 0.1...10)
        found.inertia = factors(section, "inertia", in: 0.1...10)
        found.contactFriction = factors(section, "contact_friction", in: 0.05...10)
        found.motorStrength = factors(section, "motor_strength", in: 0.05...3)
        found.jointFriction = range(section, "joint_friction", .newtonMetres, in: 0...10)
        found.supply = range(section, "supply", .volts, in: 1...100)
        found.latency = range(section, "latency", .seconds, in: 0...0.3)
        found.sensorNoise = range(section, "sensor_noise", .radians, in: 0...0.5)
        found.startPose = range(section, "start_pose", .radians, in: -1...1)
        return found
    }

    private static func range(
        _ section: Section,
        _ key: String,
        _ measure: Measure,
        in bounds: ClosedRange<Double>
    ) -> ClosedRange<Double>? {
        section.has(key) ? section.range(key, measure, in: bounds) : nil
    }

    /// Two numbers without a unit, the lower one first, for example `[0.8, 1.2]`.
    private static func factors(
        _ section: Section,
        _ key: String,
        in bounds: ClosedRange<Double>
    ) -> ClosedRange<Double>? {
        guard section.has(key) else { return nil }
        let ends = section.numbers(key, in: bounds)
        guard ends.count == 2, ends[0] < ends[1] else {
            section.report(
                key,
                "two factors are needed, the lower one first, for example [0.8, 1.2]"
            )
            return nil
        }
        return ends[0]...ends[1]
    }
}
