import Robot

/// What one control tick puts on a bus, computed from the robot file.
public struct WireBudget: Sendable, Hashable {
    /// Bytes of requests and answers in a tick.
    public var bytes: Int
    /// Bits per second.
    public var baudRate: Int
    /// Waits before answers in a tick, seconds.
    public var waits: Double
    /// Times in a tick that the bus changes direction: each costs the adapter's round trip.
    public var turnarounds: Int

    /// Seconds the bytes alone take: 8 data bits, a start and a stop bit each.
    public var wireSeconds: Double { Double(bytes * 10) / Double(baudRate) }

    /// Seconds of a tick that the bus is busy, with this much overhead for each turnaround.
    public func seconds(overhead: Double = 0) -> Double {
        wireSeconds + waits + Double(turnarounds) * overhead
    }

    /// Dynamixel 2.0: a Sync Read of 10 bytes and a Sync Write of 4 bytes for all servos, and a
    /// Read of up to 7 bytes from one of them (its health, in turn).
    ///
    /// Frame sizes are those of the protocol's page: a request is 10 bytes and its parameters, an
    /// answer 11 and its data.
    ///
    /// - Parameter returnDelays: Return Delay Time registers of the servos, 2 us a unit.
    public static func dynamixel(returnDelays: [Int], baudRate: Int) -> WireBudget {
        let servos = returnDelays.count
        let syncRead = 14 + servos + servos * (11 + 10)
        let health = 14 + 11 + 7
        let syncWrite = 14 + servos * 5
        let waits = returnDelays.reduce(0, +) + (returnDelays.max() ?? 0)
        return WireBudget(
            bytes: syncRead + health + syncWrite,
            baudRate: baudRate,
            waits: Double(waits) * 2e-6,
            turnarounds: 2
        )
    }

    /// Whether the rate can be kept: one line, with the remedy if not.
    ///
    /// - Parameters:
    ///   - overhead: measured seconds of a turnaround beyond its bytes and waits.
    ///   - tickSeconds: one control tick.
    func line(subject: String, overhead: Double, tickSeconds: Double) -> CheckLine {
        let busy = seconds(overhead: overhead)
        let finding =
            "\(bytes) bytes a tick take \(shown(wireSeconds)), with waits and adapter "
            + "\(shown(busy)) of a tick of \(shown(tickSeconds))"
        return Self.line(subject: subject, finding, busy: busy, tickSeconds: tickSeconds)
    }

    /// The verdict on a bus that is busy for so long in a tick.
    static func line(
        subject: String,
        _ finding: String,
        busy: Seconds,
        tickSeconds: Seconds
    ) -> CheckLine {
        let remedy =
            "raise `baud:` (and set the servos with `sacbot setup`), lengthen `tick:`, or spread the "
            + "servos over more buses"
        if busy > tickSeconds { return CheckLine(.fail, subject, finding, remedy: remedy) }
        // What is left over is all there is for repeated requests.
        if busy > tickSeconds * 3 / 4 {
            return CheckLine(.warn, subject, finding, remedy: remedy)
        }
        return CheckLine(.pass, subject, finding)
    }

    private func shown(_ seconds: Double) -> String { Self.shown(seconds) }

    /// In milliseconds.
    static func shown(_ seconds: Seconds) -> String {
        "\((seconds * 1e4).rounded() / 10) ms"
    }
}
