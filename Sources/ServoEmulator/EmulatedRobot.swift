public import Robot

/// All buses of a robot, each on its own pseudo-terminal, with one plant behind them.
public final class EmulatedRobot: Sendable {
    /// The buses, in the order of `RobotDescription.buses`.
    public let buses: [any EmulatedPort]
    /// The plant, to push the robot around in.
    public let plant: SharedPlant

    /// Opens a pseudo-terminal for each bus; servos answer from `start()` on.
    ///
    /// - Parameters:
    ///   - robot: its joints' numbers are the plant's.
    ///   - returnDelay: Return Delay Time of all servos in units of 2 µs.
    ///   - linkFolder: where each bus gets a stable name, the bus's own; `nil` for none.
    /// - Throws: what `EmulatedServoSetup.setups` and `EmulatedBus` throw.
    public init(
        robot: RobotDescription,
        plant: sending any ServoPlant,
        options: EmulatorOptions = EmulatorOptions(),
        returnDelay: UInt8 = 0,
        linkFolder: String? = nil
    ) throws(EmulatorError) {
        let setups = try EmulatedServoSetup.setups(for: robot, returnDelay: returnDelay)
        let shared = SharedPlant(plant)
        var buses: [any EmulatedPort] = []
        for (index, servos) in setups.enumerated() {
            var options = options
            options.symlinkPath = linkFolder.map { $0 + "/" + robot.buses[index].name }
            buses.append(try Self.bus(robot.buses[index].wire, servos, shared, options, index))
        }
        self.buses = buses
        self.plant = shared
    }

    private static func bus(
        _ wire: BusProtocol,
        _ servos: [EmulatedServoSetup],
        _ plant: SharedPlant,
        _ options: EmulatorOptions,
        _ index: Int
    ) throws(EmulatorError) -> any EmulatedPort {
        switch wire {
        case .dynamixel1, .feetech:
            try EmulatedProtocol1Bus(
                servos: servos,
                plant: plant,
                options: options,
                busIndex: index
            )
        case .dynamixel, .moteus, .odrive:
            try EmulatedBus(servos: servos, plant: plant, options: options, busIndex: index)
        }
    }

    /// What a client opens for each bus.
    public var paths: [String] { buses.map(\.path) }

    /// A bus of Dynamixel 2.0 servos, `nil` if it speaks something else.
    public func dynamixels(bus: Int) -> EmulatedBus? { buses[bus] as? EmulatedBus }

    /// A bus of Dynamixel 1.0 or Feetech servos, `nil` if it speaks something else.
    public func protocol1(bus: Int) -> EmulatedProtocol1Bus? {
        buses[bus] as? EmulatedProtocol1Bus
    }

    /// Begins to answer on all buses.
    public func start() { buses.forEach { $0.start() } }

    /// Stops all buses.
    public func stop() { buses.forEach { $0.stop() } }
}
