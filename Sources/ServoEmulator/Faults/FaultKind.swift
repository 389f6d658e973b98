/// Something that can go wrong on a serial line or with a servo on it, by the name it has in fault
/// plans.
///
/// docs/emulator.md says what each one does.
public enum FaultKind: String, Sendable, Hashable, CaseIterable {
    /// A reply does not arrive.
    case lostReply = "lost-reply"
    /// A reply arrives `value` too late; others may overtake it.
    case lateReply = "late-reply"
    /// One bit of a reply is turned over.
    case bitFlip = "bit-flip"
    /// A reply arrives in two to four pieces with pauses of `value` between them.
    case splitReply = "split-reply"
    /// One to `value` bytes of noise arrive before a reply.
    case garbage
    /// A request reaches nobody.
    case lostRequest = "lost-request"
    /// One bit of a request is turned over.
    case requestBitFlip = "request-bit-flip"
    /// The host reads its own request before the replies.
    case echo
    /// The adapter hands replies over in pieces of 62 bytes and holds the rest back for up to
    /// `value`, as USB adapters do whose latency timer is not set to 1 ms.
    case latencyStall = "latency-stall"
    /// The adapter is pulled out and comes back under another name.
    case unplug
    /// A servo reports the hardware errors `value` (bits of its error register) and goes on.
    case alert
    /// A servo reports an overload and switches its torque off.
    case overload
    /// A servo's thermometer shows `value`.
    case overheating
    /// A servo's supply sags to `value`, and the servo restarts when it comes back.
    case brownOut = "brown-out"
    /// A servo restarts: torque off, settings in RAM lost.
    case reboot
    /// A servo's watchdog stops it.
    case watchdogTrip = "watchdog-trip"
    /// A servo's replies carry the ID `value`, by default the next one up.
    case wrongID = "wrong-id"
    /// A second servo of the same ID, `value` encoder pulses away, answers at the same time.
    case idCollision = "id-collision"
    /// A servo's data line is broken; it keeps its power.
    case disconnected

    /// What is hit by it.
    public enum Scope: Sendable, Hashable {
        /// One reply.
        case reply
        /// What the host wrote in one go.
        case request
        /// The adapter.
        case adapter
        /// One servo, or what else is at the far end.
        case device
    }

    /// What is hit by it.
    public var scope: Scope {
        switch self {
        case .lostReply, .lateReply, .bitFlip, .splitReply, .garbage: .reply
        case .lostRequest, .requestBitFlip, .echo, .latencyStall: .request
        case .unplug: .adapter
        case .alert, .overload, .overheating, .brownOut, .reboot, .watchdogTrip, .wrongID,
            .idCollision, .disconnected:
            .device
        }
    }

    /// What `value` measures.
    public enum Measure: Sendable, Hashable {
        /// There is none.
        case none
        /// Seconds.
        case time
        /// A whole number: bytes, error bits, an ID or encoder pulses.
        case number
        /// Degrees Celsius.
        case temperature
        /// Volts.
        case voltage
    }

    /// What `value` measures and which values make sense; times in seconds.
    public var value: (measure: Measure, range: ClosedRange<Double>) {
        switch self {
        case .lateReply, .splitReply, .latencyStall: (.time, 0...10)
        case .garbage: (.number, 1...1000)
        case .alert: (.number, 1...255)
        case .wrongID: (.number, 0...252)
        case .idCollision: (.number, -4095...4095)
        case .overheating: (.temperature, -20...150)
        case .brownOut: (.voltage, 0...24)
        case .lostReply, .bitFlip, .lostRequest, .requestBitFlip, .echo, .unplug, .overload,
            .reboot, .watchdogTrip, .disconnected:
            (.none, 0...0)
        }
    }

    /// The value if a plan gives none; `nil` where the device chooses.
    var usualValue: Double? {
        switch self {
        case .lateReply: 0.020
        case .splitReply: 0.001
        case .latencyStall: 0.016
        case .garbage: 16
        default: nil
        }
    }

    /// How long it lasts if a plan gives no time, nanoseconds; `nil` for the usual rule.
    var usualDuration: Int64? {
        switch self {
        case .unplug: 1_000_000_000
        case .brownOut: 100_000_000
        default: nil
        }
    }
}
