import Realtime

/// An ODrive board on a pseudo-terminal.
///
/// Everything that decides what the board does is in `ODriveCore`.
public typealias EmulatedODrive = EmulatedLine<ODriveCore>

extension EmulatedLine where Device == ODriveCore {
    /// Opens a pseudo-terminal and powers the board; it answers from `start()` on.
    ///
    /// - Parameter plant: an `ODrivePlant`, perhaps shared with other boards and buses.
    /// - Throws: `noTerminal`, or `noLink` if `options.symlinkPath` cannot be made.
    public convenience init(
        setup: ODriveSetup,
        plant: SharedPlant,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0
    ) throws(EmulatorError) {
        let core = ODriveCore(
            setup: setup,
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

    /// What the board has seen so far.
    public var counters: ODriveCounters { withDevice { $0.counters } ?? ODriveCounters() }

    /// Brings a fault about.
    public func inject(_ fault: ODriveFault) { withDevice { $0.inject(fault) } }
}
