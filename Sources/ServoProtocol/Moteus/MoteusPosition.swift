/// A goal for the position law; whatever is `nil` is not sent, and the controller's default holds.
public struct MoteusPosition: Sendable, Hashable {
    /// Revolutions; NaN is where the motor is, or goes on from where the last command led.
    public var position: Double
    /// Revolutions a second, which the position moves on with.
    public var velocity: Double?
    /// N·m on top of the law.
    public var feedForwardTorque: Double?
    /// Share of the configured kp, 0...1.
    public var kpScale: Double?
    /// Share of the configured kd, 0...1.
    public var kdScale: Double?
    /// N·m; bounds the law's sum.
    public var maximumTorque: Double?
    /// Seconds this holds; NaN for ever, 0 for the configured time.
    public var watchdogTimeout: Double?
    /// Revolutions a second on the way; NaN for none.
    public var velocityLimit: Double?
    /// Revolutions a second squared on the way; NaN for none.
    public var accelerationLimit: Double?

    /// A goal.
    public init(position: Double, velocity: Double? = nil) {
        self.position = position
        self.velocity = velocity
    }

    /// Adds mode 10 and the registers 020 to 029 that are not `nil`, neighbours in one subframe.
    public func append(
        to frame: inout MoteusFrame,
        as resolution: MoteusResolution = .float
    ) {
        frame.set(.position)
        // 026 is the stop position, which is deprecated.
        let values: [10 of Double?] = [
            position, velocity, feedForwardTorque, kpScale, kdScale, maximumTorque, nil,
            watchdogTimeout, velocityLimit, accelerationLimit,
        ]
        var place = 0
        while place < 10 {
            var end = place
            while end < 10, values[end] != nil { end += 1 }
            if end > place { add(values, place..<end, to: &frame, as: resolution) }
            place = end + 1
        }
    }

    private func add(
        _ values: [10 of Double?],
        _ run: Range<Int>,
        to frame: inout MoteusFrame,
        as resolution: MoteusResolution
    ) {
        let first = MoteusRegister.commandPosition
        frame.begin(.write, first.advanced(by: run.lowerBound), count: run.count, as: resolution)
        for index in run {
            frame.append(values[index] ?? .nan, first.advanced(by: index).kind, as: resolution)
        }
    }
}
