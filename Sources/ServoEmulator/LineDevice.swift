/// What sits at the far end of an emulated serial line: a bus of servos, motor controllers, an IMU.
///
/// It reads no clock and touches no file: `now` is an argument, nanoseconds on the monotonic clock,
/// and never goes back.
public protocol LineDevice: Sendable {
    /// Takes bytes that the host handed over at `now`; returns what comes back, in order of time.
    ///
    /// Bytes come as the host wrote them: a request may be split anywhere, or several may come at
    /// once. `rate` is what the host's end is set to in bits per second, `nil` if it is not known.
    mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) -> [TimedReply]

    /// Lets time pass until `now`; returns what the device sends unasked, in order of time.
    ///
    /// Called at least every `patienceNanoseconds`.
    mutating func advance(to now: Int64) -> [TimedReply]

    /// How long the device may be left alone.
    var patienceNanoseconds: Int64 { get }

    /// Takes note of a reply that the line had no room for.
    mutating func noteDroppedReply()

    /// The device's own time at `now`, nanoseconds; faults on demand happen by it.
    func deviceTime(at now: Int64) -> Int64

    /// The IDs of what can be hit by a fault of its own, one servo or motor each.
    var unitIDs: [Int] { get }

    /// Brings a fault of the device about, `value` in the units of `FaultKind.value`.
    ///
    /// - Returns: `false` if the device has no such fault or no such unit.
    @discardableResult
    mutating func begin(_ fault: FaultKind, unit: Int, value: Double?, now: Int64) -> Bool

    /// Takes the cause of a fault away; what it left behind stays until the host clears it.
    mutating func end(_ fault: FaultKind, unit: Int, now: Int64)
}

/// A device without faults of its own.
extension LineDevice {
    /// The monotonic clock's.
    public func deviceTime(at now: Int64) -> Int64 { now }

    /// None.
    public var unitIDs: [Int] { [] }

    /// Nothing happens.
    @discardableResult
    public mutating func begin(
        _ fault: FaultKind,
        unit: Int,
        value: Double?,
        now: Int64
    ) -> Bool { false }

    /// Nothing happens.
    public mutating func end(_ fault: FaultKind, unit: Int, now: Int64) {}
}
