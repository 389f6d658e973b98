import Physics
import RobotFiles

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
}
