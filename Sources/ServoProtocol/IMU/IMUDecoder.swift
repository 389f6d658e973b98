/// What a decoder has seen since it was made.
public struct IMUCounters: Sendable, Hashable {
    /// Correct frames of a kind the decoder knows, the ones without use included.
    public var frames = 0
    /// Samples handed over.
    public var samples = 0
    /// Frames with a wrong check sum, or a line that breaks off.
    public var badChecksums = 0
    /// Times bytes had to be passed over to find the next frame.
    public var resyncs = 0
    /// Bytes that belong to no correct frame.
    public var discardedBytes = 0
    /// Samples the device sent that never arrived, by its own count.
    public var lost = 0
    /// Frames that say the same moment again: a device that hangs.
    public var repeated = 0
    /// Correct frames with numbers that no sensor measures, such as NaN or a pitch of 200 degrees.
    public var implausible = 0
    /// Samples of several frames of which one was missing.
    public var incomplete = 0
    /// Correct measurements without an orientation: the device is set to send something else.
    public var withoutOrientation = 0

    /// All zero.
    public init() {}
}

/// Finds the samples of one kind of device in a stream of bytes, whatever else is in it.
///
/// Allocates nothing after `init` for frames that come unasked.
public protocol IMUDecoder: Sendable {
    /// What was seen so far.
    var counters: IMUCounters { get }
    /// Adds bytes as they came in, with the moment they were read (nanoseconds, never going back).
    mutating func append(_ bytes: Span<UInt8>, time: Int64)
    /// The next sample, `nil` if more bytes are needed.
    mutating func nextSample() -> IMUSample?
}

/// The devices whose bytes are understood.
public enum IMUFormat: String, Sendable, CaseIterable {
    /// BNO080, BNO085 and BNO086 in UART-RVC mode.
    case uartRVC
    /// VectorNav VN-100, ASCII and binary.
    case vectorNav
    /// WitMotion's normal protocol.
    case witMotion

    /// A decoder with an empty buffer.
    public func decoder() -> any IMUDecoder {
        switch self {
        case .uartRVC: UARTRVCDecoder()
        case .vectorNav: VectorNavDecoder()
        case .witMotion: WitMotionDecoder()
        }
    }
}
