internal import Robot

/// One entry of `joints`, with `joint_defaults` behind it.
struct JointReader {
    let section: Section
    let joint: Joint
    /// Whether nothing was wrong in the entry, so that checks between values make sense.
    let isClean: Bool

    init(_ section: Section, buses: [ServoBusDescription]) {
        self.section = section
        let (joint, isClean) = section.isClean { Self.joint(section, buses) }
        self.joint = joint
        self.isClean = isClean && !section.isPlaceholder
        if self.isClean { Self.check(joint, section) }
    }

    private static func joint(_ section: Section, _ buses: [ServoBusDescription]) -> Joint {
        let bus = busIndex(section, buses)
        let wire = buses.indices.contains(bus) ? buses[bus].wire : .dynamixel
        return Joint(
            name: section.identifier("name"),
            role: section.choice("role", default: JointRole.actuated),
            busIndex: bus,
            servoID: UInt8(section.integer("id", in: wire.ids)),
            servo: servo(section, on: wire),
            limits: limits(section),
            resetPosition: section.quantity("reset", .radians, in: angles),
            gains: gains(section.section("gains"), wire)
        )
    }

    /// Ten turns either way: more than a multi-turn joint of a robot this size needs.
    private static let angles = degrees(-3600)...degrees(3600)
    /// Above zero, so that a joint can get anywhere; far above what the servos can do.
    private static let velocities = degrees(1)...degrees(3600)

    private static func limits(_ section: Section) -> JointLimits {
        JointLimits(
            position: section.range("position", .radians, in: angles),
            goalVelocity: section.quantity("goal_velocity", .radiansPerSecond, in: velocities),
            tripVelocity: section.quantity("trip_velocity", .radiansPerSecond, in: velocities),
            current: section.quantity("current", .amperes, in: 0.01...100),
            followingError: section.quantity(
                "following_error",
                .radians,
                in: degrees(0.5)...degrees(180)
            ),
            pauseTemperature: section.quantity("pause_temperature", .celsius, in: 20...100),
            stopTemperature: section.quantity("stop_temperature", .celsius, in: 20...100)
        )
    }

    private static func gains(_ section: Section, _ wire: BusProtocol) -> JointGains {
        guard !wire.isTorqueControlled else {
            return .impedance(
                stiffness: section.quantity("stiffness", .newtonMetresPerRadian, in: 0...1000),
                damping: section.quantity("damping", .newtonMetreSecondsPerRadian, in: 0...100)
            )
        }
        // Position P, I and D Gain hold two bytes, up to 16383, on 2.0 servos, one on the others.
        let most = wire == .dynamixel ? 16383 : 254
        return .registers(
            PositionGains(
                proportional: section.integer("p", in: 0...most),
                integral: section.integer("i", in: 0...most),
                derivative: section.integer("d", in: 0...most)
            )
        )
    }

    private static func servo(_ section: Section, on wire: BusProtocol) -> ServoSpecification {
        let known = ServoSpecification.all.filter { $0.wire == wire }
        let name = section.text("servo")
        if let servo = known.first(where: { $0.name == name }) { return servo }
        if !name.isEmpty {
            var message =
                "on a \(wire.rawValue) bus known servos are \(listed(known.map(\.name), last: "and"))"
            if let near = nearest(to: name, among: known.map(\.name)) {
                message += "; did you mean `\(near)`?"
            }
            section.report("servo", message)
        }
        return known.first ?? .xl330m288
    }

    /// The bus with the given name; the only bus if no name is given.
    private static func busIndex(_ section: Section, _ buses: [ServoBusDescription]) -> Int {
        let names = buses.map(\.name)
        guard let name = section.optionalText("bus") else {
            if names.count > 1, !section.has("bus") {
                section.missing("bus", "one of the buses " + listed(names))
            }
            return 0
        }
        if let index = names.firstIndex(of: name) { return index }
        if !names.isEmpty {
            section.report("bus", "the buses of this robot are \(listed(names, last: "and"))")
        }
        return 0
    }

    /// What must hold between the values of one joint.
    private static func check(_ joint: Joint, _ section: Section) {
        let limits = joint.limits
        if !limits.position.contains(joint.resetPosition) {
            section.report("reset", "it has to lie in `position`: \(shownDegrees(limits.position))")
        }
        if limits.goalVelocity > limits.tripVelocity {
            let trip = shownNumber(limits.tripVelocity * 180 / .pi)
            section.report("goal_velocity", "it has to be at most `trip_velocity`: \(trip) deg/s")
        }
        if limits.pauseTemperature >= limits.stopTemperature {
            let stop = shownNumber(limits.stopTemperature)
            section.report(
                "pause_temperature",
                "it has to be below `stop_temperature`: \(stop) degC"
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
