public import Robot
public import Safety
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
    ///   - portOverride: ports to use instead of the robot file's, by name of the bus; `imu` is the
    ///     inertial measurement unit's.
    ///   - pacing: `stepped` for emulated servos with a stepped clock.
    /// - Throws: trouble with the first port that cannot be used, or all problems with servos.
    public static func connect(
        robot: RobotDescription,
        portOverride: [String: String] = [:],
        pacing: TickPacing = .realTime
    ) throws(HardwareError) -> ServoBody {
        var problems: [ServoProblem] = []
        for index in robot.joints.indices { problems += DriverChoice.problems(robot, joint: index) }
        guard problems.isEmpty else { throw .servos(problems) }
        var drivers: [any BusDriver] = []
        for index in robot.buses.indices {
            let path = portOverride[robot.buses[index].name] ?? robot.buses[index].port
            drivers.append(
                try DriverChoice.driver(robot, bus: index, path: path, pacing: pacing)
            )
        }
        var report = BringUpReport()
        for driver in drivers {
            try driver.bringUp(&report)
            let needed = driver.tickNanoseconds
            if pacing == .realTime, needed > robot.tickNanoseconds {
                report.problems.append(
                    .busTooSlow(
                        bus: driver.description.name,
                        rate: driver.description.baudRate,
                        needed: needed,
                        tick: robot.tickNanoseconds
                    )
                )
            }
        }
        guard report.problems.isEmpty else { throw .servos(report.problems) }
        let imu = try robot.imu.map { unit throws(HardwareError) in
            try openIMU(unit, port: portOverride["imu"])
        }
        let receiver = try robot.speedSensor.flatMap { sensor throws(HardwareError) in
            sensor.source == .legs ? nil : try PlaceReceiver(sensor)
        }
        let body = ServoBody(
            robot: robot,
            portOverride: portOverride,
            drivers: drivers,
            imu: imu,
            found: report,
            pacing: pacing
        )
        body.placeReceiver = receiver
        return body
    }
}

extension ServoBody {
    private static func openIMU(
        _ unit: IMUDescription,
        port: String?
    ) throws(HardwareError) -> IMUReader {
        var unit = unit
        unit.port = port ?? unit.port
        do throws(IMUError) {
            return try IMUReader(unit)
        } catch {
            throw .imu(error.description)
        }
    }
}

extension ServoBody: ReconnectableBody {
    /// Whether a bus is lost and `reconnect` may bring it back.
    public var isDisconnected: Bool { buses.contains { $0.isLost } }

    /// Opens the ports of lost buses again, by the same names, and asks everybody who they are.
    ///
    /// A name under /dev/serial/by-id or of a udev rule finds the adapter wherever it was plugged
    /// in. Torque of the joints on those buses is switched off if their servos still have it, and
    /// what was last read of them is not handed on: before torque comes back they are read, judged
    /// and prepared anew like after a start.
    public func reconnect(state: inout BodyState) throws(ReconnectProblem) {
        for place in buses.indices where buses[place].isLost {
            do throws(HardwareError) {
                try reopen(place, &state)
            } catch {
                throw ReconnectProblem(error.description)
            }
        }
        fault = nil
        problem = nil
        if state.fault == .lostBus { state.fault = nil }
    }

    private func reopen(_ place: Int, _ state: inout BodyState) throws(HardwareError) {
        let old = buses[place].driver
        old.port.close()
        buses[place].isClosed = true
        let path = portOverride[old.description.name] ?? old.description.port
        let driver = try DriverChoice.driver(robot, bus: place, path: path, pacing: clock.pacing)
        var report = BringUpReport()
        do throws(HardwareError) {
            try driver.bringUp(&report)
            guard report.problems.isEmpty else { throw .servos(report.problems) }
            var left = report.torqueOn
            if !left.isEmpty { try driver.release(report.torqueOn, unconfirmed: &left) }
            guard left.isEmpty else {
                throw .servos(
                    left.indices.map {
                        .unreadable(joint: robot.joints[$0].name, id: robot.joints[$0].servoID)
                    }
                )
            }
        } catch {
            driver.port.close()
            throw error
        }
        buses[place] = BusSeat(driver: driver)
        for joint in driver.joints {
            torqueOn.remove(joint)
            state.samples[joint] = nil
            state.health[joint] = nil
        }
        state.torqueEnabled = torqueOn
    }
}
