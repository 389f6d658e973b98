public import Robot
import ServoProtocol

extension ServoBody {
    /// Opens the robot's ports, asks every servo who it is, and refuses unless all are as the robot
    /// file says.
    ///
    /// Moves nothing and leaves torque as it is (see `torqueFoundOn`); the only register it may
    /// write is Status Return Level (RAM), without which nothing can be read.
    ///
    /// - Parameters:
    ///   - robot: the robot; each joint's servo must be a model with a control table.
    ///   - portOverride: ports to use instead of the robot file's, by name of the bus.
    ///   - pacing: `stepped` for emulated servos with a stepped clock.
    /// - Throws: trouble with the first port that cannot be used, or all problems with servos.
    public static func connect(
        robot: RobotDescription,
        portOverride: [String: String] = [:],
        pacing: TickPacing = .realTime
    ) throws(HardwareError) -> ServoBody {
        var problems: [ServoProblem] = []
        let links = jointLinks(robot, &problems)
        guard problems.isEmpty else { throw .servos(problems) }
        var buses: [BusLink] = []
        for (index, description) in robot.buses.enumerated() {
            let path = portOverride[description.name] ?? description.port
            let bus = ServoBus(
                port: try SerialPort(path: path, baudRate: description.baudRate)
            )
            // Adapters hold bytes back; emulators share a busy machine with others.
            let latency = Int64(bus.port.latencyWarning?.milliseconds ?? 0) * 1_000_000
            switch pacing {
            case .realTime:
                bus.timing.gap = 3_000_000 + latency
                bus.timing.patience = 50_000_000 + 2 * latency
            case .stepped:
                // The clock stands still while we wait: patience costs nothing.
                bus.timing.gap = 100_000_000
                bus.timing.patience = 250_000_000
            }
            let onBus = links.filter { $0.joint.busIndex == index }
            buses.append(BusLink(description: description, bus: bus, joints: onBus))
        }
        var found: [Int: FoundServo] = [:]
        var torqueOn = JointSet()
        for bus in buses {
            try BringUp(bus: bus).run(found: &found, torqueOn: &torqueOn, problems: &problems)
        }
        guard problems.isEmpty else { throw .servos(problems) }
        return ServoBody(
            robot: robot,
            buses: buses,
            servos: robot.joints.indices.compactMap { found[$0] },
            torqueFoundOn: torqueOn,
            pacing: pacing
        )
    }

    private static func jointLinks(
        _ robot: RobotDescription,
        _ problems: inout [ServoProblem]
    ) -> [JointLink] {
        var links: [JointLink] = []
        for (index, joint) in robot.joints.enumerated() {
            let table = ControlTable.model(number: joint.servo.modelNumber)
            guard let registers = table.flatMap({ ServoRegisters($0) }) else {
                problems.append(.unknownModel(joint: joint.name, model: joint.servo.name))
                continue
            }
            let link = JointLink(
                index: index,
                joint: joint,
                calibration: robot.calibration[index],
                registers: registers
            )
            if !link.fitsInOneTurn {
                problems.append(.limitsOutsideTurn(joint: joint.name, pulses: link.limitPulses))
            }
            links.append(link)
        }
        return links
    }
}
