import Realtime

/// moteus controllers behind an fdcanusb on a pseudo-terminal.
///
/// Everything that decides what they do is in `MoteusCore`.
public typealias EmulatedMoteusBus = EmulatedLine<MoteusCore>

extension EmulatedLine where Device == MoteusCore {
    /// Opens a pseudo-terminal and powers the controllers; they answer from `start()` on.
    ///
    /// - Throws: `noTerminal`, or `noLink` if `options.symlinkPath` cannot be made.
    public convenience init(
        controllers: [MoteusSetup],
        plant: SharedPlant,
        form: MoteusForm = .usb,
        options: EmulatorOptions = EmulatorOptions(),
        busIndex: Int = 0
    ) throws(EmulatorError) {
        let core = MoteusCore(
            controllers: controllers,
            plant: plant,
            form: form,
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

    /// What the adapter has seen so far.
    public var counters: MoteusCounters { withDevice { $0.counters } ?? MoteusCounters() }

    /// Brings trouble about in the controller with this ID.
    public func inject(_ trouble: MoteusTrouble, controller id: UInt8) {
        withDevice { $0.inject(trouble, controller: id) }
    }
}
