import Control
import Robot
import RobotFiles

/// Reads the robot file's `reset:`.
enum ResetSection {
    static func reset(_ root: Section, robot: RobotDescription) -> ResetSettings {
        let section = root.sectionOrEmpty("reset")
        var settings = ResetSettings(
            tolerance: section.quantity(
                "tolerance",
                .radians,
                in: degrees(0.2)...degrees(45),
                default: degrees(5)
            ),
            jointSeconds: section.quantity("joint_time", .seconds, in: 0.1...60, default: 3),
            objectSeconds: section.quantity("object_time", .seconds, in: 0.1...60, default: 10),
            settleSeconds: section.quantity("settle_time", .seconds, in: 0...60, default: 0.2),
            limpFirst: joints(section, "limp_first", robot: robot),
            disentangle: (section.optionalSections("disentangle") ?? []).map {
                stage($0, robot: robot)
            },
            retries: section.integer("retries", in: 0...20, default: 3),
            promptSeconds: section.optionalQuantity("prompt_time", .seconds, in: 1...86_400)
        )
        settings.standUp = section.optionalSection("stand_up").map { standUp($0, robot: robot) }
        settings.trackEnd = section.choice("track_end", default: .ask)
        if settings.trackEnd == .walkBack, !LegPlaces.areKnown(robot) {
            section.report(
                "track_end",
                "needs four `legs` whose `hip` says where they are, two on each side"
            )
        }
        if section.has("battery_pause") {
            settings.batteryPause = section.range("battery_pause", .volts, in: 1...100)
        }
        return settings
    }

    private static func standUp(_ section: Section, robot: RobotDescription) -> StandUpSettings {
        let usual = StandUpSettings()
        if robot.legs.isEmpty { section.report("this robot has no `legs` to stand up with") }
        return StandUpSettings(
            tries: section.integer("tries", in: 1...20, default: usual.tries),
            foldSeconds: section.quantity(
                "fold_time",
                .seconds,
                in: 0.1...10,
                default: usual.foldSeconds
            ),
            extendSeconds: section.quantity(
                "extend_time",
                .seconds,
                in: 0.1...10,
                default: usual.extendSeconds
            )
        )
    }

    private static func stage(_ section: Section, robot: RobotDescription) -> DisentangleStage {
        DisentangleStage(
            joints: joints(section, "joints", robot: robot),
            position: section.optionalQuantity("position", .radians, in: -.pi ... .pi),
            seconds: section.quantity("time", .seconds, in: 0.05...60, default: 0.75)
        )
    }

    private static func joints(
        _ section: Section,
        _ key: String,
        robot: RobotDescription
    ) -> [Int] {
        section.texts(key).compactMap { name in
            if let index = robot.actuatedJoints.first(where: { robot.joints[$0].name == name }) {
                return index
            }
            let known = robot.actuatedJoints.map { robot.joints[$0].name }.joined(separator: ", ")
            section.report(key, "there is no actuated joint `\(name)`; known: \(known)")
            return nil
        }
    }
}
