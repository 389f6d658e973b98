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
}
