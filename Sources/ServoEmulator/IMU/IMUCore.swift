public import Robot
import ServoProtocol

/// What goes wrong with an emulated unit, from the next sample on.
public enum IMUFault: Sendable, Hashable {
    /// So many samples are measured and never sent.
    case drop(samples: Int)
    /// So many frames have a bit turned over.
    case corrupt(frames: Int)
    /// So many frames come in two pieces with a pause between.
    case split(frames: Int)
    /// So many samples are the last one again, byte by byte.
    case freeze(samples: Int)
    /// Nothing is sent for so many nanoseconds.
    case silence(nanoseconds: Int64)
}

/// What an emulated unit has done.
public struct IMUEmulatorCounters: Sendable, Hashable {
    /// Samples sent, faulty ones included.
    public var samples = 0
    /// Samples that were due while the line was still busy with earlier ones, and were not sent.
    public var overflows = 0
    /// Answers sent.
    public var answers = 0
    /// Bytes that came at a rate the unit does not have.
    public var bytesAtWrongRate = 0
    /// Frames that the pty had no room for.
    public var droppedReplies = 0
}

/// An inertial measurement unit at the end of a serial line, as a state machine.
///
/// Samples are measured at whole multiples of the unit's period and are there when their last bit
/// has gone through the line.
public struct IMUCore: LineDevice {
    /// The unit's registers and formats.
    public var unit: any EmulatedIMU
    /// How the unit moves.
    public var motion: IMUMotion
    /// What it has done so far.
    public private(set) var counters = IMUEmulatorCounters()
    private let start: Int64
    private var nextMeasurement = 0
    private var lineFreeAt: Int64
    private var lastFrames: [[UInt8]] = []
    private var drops = 0
    private var corruptions = 0
    private var splits = 0
    private var freezes = 0
    private var silentUntil = Int64.min

    /// The pause inside a frame that comes in two pieces; longer than a tick.
    public static let splitPause: Int64 = 12_000_000

    /// A unit that is switched on at `now`.
    public init(unit: any EmulatedIMU, motion: IMUMotion = .still, now: Int64) {
        self.unit = unit
        self.motion = motion
        start = now
        lineFreeAt = now
    }

    /// A unit of this kind as it leaves the factory, switched on at `now`.
    public init(
        _ spoken: IMUProtocol,
        baudRate: Int? = nil,
        motion: IMUMotion = .still,
        now: Int64
    ) {
        let rate = baudRate ?? spoken.factoryBaudRate
        let unit: any EmulatedIMU =
            switch spoken {
            case .bno08xRVC: EmulatedUARTRVC()
            case .vectorNavASCII, .vectorNavBinary: EmulatedVectorNav(baudRate: rate)
            case .witMotion: EmulatedWitMotion(baudRate: rate)
            }
        self.init(unit: unit, motion: motion, now: now)
    }

    /// Samples are made this much ahead of their time, so that they are sent on time.
    public var patienceNanoseconds: Int64 { 5_000_000 }

    /// Brings a fault about.
    public mutating func inject(_ fault: IMUFault, now: Int64) {
        switch fault {
        case .drop(let samples): drops += samples
        case .corrupt(let frames): corruptions += frames
        case .split(let frames): splits += frames
        case .freeze(let samples): freezes += samples
        case .silence(let nanoseconds): silentUntil = max(silentUntil, now + nanoseconds)
        }
    }

    /// Takes commands; they are answered when the line is free.
    public mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) -> [TimedReply] {
        if let rate, abs(rate - unit.baudRate) * 100 > unit.baudRate * 3 {
            counters.bytesAtWrongRate += bytes.count
            return []
        }
        let before = unit.baudRate
        let answers = unit.receive(bytes, now: now)
        counters.answers += answers.count
        return answers.map { send($0, from: now, baudRate: before) }
    }

    /// The samples that are due soon.
    public mutating func advance(to now: Int64) -> [TimedReply] {
        var replies: [TimedReply] = []
        while true {
            let moment = start + Int64(nextMeasurement) * unit.measurementPeriod
            guard moment <= now + patienceNanoseconds else { return replies }
            if unit.isDue(nextMeasurement), moment >= silentUntil {
                replies += measure(nextMeasurement, at: moment)
            }
            nextMeasurement += 1
        }
    }

    /// Takes note of a frame the pty had no room for.
    public mutating func noteDroppedReply() { counters.droppedReplies += 1 }

    private mutating func measure(_ measurement: Int, at moment: Int64) -> [TimedReply] {
        let isFrozen = freezes > 0 && !lastFrames.isEmpty
        if isFrozen { freezes -= 1 }
        let frames =
            isFrozen
            ? lastFrames : unit.frames(of: motion.sample(moment), measurement: measurement)
        lastFrames = frames
        if drops > 0 {
            drops -= 1
            return []
        }
        // As a unit whose buffer is full: this sample is never sent.
        guard lineFreeAt <= moment + unit.measurementPeriod else {
            counters.overflows += 1
            return []
        }
        counters.samples += 1
        return frames.flatMap { sendFaulty($0, from: moment) }
    }

    private mutating func sendFaulty(_ frame: [UInt8], from moment: Int64) -> [TimedReply] {
        var frame = frame
        if corruptions > 0 {
            corruptions -= 1
            frame[frame.count / 2] ^= 0x10
        }
        guard splits > 0 else { return [send(frame, from: moment, baudRate: unit.baudRate)] }
        splits -= 1
        let half = frame.count / 2
        let first = send(Array(frame[..<half]), from: moment, baudRate: unit.baudRate)
        let second = send(
            Array(frame[half...]),
            from: first.time + Self.splitPause,
            baudRate: unit.baudRate
        )
        return [first, second]
    }

    /// Ten bits a byte, one frame behind the other.
    private mutating func send(
        _ bytes: [UInt8],
        from moment: Int64,
        baudRate: Int
    ) -> TimedReply {
        let wire = Int64(bytes.count) * 10 * 1_000_000_000 / Int64(baudRate)
        lineFreeAt = max(moment, lineFreeAt) + wire
        return TimedReply(bytes: bytes, time: lineFreeAt)
    }
}
