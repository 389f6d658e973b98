import Realtime

/// Dynamixel servos on a pseudo-terminal.
///
/// Everything that decides what servos do is in `BusCore`.
public typealias EmulatedBus = EmulatedLine<BusCore>

extension EmulatedLine where Device == BusCore {
    /// Opens a pseudo-terminal and powers the servos; they answer from `start()` on.
    ///
    /// - Throws: `noTerminal`, or `noLink` if `options.symlinkPath` cannot be made.
    public convenience init(
        servos: [EmulatedServoSetup],
        plant: sending any ServoPlant,
        options: EmulatorOptions = EmulatorOptions()
    ) throws(EmulatorError) {
        try self.init(servos: servos, plant: SharedPlant(plant), options: options)
    }

    /// As the other initialiser, for one of several buses on the same plant.
    public convenience init(
        servos: [EmulatedServoSetup],
        plant: SharedPlant,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0,
        faults: FaultPlan = FaultPlan()
    ) throws(EmulatorError) {
        let core = BusCore(
            servos: servos,
            plant: plant,
            options: options,
            busIndex: busIndex,
            now: MonotonicClock.now()
        )
        try self.init(
            device: core,
            isInstant: options.timing == .instant,
            symlinkPath: options.symlinkPath,
            faults: faults
        )
    }

    /// What the bus has seen so far.
    public var counters: BusCounters { withDevice { $0.counters } ?? BusCounters() }

    /// Brings a fault about in the servo with this ID.
    public func inject(_ fault: ServoFault, servo id: UInt8) {
        withDevice { $0.inject(fault, servo: id) }
    }
}

/// Dynamixel 1.0 or Feetech servos on a pseudo-terminal.
///
/// Everything that decides what servos do is in `Protocol1Core`.
public typealias EmulatedProtocol1Bus = EmulatedLine<Protocol1Core>

extension EmulatedLine where Device == Protocol1Core {
    /// Opens a pseudo-terminal and powers the servos; they answer from `start()` on.
    ///
    /// - Throws: `noTerminal`, or `noLink` if `options.symlinkPath` cannot be made.
    public convenience init(
        servos: [EmulatedServoSetup],
        plant: SharedPlant,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0
    ) throws(EmulatorError) {
        let core = Protocol1Core(
            servos: servos,
            plant: plant,
            options: options,
            busIndex: busIndex,
            now: MonotonicClock.now()
        )
        try self.init(
            device: core,
            isInstant: options.timing == .instant,
            symlinkPath: options.symlinkPath
        )
    }

    /// What the bus has seen so far.
    public var counters: BusCounters { withDevice { $0.counters } ?? BusCounters() }

    /// Brings a fault about in the servo with this ID.
    public func inject(_ fault: ServoFault, servo id: UInt8) {
        withDevice { $0.inject(fault, servo: id) }
    }
}
