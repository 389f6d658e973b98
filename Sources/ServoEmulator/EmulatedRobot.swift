import Physics
import Realtime
public import Robot
import ServoProtocol

/// All buses of a robot, each on its own pseudo-terminal, with one plant behind them; and its IMU.
public final class EmulatedRobot: Sendable {
    /// The buses, in the order of `RobotDescription.buses`.
    public let buses: [any EmulatedPort]
    /// The inertial measurement unit, if the robot has one.
    public let imu: (any EmulatedPort)?
    /// The plant, to push the robot around in.
    public let plant: SharedPlant

    /// Opens a pseudo-terminal for each bus; controllers answer from `start()` on.
    ///
    /// - Parameters:
    ///   - robot: its joints' numbers are the plant's.
    ///   - returnDelay: Return Delay Time of all servos in units of 2 µs.
    ///   - faults: what shall go wrong.
    ///   - linkFolder: where each bus gets a stable name, the bus's own, and the IMU the name `imu`;
    ///     `nil` for none.
    /// - Throws: `unknownModel`, `unknownBaudRate`, `noTerminal`, `noLink`.
    public init(
        robot: RobotDescription,
        plant: sending any ServoPlant,
        options: EmulatorOptions = EmulatorOptions(),
        returnDelay: UInt8 = 0,
        faults: FaultPlan = FaultPlan(),
        linkFolder: String? = nil
    ) throws(EmulatorError) {
        let setups = try EmulatedServoSetup.setups(for: robot, returnDelay: returnDelay)
        let hasODrive = robot.buses.contains { $0.wire == .odrive }
        let shared = SharedPlant(hasODrive ? ODrivePlant(plant) : plant)
        let ends = LineEnds(robot: robot, plant: shared, options: options, linkFolder: linkFolder)
        var buses: [any EmulatedPort] = []
        for (index, servos) in setups.enumerated() {
            let part = faults.part(bus: robot.buses[index].name, index: index)
            buses.append(try ends.port(bus: index, servos: servos, faults: part))
        }
        self.buses = buses
        imu = try robot.imu.map { unit throws(EmulatorError) in try ends.imu(unit) }
        self.plant = shared
    }

    /// What a client opens for each bus.
    public var paths: [String] { buses.map(\.path) }

    /// How often each fault on demand has hit, all buses together.
    public var faultHits: [FaultKind: Int] {
        buses.reduce(into: [:]) { total, bus in total.merge(bus.faultHits, uniquingKeysWith: +) }
    }

    /// A bus of Dynamixel 2.0 servos, `nil` if it speaks something else.
    public func dynamixels(bus: Int) -> EmulatedBus? { buses[bus] as? EmulatedBus }

    /// A bus of Dynamixel 1.0 or Feetech servos, `nil` if it speaks something else.
    public func protocol1(bus: Int) -> EmulatedProtocol1Bus? {
        buses[bus] as? EmulatedProtocol1Bus
    }

    /// A bus of moteus controllers, `nil` if it speaks something else.
    public func moteus(bus: Int) -> EmulatedMoteusBus? { buses[bus] as? EmulatedMoteusBus }

    /// An ODrive board, `nil` if the bus speaks something else.
    public func odrive(bus: Int) -> EmulatedODrive? { buses[bus] as? EmulatedODrive }

    /// Begins to answer on all buses.
    public func start() {
        buses.forEach { $0.start() }
        imu?.start()
    }

    /// Stops all buses.
    public func stop() {
        buses.forEach { $0.stop() }
        imu?.stop()
    }
}

/// Makes what sits at the far end of each of a robot's lines.
private struct LineEnds {
    let robot: RobotDescription
    let plant: SharedPlant
    let options: EmulatorOptions
    let linkFolder: String?

    func port(
        bus index: Int,
        servos: [EmulatedServoSetup],
        faults: FaultPlan
    ) throws(EmulatorError) -> any EmulatedPort {
        let now = MonotonicClock.now()
        switch robot.buses[index].wire {
        case .dynamixel:
            return try line(
                BusCore(
                    servos: servos,
                    plant: plant,
                    options: options,
                    busIndex: index,
                    now: now
                ),
                robot.buses[index].name,
                faults
            )
        case .dynamixel1, .feetech:
            return try line(
                Protocol1Core(
                    servos: servos,
                    plant: plant,
                    options: options,
                    busIndex: index,
                    now: now
                ),
                robot.buses[index].name,
                faults
            )
        case .moteus:
            return try line(
                MoteusCore(
                    controllers: joints(on: index).map { joint in
                        MoteusSetup(
                            id: robot.joints[joint].servoID,
                            plantIndex: joint,
                            servo: robot.joints[joint].servo
                        )
                    },
                    plant: plant,
                    options: options,
                    busIndex: index,
                    now: now
                ),
                robot.buses[index].name,
                faults
            )
        case .odrive:
            return try line(
                ODriveCore(
                    setup: board(index),
                    plant: plant,
                    options: options,
                    busIndex: index,
                    now: now
                ),
                robot.buses[index].name,
                faults
            )
        }
    }

    /// A unit that feels what the plant's body does; still, if the plant has none.
    func imu(_ unit: IMUDescription) throws(EmulatorError) -> any EmulatedPort {
        let plant = plant
        let motion = IMUMotion { time in
            plant.withPlant { $0.basePose }.map { IMUSample(pose: $0, time: time) }
                ?? IMUMotion.still.sample(time)
        }
        let core = IMUCore(
            unit.protocolName,
            baudRate: unit.baudRate,
            motion: motion,
            now: MonotonicClock.now()
        )
        return try line(core, "imu", FaultPlan())
    }

    private func joints(on bus: Int) -> [Int] {
        robot.joints.indices.filter { robot.joints[$0].busIndex == bus }
    }

    /// A board with the bus's joints on its axes, calibrated, its encoders absolute.
    private func board(_ index: Int) -> ODriveSetup {
        var axes: [ODriveAxisSetup?] = [nil, nil]
        var torqueConstant: Double?
        for joint in joints(on: index) {
            let servo = robot.joints[joint].servo
            var axis = ODriveAxisSetup(plantIndex: joint)
            axis.pulsesPerTurn = servo.pulsesPerTurn
            axis.velocityUnit = servo.velocityUnit
            axis.encoder = .absolute
            axes[Int(robot.joints[joint].servoID)] = axis
            torqueConstant = servo.torqueConstant
        }
        var setup = ODriveSetup(axes: axes)
        setup.rate = robot.buses[index].baudRate
        setup.drive.torqueConstant = torqueConstant ?? setup.drive.torqueConstant
        // What the board's transistors bear; the robot file's limits are set by the host.
        setup.drive.currentLimit = 60
        return setup
    }

    private func line<Device: LineDevice>(
        _ device: sending Device,
        _ name: String,
        _ faults: FaultPlan
    ) throws(EmulatorError) -> EmulatedLine<Device> {
        try EmulatedLine(
            device: device,
            isInstant: options.timing == .instant,
            symlinkPath: linkFolder.map { $0 + "/" + name },
            faults: faults
        )
    }
}

extension IMUSample {
    /// What a perfect unit in the body's axes measures at rest or in steady motion.
    fileprivate init(pose: BasePose, time: Int64) {
        let orientation = Quaternion(w: pose.turn.x, x: pose.turn.y, y: pose.turn.z, z: pose.turn.w)
        self.init(
            orientation: orientation,
            angularRate: pose.rates,
            acceleration: orientation.inverse.turned(SIMD3(0, 0, standardGravity)),
            time: time
        )
    }
}
