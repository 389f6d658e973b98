import Physics
import RobotFiles
import Simulation

/// Reads the robot file's `simulation:`.
enum SimulationSection {
    private enum Servos: String, CaseIterable {
        /// DC motors from the data sheet, as the emulator has them.
        case datasheet
        /// ROBEL's spring and damper, for comparison.
        case robel
    }

    /// How simulated servos turn goals into torque.
    static func servoModel(_ root: Section) -> ServoModel {
        let section = root.sectionOrEmpty("simulation")
        switch section.choice("servos", default: Servos.datasheet) {
        case .datasheet: return .motor
        case .robel: return .robelSoft
        }
    }

    /// One physics step in seconds; direct-drive legs need 1 ms.
    static func timestep(_ root: Section) -> Double {
        root.sectionOrEmpty("simulation").quantity(
            "step",
            .seconds,
            in: 1e-5...0.005,
            default: 0.0025
        )
    }

    /// Whether a fallen robot is put back at once instead of using its own legs.
    static func putsBack(_ root: Section) -> Bool {
        root.sectionOrEmpty("simulation").boolean("put_back", default: true)
    }

    /// Who draws what simulated cameras see.
    static func rendering(_ root: Section) -> RenderingLibrary {
        root.sectionOrEmpty("simulation").choice("rendering", default: .osmesa)
    }

    /// By how much episodes look different from each other.
    static func looks(_ root: Section) -> SimulatedLooks {
        let section = root.sectionOrEmpty("simulation").sectionOrEmpty("looks")
        var looks = SimulatedLooks()
        looks.light = section.quantity("light", .fraction, in: 0...0.95, default: 0)
        looks.lamps = section.quantity("lamps", .metres, in: 0...5, default: 0)
        looks.colour = section.quantity("colour", .fraction, in: 0...1, default: 0)
        looks.cameraPosition = section.quantity("camera_position", .metres, in: 0...1, default: 0)
        looks.cameraAngle = section.quantity("camera_angle", .radians, in: 0...0.35, default: 0)
        looks.texture = section.quantity("texture", .fraction, in: 0...4, default: 0)
        return looks
    }

    /// How policies are tried out between training episodes, if they are.
    static func trials(_ root: Section) -> TrialSettings? {
        guard let section = root.sectionOrEmpty("simulation").optionalSection("trials") else {
            return nil
        }
        return TrialSettings(
            everySteps: section.integer("every", in: 1...10_000_000),
            episodes: section.integer("episodes", in: 1...10_000)
        )
    }
}

/// When policies are tried out, and how thoroughly.
struct TrialSettings {
    /// Policy steps between two trials.
    var everySteps: Int
    /// Episodes of a trial.
    var episodes: Int
}
