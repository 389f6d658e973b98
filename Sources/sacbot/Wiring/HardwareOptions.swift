import ArgumentParser
import Operator
import Robot
import ServoHardware

/// What the commands that take care of real servos ask for.
struct HardwareOptions: ParsableArguments {
    @Option(help: "The robot file, or its bare name in robots/.")
    var robot: String
    @Option(help: "A port instead of the robot file's: PORT, or BUS=PORT for one of several buses.")
    var port: [String] = []

    /// The robot file, decoded and checked.
    func configuration() throws -> RobotConfiguration { try RobotConfiguration.load(robot) }

    /// The port of each bus, in the order of the robot file.
    func ports(_ robot: RobotDescription) throws -> [String] {
        let given = try PortChoice.ports(port, of: robot)
        return robot.buses.map { given[$0.name] ?? $0.port }
    }
}

/// Wire protocols that bring-up knows; the place to add one.
enum BringUpProtocols {
    /// What `sacbot scan` looks for, in an order in which nobody's motor obeys what is meant for
    /// another: listening first, then frames that need a checksum, then lines that carry one, and
    /// the adapter's plain words last.
    static let probes: [any DeviceProbe] = [
        IMUDeviceProbe(), DynamixelProbe(), Protocol1Probe(), ODriveProbe(), MoteusProbe(),
    ]

    /// Checks what is on a bus.
    static func examiner(_ bus: ServoBusDescription) -> any BusExaminer {
        bus.wire == .dynamixel ? DynamixelExaminer() : DriverExaminer()
    }

    /// What answers on buses whose servos `sacbot setup` knows.
    static func probe(_ bus: ServoBusDescription) -> any DeviceProbe {
        bus.wire == .dynamixel ? DynamixelProbe() : Protocol1Probe()
    }

    /// Opens a bus to take care of single servos.
    static func bench(
        _ robot: RobotDescription,
        bus: Int,
        port: String
    ) throws(HardwareError) -> any DeviceBench {
        try BenchOpening.bench(robot: robot, bus: bus, port: port)
    }
}

/// Whether another sacbot has the robot.
enum RunningRobot {
    /// Refuses if the robot's servos are driven by another process: two must not share a port.
    ///
    /// - Parameter remedy: what to do instead, after "`NAME` is driven by another sacbot".
    static func refuse(_ robot: String, remedy: String) throws {
        for path in ControlSocket.places(robot: robot) {
            guard let reply = try? ControlClient.ask(OperatorRequest(.status), path: path),
                reply.state.backend == Backend.hardware.rawValue
            else { continue }
            throw Failure(
                "`\(robot)` is driven by another sacbot (task \(reply.state.task), "
                    + "\(reply.state.phase)); \(remedy)"
            )
        }
    }

    /// Asks the process that drives the robot's servos; `nil` if there is none.
    static func ask(_ command: OperatorRequest.Command, robot: String) throws -> OperatorReply? {
        for path in ControlSocket.places(robot: robot) {
            guard let reply = try? ControlClient.ask(OperatorRequest(.status), path: path),
                reply.state.backend == Backend.hardware.rawValue
            else { continue }
            return try ControlClient.ask(OperatorRequest(command), path: path)
        }
        return nil
    }

    /// The usual remedy.
    static func stopFirst(_ robot: String) -> String {
        "stop it first with `sacbot stop --robot \(robot)`"
    }
}
