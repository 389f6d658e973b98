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
        if self.isClean { LimitsReader.check(joint, section) }
    }

    private static func joint(_ section: Section, _ buses: [ServoBusDescription]) -> Joint {
        let bus = busIndex(section, buses)
        let wire = buses.indices.contains(bus) ? buses[bus].wire : .dynamixel
        let servo = servo(section, on: wire)
        return Joint(
            name: section.identifier("name"),
            role: section.choice("role", default: JointRole.actuated),
            busIndex: bus,
            servoID: UInt8(section.integer("id", in: wire.ids)),
            servo: servo,
            limits: LimitsReader.limits(section, servo),
            resetPosition: section.quantity("reset", .radians, in: LimitsReader.angles),
            gains: gains(section.section("gains"), wire)
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
}
