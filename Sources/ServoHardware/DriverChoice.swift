import Robot
import ServoProtocol

/// Which driver a bus needs.
enum DriverChoice {
    /// A driver for bring-up on an opened port; `nil` for Dynamixel 2.0, which has its own bench.
    static func careDriver(
        _ robot: RobotDescription,
        bus index: Int,
        path: String
    ) throws(HardwareError) -> (any CareDriver)? {
        guard robot.buses[index].wire != .dynamixel else { return nil }
        return try driver(robot, bus: index, path: path, pacing: .realTime) as? any CareDriver
    }

    /// What a joint's controller cannot do, before any port is opened.
    static func problems(_ robot: RobotDescription, joint index: Int) -> [ServoProblem] {
        do throws(ServoProblem) {
            switch robot.buses[robot.joints[index].busIndex].wire {
            case .dynamixel: _ = try JointLink(robot: robot, joint: index)
            case .dynamixel1, .feetech: _ = try Protocol1Link(robot: robot, joint: index)
            case .odrive: _ = try ODriveLink(robot: robot, joint: index)
            case .moteus: break
            }
            return []
        } catch {
            return [error]
        }
    }

    /// A driver on an opened port.
    static func driver(
        _ robot: RobotDescription,
        bus index: Int,
        path: String,
        pacing: TickPacing
    ) throws(HardwareError) -> any BusDriver {
        let description = robot.buses[index]
        let port = try SerialPort(path: path, baudRate: description.baudRate)
        let joints = robot.joints.indices.filter { robot.joints[$0].busIndex == index }
        do throws(ServoProblem) {
            return try driver(robot, description, port, joints, pacing)
        } catch {
            throw .servos([error])
        }
    }

    private static func driver(
        _ robot: RobotDescription,
        _ description: ServoBusDescription,
        _ port: SerialPort,
        _ joints: [Int],
        _ pacing: TickPacing
    ) throws(ServoProblem) -> any BusDriver {
        let latency = port.latencyWarning?.milliseconds ?? 0
        // Under a stepped clock each goal packet is a tick of the emulator's.
        let ticksBetweenWrites = pacing == .stepped ? 1 : 5
        switch description.wire {
        case .dynamixel:
            let bus = ServoBus(port: port)
            bus.timing.allow(for: pacing, latencyMilliseconds: latency)
            return DynamixelDriver(
                description: description,
                bus: bus,
                links: try links(joints) { joint throws(ServoProblem) in
                    try JointLink(robot: robot, joint: joint)
                },
                ticksBetweenWrites: ticksBetweenWrites
            )
        case .dynamixel1, .feetech:
            let wire: ServoWire =
                description.wire == .feetech ? .feetechLittleEndian : .dynamixel1
            let bus = Protocol1Bus(port: port, wire: wire)
            bus.timing.allow(for: pacing, latencyMilliseconds: latency)
            return Protocol1Driver(
                description: description,
                bus: bus,
                links: try links(joints) { joint throws(ServoProblem) in
                    try Protocol1Link(robot: robot, joint: joint)
                },
                ticksBetweenWrites: ticksBetweenWrites
            )
        case .odrive:
            let bus = ODriveBus(port: port)
            bus.timing.allow(for: pacing, latencyMilliseconds: latency)
            return ODriveDriver(
                description: description,
                bus: bus,
                links: try links(joints) { joint throws(ServoProblem) in
                    try ODriveLink(robot: robot, joint: joint)
                }
            )
        case .moteus:
            let driver = MoteusDriver(
                description: description,
                port: port,
                links: joints.map { MoteusLink(robot: robot, joint: $0) },
                repeatsGoals: pacing == .realTime
            )
            driver.bus.timing.allow(for: pacing, latencyMilliseconds: latency)
            return driver
        }
    }

    private static func links<Link>(
        _ joints: [Int],
        _ make: (Int) throws(ServoProblem) -> Link
    ) throws(ServoProblem) -> [Link] {
        var links: [Link] = []
        for joint in joints { links.append(try make(joint)) }
        return links
    }
}

extension BusTiming {
    /// Sets what is allowed on top of wire time.
    ///
    /// Adapters hold bytes back; emulators share a busy machine with others.
    mutating func allow(for pacing: TickPacing, latencyMilliseconds: Int) {
        let latency = Int64(latencyMilliseconds) * 1_000_000
        switch pacing {
        case .realTime:
            gap = 3_000_000 + latency
            patience = 50_000_000 + 2 * latency
        case .stepped:
            // The clock stands still while we wait: patience costs nothing.
            gap = 100_000_000
            patience = 250_000_000
        }
    }
}
