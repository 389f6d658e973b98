import ArgumentParser
import Physics
import Realtime
import Robot
import Safety
import ServoEmulator
import ServoHardware
import Simulation

/// Where the robot is.
enum Backend: String, CaseIterable, ExpressibleByArgument {
    case simulation
    case emulator
    case hardware

    /// Whether time is simulated: then nothing is lost by waiting for the learner.
    var hasSimulatedTime: Bool { self == .simulation }
}

/// Work that is to be done with a body of whatever kind.
protocol BodyWork {
    associatedtype Result
    func run<Body: DrivenBody>(_ body: Body) throws -> Result
}

extension Backend {
    /// Brings the backend's body up, hands it to `work`, and takes it down again.
    ///
    /// - Parameters:
    ///   - ports: ports to use instead of the robot file's, by name of the bus.
    ///   - changesGround: whether a simulated robot walks on ground that can be made uneven.
    func withBody<Work: BodyWork>(
        _ configuration: RobotConfiguration,
        ports: [String: String],
        changesGround: Bool = false,
        _ work: Work
    ) throws -> Work.Result {
        let robot = configuration.robot
        switch self {
        case .simulation:
            return try work.run(
                try SimulatedBody(
                    robot: robot,
                    servoModel: configuration.servoModel,
                    timestepSeconds: configuration.timestepSeconds,
                    changesGround: changesGround
                )
            )
        case .hardware: return try drive(robot, ports: ports, work)
        case .emulator:
            let emulated = try EmulatedRobot.started(configuration, options: EmulatorOptions())
            defer { emulated.stop() }
            let paths = zip(robot.buses.map(\.name), emulated.paths)
            var ports = Dictionary(uniqueKeysWithValues: paths)
            ports["imu"] = emulated.imu?.path
            return try drive(robot, ports: ports, work)
        }
    }

    private func drive<Work: BodyWork>(
        _ robot: RobotDescription,
        ports: [String: String],
        _ work: Work
    ) throws -> Work.Result {
        if let refusal = ProcessMemory.lock() { Say.warning("\(refusal)") }
        let body = try ServoBody.connect(robot: robot, portOverride: ports)
        defer {
            // Which port or servos a `lostBus` was about.
            if let problem = body.problem { Say.warning(problem) }
            body.close()
        }
        for warning in body.warnings { Say.warning("\(warning)") }
        let left = body.torqueFoundOn
        if !left.isEmpty {
            let names = left.indices.map { robot.joints[$0].name }.joined(separator: ", ")
            Say.warning("torque was on at \(names); it is switched off before arming")
            _ = body.disableTorque(left)
        }
        defer { tell(robot, body) }
        return try work.run(body)
    }

    /// One line a bus: what was asked and what went wrong.
    private func tell(_ robot: RobotDescription, _ body: ServoBody) {
        for (bus, counters) in zip(robot.buses, body.counters) {
            Say.note(
                "bus \(bus.name): \(counters.requests) requests, \(counters.silences) silences, "
                    + "\(counters.corruptions) corrupt, \(counters.retries) retries, "
                    + "\(counters.strays) strays"
            )
        }
    }
}

extension EmulatedRobot {
    /// The emulated servos of a robot on ptys, with the robot's physics behind them, running.
    static func started(
        _ configuration: RobotConfiguration,
        options: EmulatorOptions,
        faults: FaultPlan = FaultPlan(),
        linkFolder: String? = nil
    ) throws -> EmulatedRobot {
        let robot = configuration.robot
        guard let model = robot.modelPath else {
            throw SimulationError.noModel(robot: robot.name)
        }
        let joints = zip(robot.joints, robot.calibration).map { joint, calibration in
            PlantJoint(name: joint.name, servo: joint.servo, calibration: calibration)
        }
        let plant = try Plant(
            modelPath: model,
            joints: joints,
            timestepSeconds: configuration.timestepSeconds,
            servoModel: configuration.servoModel
        )
        let emulated = try EmulatedRobot(
            robot: robot,
            plant: PhysicsServoPlant(plant),
            options: options,
            faults: faults,
            linkFolder: linkFolder
        )
        emulated.start()
        return emulated
    }
}
