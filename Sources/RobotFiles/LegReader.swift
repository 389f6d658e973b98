internal import Robot

/// Reads `legs`: which two joints make a leg, and its links.
enum LegReader {
    static func read(_ root: Section, joints: [Joint]) -> [LegDescription] {
        let sections = root.optionalSections("legs") ?? []
        var owners: [Int: String] = [:]
        var names: Set<String> = []
        return sections.map { section in
            let (leg, isClean) = section.isClean { Self.leg(section, joints) }
            guard isClean, !section.isPlaceholder else { return leg }
            check(leg, section)
            if !names.insert(leg.name).inserted {
                section.report("name", "another leg has that name")
            }
            for (key, joint) in [("front", leg.frontJoint), ("rear", leg.rearJoint)] {
                if let owner = owners[joint] {
                    section.report(key, "the leg `\(owner)` has that joint")
                }
                owners[joint] = owners[joint] ?? leg.name
            }
            return leg
        }
    }

    private static func leg(_ section: Section, _ joints: [Joint]) -> LegDescription {
        var leg = LegDescription(
            name: section.identifier("name"),
            frontJoint: joint("front", section, joints),
            rearJoint: joint("rear", section, joints),
            upperLength: section.quantity("upper", .metres, in: 0.005...5),
            lowerLength: section.quantity("lower", .metres, in: 0.005...5),
            frontDirection: direction("front_direction", section),
            rearDirection: direction("rear_direction", section),
            margin: section.quantity(
                "margin",
                .radians,
                in: degrees(1)...degrees(45),
                default: LegDescription.defaultMargin
            )
        )
        if section.has("hip") {
            let hip = section.quantities("hip", .metres, in: -5...5, count: 2)
            leg.hip = SIMD2(hip[0], hip[1])
        }
        return leg
    }

    private static func joint(_ key: String, _ section: Section, _ joints: [Joint]) -> Int {
        let name = section.text(key)
        if let index = joints.firstIndex(where: { $0.name == name }) {
            if joints[index].role != .actuated {
                section.report(key, "that joint is the object's, a leg needs `role: actuated`")
            }
            return index
        }
        let names = joints.map(\.name).filter { !$0.isEmpty }
        if !name.isEmpty, !names.isEmpty {
            var message = "the joints of this robot are \(listed(names, last: "and"))"
            if let near = nearest(to: name, among: names) { message += "; did you mean `\(near)`?" }
            section.report(key, message)
        }
        return 0
    }

    private static func direction(_ key: String, _ section: Section) -> Int {
        let direction = section.integer(key, in: -1...1, default: 1)
        if direction == 0 { section.report(key, "1 or -1 is needed") }
        return direction == 0 ? 1 : direction
    }

    private static func check(_ leg: LegDescription, _ section: Section) {
        do throws(LegError) {
            _ = try FiveBarLeg(leg)
        } catch {
            section.report("margin", "with these lengths nothing is left to move in")
        }
    }
}
