import Physics
import Realtime
import Robot
import ServoEmulator

/// A hand beside emulated servos: turns their joints when a line on standard input says so.
///
/// `turn JOINT DEGREES` brings a joint to an angle and holds it there as a hand does, with friction;
/// `let-go JOINT` lets go. For scripts and captures of the bring-up commands.
enum EmulatorHand {
    /// What friction a hand holds with.
    private static let grip: NewtonMetres = 5

    /// Begins to read orders; the thread lives as long as the process.
    static func listen(_ robot: RobotDescription, _ plant: SharedPlant) {
        _ = WorkThread(name: "sacbot-hand") {
            while let line = readLine() {
                let reply = obey(line.split(separator: " ").map(String.init), robot, plant)
                Say.write(reply + "\n", to: 1)
            }
        }
    }

    private static func obey(
        _ words: [String],
        _ robot: RobotDescription,
        _ plant: SharedPlant
    ) -> String {
        guard words.count >= 2, let joint = robot.joints.firstIndex(where: { $0.name == words[1] })
        else { return "orders: turn JOINT DEGREES, let-go JOINT" }
        switch (words[0], words.count) {
        case ("let-go", 2):
            plant.withPlant { ($0 as? PhysicsServoPlant)?.plant.setGrip(servo: joint, torque: 0) }
            return "let go \(words[1])"
        case ("turn", 3):
            guard let degrees = Double(words[2]), degrees.isFinite, abs(degrees) <= 3600 else {
                return "no angle in degrees: \(words[2])"
            }
            plant.withPlant { plant in
                guard let plant = (plant as? PhysicsServoPlant)?.plant else { return }
                plant.setAngle(servo: joint, degrees * .pi / 180)
                plant.setGrip(servo: joint, torque: grip)
            }
            return "turned \(words[1]) \(words[2])"
        default: return "orders: turn JOINT DEGREES, let-go JOINT"
        }
    }
}
