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
    ///   - faults: what shall go wrong.
    ///   - linkFolder: where each bus gets a stable name, the bus's own; `nil` for none.
    /// - Throws: what `EmulatedServoSetup.setups` and `EmulatedBus` throw.
    public init(
        robot: RobotDescription,
        plant: sending any ServoPlant,
        options: EmulatorOptions = EmulatorOptions(),
        returnDelay: UInt8 = 0,
        faults: FaultPlan = FaultPlan(),
        linkFolder: String? = nil
    ) throws(EmulatorError) {
        let setups = try EmulatedServoSetup.setups(for: robot, returnDelay: returnDelay)
        let shared = SharedPlant(plant)
        var buses: [any EmulatedPort] = []
        for (index, servos) in setups.enumerated() {
            var options = options
            options.symlinkPath = linkFolder.map { $0 + "/" + robot.buses[index].name }
            buses.append(
                try EmulatedBus(
                    servos: servos,
                    plant: shared,
                    options: options,
                    busIndex: index,
                    faults: faults.part(bus: robot.buses[index].name, index: index)
                )
            )
        }
        self.buses = buses
        self.plant = shared
    }

    /// What a client opens for each bus.
    public var paths: [String] { buses.map(\.path) }

    /// How often each fault on demand has hit, all buses together.
    public var faultHits: [FaultKind: Int] {
        buses.reduce(into: [:]) { total, bus in total.merge(bus.faultHits, uniquingKeysWith: +) }
    }

    /// A bus of Dynamixel servos, `nil` if it speaks something else.
    public func dynamixels(bus: Int) -> EmulatedBus? { buses[bus] as? EmulatedBus }

    /// Begins to answer on all buses.
    public func start() { buses.forEach { $0.start() } }

    /// Stops all buses.
    public func stop() { buses.forEach { $0.stop() } }
}
