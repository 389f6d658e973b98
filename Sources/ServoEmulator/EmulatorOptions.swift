/// How emulated servos behave where the manuals leave a choice, and how time runs for them.
public struct EmulatorOptions: Sendable, Hashable {
    /// What makes physics go on.
    public enum Clock: Sendable, Hashable {
        /// Physics follow the monotonic clock.
        case real
        /// Physics advance one tick of this length for each packet that writes Goal Position.
        ///
        /// All of a servo's time is then physics time: its watchdog and its Realtime Tick too.
        case stepped(tickNanoseconds: Int64)
    }

    /// When replies arrive.
    public enum Timing: Sendable, Hashable {
        /// Not before ten bit times a byte of request and reply, and the return delay, have passed.
        case honest
        /// At once.
        case instant
    }

    /// What the servos behind a silent one in a sync or bulk read do.
    public enum ChainGap: Sendable, Hashable {
        /// Wait for it for ever, so that the host sees nothing after the gap.
        case silence
        /// Give it up after this time and go on.
        case wait(nanoseconds: Int64)
    }

    /// Which packets keep a servo's Bus Watchdog quiet.
    public enum WatchdogFeeding: Sendable, Hashable {
        /// Those that name the servo: its ID field, or an entry in a sync or bulk list.
        case packetsNamingTheServo
        /// Any correct packet on the bus.
        case anyPacket
    }

    /// What Goal Position (116) is when torque comes on.
    public enum GoalOnTorque: Sendable, Hashable {
        /// What it was: a host that forgets to set it sees its servo jump.
        case kept
        /// Where the servo is.
        case present
    }

    /// What makes physics go on.
    public var clock = Clock.real
    /// When replies arrive.
    public var timing = Timing.honest
    /// What Firmware Version (6) says, and which instructions there are.
    public var firmwareVersion: UInt8 = 46
    /// Whether servos are deaf to a host whose baud rate is not theirs; off for clients that
    /// cannot set a rate.
    public var checksBaudRate = true
    /// What the servos behind a silent one do.
    public var chainGap = ChainGap.silence
    /// Whether Action to one ID is answered: the manual says so, the Robotis SDKs never read it.
    public var answersAction = true
    /// What Goal Position is when torque comes on.
    public var goalOnTorque = GoalOnTorque.kept
    /// Whether a goal switches torque on (Dynamixel 1.0, Feetech).
    ///
    /// General knowledge says that real ones do; no document at hand does.
    public var goalSwitchesTorqueOn = false
    /// Which packets keep a Bus Watchdog quiet.
    public var watchdogFeeding = WatchdogFeeding.packetsNamingTheServo
    /// How much later the next ID answers a broadcast ping, under honest timing.
    public var pingSlotNanoseconds: Int64 = 3_000_000
    /// How long a servo is deaf after a reboot or factory reset.
    public var bootNanoseconds: Int64 = 0
    /// The longest pause inside a packet.
    ///
    /// The manual says 1.5 ms; a pty's host can be held up for
    /// longer between two writes, so that would drop packets no wire would have dropped.
    public var byteGapNanoseconds: Int64 = 50_000_000
    /// A stable name to publish the pty under; a link that is there already is replaced.
    public var symlinkPath: String?

    /// Real clock, honest timing, firmware 46.
    public init() {}
}
