import Realtime
public import Robot
import ServoProtocol

/// A unit that was heard on a port.
public struct FoundIMU: Sendable, Hashable, CustomStringConvertible {
    /// What it speaks.
    public var spoken: IMUProtocol
    /// Bits per second.
    public var baudRate: Int
    /// Samples a second, as far as a second of listening tells.
    public var rate: Double
    /// Whether its samples have an orientation; without one it has to be set first.
    public var hasOrientation: Bool

    /// For a person.
    public var description: String {
        let shown = "\(spoken.rawValue) at \(baudRate) bit/s, \(Int(rate.rounded())) Hz"
        return hasOrientation ? shown : shown + ", no orientation: give `rate:` to set it"
    }
}

/// Finds out which unit talks on a port.
public enum IMUProbe {
    /// Rates that units are set to, the usual ones first.
    public static let usualRates = [115_200, 9600, 921_600, 230_400, 460_800]

    /// Listens on a port, rate after rate; nothing is sent.
    ///
    /// A unit talks unasked, so silence of a second means there is none, or one that was told to be
    /// silent. A rate the adapter cannot do is passed over.
    ///
    /// - Parameter seconds: how long to listen at each rate; a WitMotion unit's 10 Hz need one.
    public static func listen(
        port path: String,
        bauds: [Int] = usualRates,
        seconds: Seconds = 1.2
    ) throws(HardwareError) -> FoundIMU? {
        let port = try SerialPort(path: path, baudRate: 57_600)
        defer { port.close() }
        for baud in bauds {
            do throws(HardwareError) {
                try port.setBaudRate(baud)
            } catch {
                guard case .rateRefused = error else { throw error }
                continue
            }
            try port.flushInput()
            if let found = try listen(port, seconds) { return found }
        }
        return nil
    }

    private static func listen(
        _ port: SerialPort,
        _ seconds: Seconds
    ) throws(HardwareError) -> FoundIMU? {
        var rvc = UARTRVCDecoder()
        var vectorNav = VectorNavDecoder()
        var witMotion = WitMotionDecoder()
        var heard = 0
        let start = MonotonicClock.now()
        let deadline = start + Int64(seconds * 1e9)
        while MonotonicClock.now() < deadline {
            heard += try port.read(deadline: deadline) { bytes in
                rvc.append(bytes, time: 0)
                vectorNav.append(bytes, time: 0)
                witMotion.append(bytes, time: 0)
            }
            while rvc.nextSample() != nil {}
            while vectorNav.nextSample() != nil {}
            while witMotion.nextSample() != nil {}
        }
        let isBinary = vectorNav.binaryFrames * 2 > vectorNav.counters.frames
        let candidates: [(IMUProtocol, IMUCounters)] = [
            (.bno08xRVC, rvc.counters),
            (isBinary ? .vectorNavBinary : .vectorNavASCII, vectorNav.counters),
            (.witMotion, witMotion.counters),
        ]
        for (spoken, counters) in candidates {
            // Three frames, and most of the bytes: chance makes neither.
            guard counters.frames >= 3, counters.discardedBytes * 2 < heard else { continue }
            let samples = max(counters.samples, counters.withoutOrientation)
            return FoundIMU(
                spoken: spoken,
                baudRate: port.baudRate,
                rate: Double(samples) / seconds,
                hasOrientation: counters.samples > 0
            )
        }
        return nil
    }
}
