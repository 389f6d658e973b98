/// What went well and badly on a bus since it was opened.
public struct BusCounters: Sendable, Hashable {
    /// Requests sent.
    public var requests = 0
    /// Answers that were good, one a servo.
    public var answers = 0
    /// Servos that did not answer a request in time.
    public var silences = 0
    /// Answers that came damaged.
    public var corruptions = 0
    /// Answers in which the servo refused what it was asked.
    public var refusals = 0
    /// Correct answers nobody had asked for, or too late.
    public var strays = 0
    /// Requests repeated because the first try brought nothing.
    public var retries = 0
    /// Answers with the alert bit set.
    public var alerts = 0
    /// Requests that could not be sent in time.
    public var sendFailures = 0
    /// Registers written that survive power-off and wear out.
    public var eepromWrites = 0

    /// All zero.
    public init() {}
}
