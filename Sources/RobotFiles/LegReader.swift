internal import Robot

/// Reads the robot file's `legs:`.
enum LegReader {
    static func legs(_ root: Section, joints: [Joint]) -> [LegDescription] {
        guard root.has("legs") else { return [] }
        return root.sections("legs").map { leg($0, joints: joints) }
    }

    private static func leg(_ section: Section, joints: [Joint]) -> LegDescription {
        LegDescription(
            name: section.identifier("name"),
            frontJoint: joint(section, "front", joints),
            rearJoint: joint(section, "rear", joints),
            upperLength: section.quantity("upper", .metres, in: 0.005...2),
            lowerLength: section.quantity("lower", .metres, in: 0.005...2)
        )
    }

    private static func joint(_ section: Section, _ key: String, _ joints: [Joint]) -> Int {
        let name = section.text(key)
        if let index = joints.firstIndex(where: { $0.name == name }) { return index }
        if !name.isEmpty {
            section.report(key, "there is no joint `\(name)`")
        }
        return 0
    }
}
