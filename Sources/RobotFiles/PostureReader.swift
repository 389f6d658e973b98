internal import Robot

/// Reads `workspace` and `self_collision`.
enum PostureReader {
    static func workspace(_ root: Section, legs: [LegDescription]) -> [WorkspaceBox] {
        (root.optionalSections("workspace") ?? []).map { section in
            let (point, name) = point(section, legs)
            let isFoot = if case .foot = point { true } else { false }
            return WorkspaceBox(
                point: point,
                name: name,
                x: range("x", section),
                y: isFoot ? everywhere : range("y", section),
                z: range("z", section),
                softZone: section.quantity("soft_zone", .metres, in: 0...1, default: 0)
            )
        }
    }

    private static let everywhere = -Double.infinity...Double.infinity

    private static func range(_ key: String, _ section: Section) -> ClosedRange<Double> {
        section.has(key) ? section.range(key, .metres, in: -10...10) : everywhere
    }

    private static func point(
        _ section: Section,
        _ legs: [LegDescription]
    ) -> (WorkspaceBox.Point, String) {
        if section.has("leg") {
            let name = section.text("leg")
            if section.has("site") {
                section.report("site", "`leg` is given as well; leave out one of them")
            }
            if let index = legs.firstIndex(where: { $0.name == name }) {
                return (.foot(index), name)
            }
            let names = legs.map(\.name)
            section.report(
                "leg",
                names.isEmpty
                    ? "this robot has no `legs`"
                    : "the legs of this robot are \(listed(names, last: "and"))"
            )
            return (.site(name), name)
        }
        let name = section.text("site")
        return (.site(name), name)
    }

    static func selfCollision(_ root: Section) -> SelfCollisionLimits? {
        guard let section = root.optionalSection("self_collision") else { return nil }
        return SelfCollisionLimits(
            margin: section.quantity("margin", .metres, in: 0...0.1, default: 0.002),
            except: (section.optionalSections("except") ?? []).map { pair in
                [pair.text("body"), pair.text("other")]
            },
            seconds: section.quantity("time", .seconds, in: 0.02...3600, default: 1)
        )
    }
}
