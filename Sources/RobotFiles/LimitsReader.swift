internal import Robot

/// What one joint may do: its limits, with the servo model's defaults.
enum LimitsReader {
    /// Ten turns either way: more than a multi-turn joint of a robot this size needs.
    static let angles = degrees(-3600)...degrees(3600)
    /// Above zero, so that a joint can get anywhere; far above what the servos can do.
    private static let velocities = degrees(1)...degrees(3600)
    private static let currents = 0.01...100.0

    static func limits(_ section: Section, _ servo: ServoSpecification) -> JointLimits {
        let current = current(section, servo)
        let pause = section.quantity("pause_temperature", .celsius, in: 20...100)
        let stop = section.quantity("stop_temperature", .celsius, in: 20...100)
        let window = section.quantity(
            "following_error",
            .radians,
            in: degrees(0.5)...degrees(180)
        )
        return JointLimits(
            position: section.range("position", .radians, in: angles),
            goalVelocity: section.quantity("goal_velocity", .radiansPerSecond, in: velocities),
            tripVelocity: section.quantity("trip_velocity", .radiansPerSecond, in: velocities),
            current: current,
            followingError: window,
            pauseTemperature: pause,
            stopTemperature: stop,
            slowTemperature: section.quantity(
                "slow_temperature",
                .celsius,
                in: 20...100,
                default: (pause + stop) / 2
            ),
            softZone: section.quantity("soft_zone", .radians, in: 0...degrees(90), default: 0),
            hardZone: section.quantity(
                "hard_zone",
                .radians,
                in: degrees(0.5)...degrees(180),
                default: window
            ),
            goalAcceleration: section.quantity(
                "goal_acceleration",
                .radiansPerSecondSquared,
                in: degrees(1)...degrees(1e6),
                default: .infinity
            ),
            meanGoalVelocity: section.quantity(
                "mean_goal_velocity",
                .radiansPerSecond,
                in: velocities,
                default: .infinity
            ),
            continuousCurrent: section.quantity(
                "continuous_current",
                .amperes,
                in: currents,
                default: min(servo.continuousCurrent, 0.75 * current)
            ),
            power: section.quantity("power", .watts, in: 0.01...10_000, default: servo.stallPower),
            voltage: section.range("voltage", .volts, in: 1...100, default: servo.usualVoltage)
        )
    }

    /// The current above which the robot stops, given as a current or as the torque it makes.
    private static func current(_ section: Section, _ servo: ServoSpecification) -> Amperes {
        guard section.has("torque") else {
            return section.quantity("current", .amperes, in: currents)
        }
        let torque = section.quantity("torque", .newtonMetres, in: 0.001...1000)
        if section.has("current") {
            section.report("torque", "`current` is given as well; leave out one of them")
            _ = section.quantity("current", .amperes, in: currents)
        }
        return torque / servo.torqueConstant
    }

    /// What must hold between the values of one joint.
    static func check(_ joint: Joint, _ section: Section) {
        let limits = joint.limits
        if !limits.position.contains(joint.resetPosition) {
            section.report("reset", "it has to lie in `position`: \(shownDegrees(limits.position))")
        }
        if limits.goalVelocity > limits.tripVelocity {
            let trip = shownNumber(limits.tripVelocity * 180 / .pi)
            section.report("goal_velocity", "it has to be at most `trip_velocity`: \(trip) deg/s")
        }
        if limits.meanGoalVelocity.isFinite, limits.meanGoalVelocity > limits.goalVelocity {
            let goal = shownNumber(limits.goalVelocity * 180 / .pi)
            section.report(
                "mean_goal_velocity",
                "above `goal_velocity`, \(goal) deg/s, it has no effect"
            )
        }
        let width = limits.position.upperBound - limits.position.lowerBound
        if limits.softZone > width / 2 {
            let half = shownNumber(width / 2 * 180 / .pi)
            section.report(
                "soft_zone",
                "it has to be at most half of `position`'s width: \(half) deg"
            )
        }
        if limits.continuousCurrent >= limits.current {
            let most = shownNumber(limits.current)
            section.report(
                "continuous_current",
                "it has to be below the current that stops the robot: \(most) A"
            )
        }
        checkVoltage(joint, section)
        checkTemperatures(joint, section)
    }

    private static func checkVoltage(_ joint: Joint, _ section: Section) {
        if !joint.limits.voltage.contains(joint.servo.nominalVoltage) {
            let nominal = shownNumber(joint.servo.nominalVoltage)
            section.report(
                "voltage",
                "\(joint.servo.name) is made for \(nominal) V, which has to lie in it"
            )
        }
    }

    private static func checkTemperatures(_ joint: Joint, _ section: Section) {
        let limits = joint.limits
        let stop = shownNumber(limits.stopTemperature)
        if limits.pauseTemperature >= limits.stopTemperature {
            section.report(
                "pause_temperature",
                "it has to be below `stop_temperature`: \(stop) degC"
            )
        }
        if limits.slowTemperature > limits.stopTemperature {
            section.report(
                "slow_temperature",
                "it has to be at most `stop_temperature`: \(stop) degC"
            )
        }
        if limits.stopTemperature > joint.servo.temperatureLimit {
            let own = shownNumber(joint.servo.temperatureLimit)
            section.report(
                "stop_temperature",
                "\(joint.servo.name) switches itself off at \(own) degC; stop before that"
            )
        }
    }

    private static func shownDegrees(_ range: ClosedRange<Radians>) -> String {
        shownRange(range, unit: Measure.radians.unit("deg"))
    }
}
