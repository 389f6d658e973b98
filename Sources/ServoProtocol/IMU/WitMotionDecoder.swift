/// Finds WitMotion frames in a stream and joins those of one moment into a sample.
///
/// A device sends its frames in rising order of their types, as a burst for each moment. A burst is
/// whole when it has every kind the bursts before it had; a burst that lacks one is no sample, so
/// that values of two moments are never mixed. The first burst only teaches which kinds there are,
/// unless `content` says so.
///
/// Nothing is escaped and the sum is one byte: a frame behind bytes that were passed over counts
/// only if another frame follows it directly.
public struct WitMotionDecoder: IMUDecoder {
    /// What was seen so far.
    public private(set) var counters = IMUCounters()
    /// The last answer to a read, the register itself not being part of it.
    public private(set) var registers: SIMD4<Int16>?
    private var window = ByteWindow()
    private var isAligned: Bool
    /// Bytes were passed over since the last frame: what follows may be another burst.
    private var hasGap = false
    private var heldSince: Int64?
    private var frameTime: Int64 = 0
    private var burst = WitMotionBurst()
    /// What the two bursts before this one had.
    private var content: WitMotionContent
    private var lastContent: WitMotionContent
    private let isContentKnown: Bool

    /// A decoder with an empty buffer.
    ///
    /// - Parameters:
    ///   - content: what the device was told to send, if that is known.
    ///   - isAligned: whether the first byte is known to begin a frame.
    public init(content: WitMotionContent = [], isAligned: Bool = false) {
        self.isAligned = isAligned
        self.content = content
        lastContent = content
        isContentKnown = !content.isEmpty
    }

    /// Adds bytes as they came in, with the moment they were read.
    public mutating func append(_ bytes: Span<UInt8>, time: Int64) {
        let dropped = window.append(bytes, time: time)
        if dropped > 0 {
            pass(over: 0)
            counters.discardedBytes += dropped
        }
    }

    /// The next sample, `nil` if more bytes are needed.
    public mutating func nextSample() -> IMUSample? {
        while let frame = next() {
            if let sample = join(frame) { return sample }
        }
        return nil
    }

    /// Forgets the last answer to a read.
    public mutating func forgetRegisters() { registers = nil }

    // MARK: Bursts

    private mutating func join(_ frame: WitMotionFrame) -> IMUSample? {
        guard frame.kind != .registers else {
            registers = frame.values
            return nil
        }
        if hasGap || !burst.canTake(frame.kind) { endBurst() }
        hasGap = false
        burst.take(frame)
        guard !content.isEmpty, !burst.isGiven, burst.content.isSuperset(of: content) else {
            return nil
        }
        guard !burst.content.isDisjoint(with: .orientations) else { return nil }
        burst.isGiven = true
        guard let sample = burst.sample(time: frameTime) else {
            counters.implausible += 1
            return nil
        }
        counters.samples += 1
        return sample
    }

    private mutating func endBurst() {
        if !burst.isGiven, !content.isEmpty, !burst.content.isEmpty {
            let hasOrientation = !burst.content.isDisjoint(with: .orientations)
            if hasOrientation || !content.isDisjoint(with: .orientations) {
                counters.incomplete += 1
            } else {
                counters.withoutOrientation += 1
            }
        }
        // Two bursts, so that one lost frame does not change what is expected.
        if !isContentKnown, !burst.content.isEmpty {
            content = lastContent.union(burst.content)
            lastContent = burst.content
        }
        burst = WitMotionBurst()
    }

    // MARK: Frames

    /// The next frame, `nil` if more bytes are needed.
    public mutating func next() -> WitMotionFrame? {
        while window.count >= WitMotionFrame.length {
            guard let frame = frame(at: 0) else {
                if isAligned, window[0] == 0x55 { counters.badChecksums += 1 }
                pass(over: 1)
                continue
            }
            if !isAligned {
                guard window.count >= 2 * WitMotionFrame.length else {
                    heldSince = heldSince ?? window.time
                    return nil
                }
                guard self.frame(at: WitMotionFrame.length) != nil else {
                    pass(over: 1)
                    continue
                }
            }
            frameTime = heldSince ?? window.time
            heldSince = nil
            isAligned = true
            counters.frames += 1
            window.removeFirst(WitMotionFrame.length)
            return frame
        }
        return nil
    }

    private mutating func pass(over number: Int) {
        if isAligned { counters.resyncs += 1 }
        isAligned = false
        hasGap = true
        heldSince = nil
        counters.discardedBytes += number
        window.removeFirst(number)
    }

    private func frame(at start: Int) -> WitMotionFrame? {
        guard window[start] == 0x55, let kind = WitMotionFrame.Kind(rawValue: window[start + 1])
        else { return nil }
        var sum: UInt8 = 0
        for index in start..<(start + 10) { sum &+= window[index] }
        guard sum == window[start + 10] else { return nil }
        return WitMotionFrame(
            kind: kind,
            values: SIMD4(
                window.int16(at: start + 2),
                window.int16(at: start + 4),
                window.int16(at: start + 6),
                window.int16(at: start + 8)
            )
        )
    }
}

/// The frames of one moment so far.
struct WitMotionBurst {
    private(set) var content: WitMotionContent = []
    /// Whether a sample was made of it.
    var isGiven = false
    private var newest: WitMotionFrame.Kind?
    private var acceleration: SIMD3<Double>?
    private var angularRate: SIMD3<Double>?
    private var angles: SIMD3<Double>?
    private var quaternion: Quaternion?

    /// Whether a frame of this kind can still belong to it.
    func canTake(_ kind: WitMotionFrame.Kind) -> Bool {
        guard let newest else { return true }
        return kind.rawValue > newest.rawValue
    }

    mutating func take(_ frame: WitMotionFrame) {
        newest = frame.kind
        content.formUnion(WitMotionContent(frame.kind))
        switch frame.kind {
        case .acceleration: acceleration = frame.vector(fullScale: 16 * standardGravity)
        case .angularRate: angularRate = frame.vector(fullScale: 2000 * .pi / 180)
        case .angle: angles = frame.vector(fullScale: .pi)
        case .quaternion:
            let q = 1.0 / 32_768 * SIMD4<Double>(frame.values)
            quaternion = Quaternion(w: q[0], x: q[1], y: q[2], z: q[3])
        default: break
        }
    }

    /// The sample, `nil` if the quaternion is none.
    ///
    /// The device's frames are those of `IMUSample` already: x right or forward as printed on the
    /// board, z up, world east-north-up, angles as Euler 3-2-1. The quaternion goes before angles.
    func sample(time: Int64) -> IMUSample? {
        let turn = angles.map { Quaternion(roll: $0.x, pitch: $0.y, yaw: $0.z) }
        guard let orientation = (quaternion ?? turn)?.normalised else { return nil }
        return IMUSample(
            orientation: orientation,
            angularRate: angularRate,
            acceleration: acceleration,
            time: time
        )
    }
}
