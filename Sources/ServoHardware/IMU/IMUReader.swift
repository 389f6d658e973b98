import Realtime
public import Robot
public import ServoProtocol

/// The robot's inertial measurement unit: reads what its port has, once a tick, and never waits.
///
/// Samples are in the body's axes: the robot file's mounting is applied. Used by one thread. Its
/// moments are of `CLOCK_MONOTONIC`; under a stepped clock there is no telling how old bytes are.
public final class IMUReader {
    /// What the robot file says of the unit.
    public let description: IMUDescription
    let port: SerialPort
    private var decoder: any IMUDecoder
    private let mounting: Quaternion
    private let opened: MonotonicTime
    /// When the port was last read until nothing was left.
    private var drained: MonotonicTime
    private var newest: IMUSample?
    /// Bytes that waited longer than a sample may be old, or came faster than the line carries them.
    public private(set) var lateBytes = 0
    /// How far the orientation's up is from the accelerometer's, as a mean over a second or so of
    /// rest; `nil` before there was any.
    ///
    /// More than some degrees mean that the unit's axes are not what sacbot takes them for, or that
    /// the unit is not calibrated.
    public private(set) var tiltDisagreement: Radians?

    /// Opens the port and, if the file asks for a rate, sets the unit to it.
    ///
    /// Takes up to three seconds to set a unit, and no time otherwise. What is set holds until the
    /// unit is switched off.
    public init(_ description: IMUDescription) throws(IMUError) {
        self.description = description
        do throws(HardwareError) {
            port = try SerialPort(path: description.port, baudRate: description.baudRate)
        } catch {
            throw .port(error)
        }
        let angles = description.mounting
        mounting = Quaternion(roll: angles.x, pitch: angles.y, yaw: angles.z)
        decoder = description.protocolName.format.decoder()
        opened = MonotonicTime(nanoseconds: MonotonicClock.now())
        drained = opened
        guard let rate = description.rate else { return }
        try IMUSetting(port: port, spoken: description.protocolName).set(rate: rate)
        drained = MonotonicTime(nanoseconds: MonotonicClock.now())
    }

    /// Gives the port back.
    ///
    /// Later calls do nothing.
    public func close() { port.close() }

    /// What was seen on the line so far.
    public var counters: IMUCounters { decoder.counters }

    /// Takes what has arrived; call it once a tick.
    ///
    /// Bytes that may have waited in the port for longer than a sample may be old are no news: after
    /// a pause in the calls everything that was waiting is thrown away.
    ///
    /// - Throws: `portGone` or `portFailed`; the last sample then grows old by itself.
    public func poll(now: MonotonicTime) throws(HardwareError) {
        let elapsed = now.seconds(since: drained)
        // What the line carries in that time and in the 50 ms an adapter may hold bytes back.
        let most = Int((elapsed + 0.050) * Double(description.baudRate) / 10) + 64
        var isLate = elapsed > description.staleAfter
        var total = 0
        // No more than a control tick can bear, however much is there.
        for _ in 0..<4 {
            let count = try port.read(deadline: 0) { bytes in
                decoder.append(bytes, time: now.nanoseconds)
            }
            total += count
            isLate = isLate || total > most
            take(isLate: isLate)
            if isLate { lateBytes += count }
            if count < SerialPort.chunk { break }
        }
        drained = now
    }

    private func take(isLate: Bool) {
        while let sample = decoder.nextSample() {
            if isLate { continue }
            let seen = sample.seen(through: mounting)
            newest = seen
            compareTilt(seen)
        }
    }

    /// The newest sample, `nil` if there is none or it is older than the file allows.
    ///
    /// A sample's time is the tick it was taken in; it was measured at most a tick and the adapter's
    /// latency before that.
    public func sample(now: MonotonicTime) -> IMUSample? {
        guard let newest, age(now: now) <= description.staleAfter else { return nil }
        return newest
    }

    /// Seconds since the newest sample came; since the port was opened if none did.
    public func age(now: MonotonicTime) -> Seconds {
        now.seconds(since: newest.map { MonotonicTime(nanoseconds: $0.time) } ?? opened)
    }

    /// Whether nothing good has come for longer than a sample may be old.
    public func isSilent(now: MonotonicTime) -> Bool { age(now: now) > description.staleAfter }

    /// At rest the accelerometer feels one g upward.
    private func compareTilt(_ sample: IMUSample) {
        guard let felt = sample.acceleration else { return }
        let length = (felt * felt).sum().squareRoot()
        guard abs(length - standardGravity) < 0.5 else { return }
        let up = sample.orientation.turned(felt) / length
        // The angle to (0, 0, 1) by its half.
        let half = 0.5 * (up - SIMD3(0, 0, 1))
        let angle = 2 * (half * half).sum().squareRoot()
        let share = 1 / max(1, description.rate ?? description.protocolName.factoryRate)
        let mean = tiltDisagreement ?? angle
        tiltDisagreement = mean + share * (angle - mean)
    }
}

extension IMUProtocol {
    /// Whose bytes it is.
    public var format: IMUFormat {
        switch self {
        case .bno08xRVC: .uartRVC
        case .vectorNavASCII, .vectorNavBinary: .vectorNav
        case .witMotion: .witMotion
        }
    }
}
