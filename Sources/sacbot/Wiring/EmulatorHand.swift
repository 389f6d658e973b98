import Physics
import Realtime
import Robot
import ServoEmulator

/// A hand beside emulated servos: turns their joints when a line on standard input says so.
///
/// For scripts and captures of the bring-up commands:
/// - `turn JOINT DEGREES` brings a joint to an angle and holds it there as a hand does, with
///   friction;
/// - `let-go JOINT` lets go;
/// - `wait` is answered when a program has read the servos since.
final class EmulatorHand: Sendable {
    /// What friction a hand holds with.
    private static let grip: NewtonMetres = 50
    private static let orders = "orders: turn JOINT DEGREES, let-go JOINT, wait"

    private let robot: RobotDescription
    private let servos: EmulatedRobot

    init(robot: RobotDescription, servos: EmulatedRobot) {
        self.robot = robot
        self.servos = servos
    }

    /// Begins to read orders; the thread lives as long as the process.
    func listen() {
        _ = WorkThread(name: "sacbot-hand") { [self] in
            while let line = readLine() {
                Say.show(obey(line.split(separator: " ").map(String.init)))
            }
        }
    }

    private func obey(_ words: [String]) -> String {
        if words == ["wait"] {
            waitForReading()
            return "read"
        }
        guard words.count >= 2, let joint = robot.joints.firstIndex(where: { $0.name == words[1] })
        else { return Self.orders }
        switch (words[0], words.count) {
        case ("let-go", 2):
            withPlant { $0.setGrip(servo: joint, torque: 0) }
            return "let go \(words[1])"
        case ("turn", 3):
            guard let degrees = Double(words[2]), degrees.isFinite, abs(degrees) <= 3600 else {
                return "no angle in degrees: \(words[2])"
            }
            withPlant { plant in
                plant.setAngle(servo: joint, degrees * .pi / 180)
                plant.setGrip(servo: joint, torque: Self.grip)
            }
            return "turned \(words[1]) \(words[2])"
        default: return Self.orders
        }
    }

    private func withPlant(_ body: (Plant) -> Void) {
        servos.plant.withPlant { plant in
            // With ODrives among the servos their control loops lie around it.
            let servos = (plant as? ODrivePlant)?.inner ?? plant
            guard let plant = (servos as? PhysicsServoPlant)?.plant else { return }
            body(plant)
        }
    }

    /// Until every bus has been asked so often that a whole reading was among it: at most two
    /// requests a joint and two more, begun at any place.
    private func waitForReading() {
        let before = requests
        let enough = robot.buses.indices.map { bus in
            2 * robot.joints.count { $0.busIndex == bus } + 3
        }
        func isRead() -> Bool {
            requests.indices.allSatisfy { requests[$0] >= before[$0] + enough[$0] }
        }
        while !isRead() { MonotonicClock.sleep(until: MonotonicClock.now() + 5_000_000) }
    }

    private var requests: [Int] {
        servos.buses.indices.map { bus in
            servos.dynamixels(bus: bus)?.counters.requests
                ?? servos.protocol1(bus: bus)?.counters.requests
                ?? servos.moteus(bus: bus)?.counters.lines
                ?? servos.odrive(bus: bus)?.counters.requests ?? 0
        }
    }
}
