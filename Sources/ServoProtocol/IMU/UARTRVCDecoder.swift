/// Finds UART-RVC reports in a stream.
///
/// Nothing in a report is escaped, so `AA AA` may be data, and a sum of one byte lets one wrong
/// place in 256 pass. A report that begins where the last one ended is taken on its sum. After bytes
/// were passed over it must also continue the count, or be followed by the report that does.
public struct UARTRVCDecoder: IMUDecoder {
    /// A count that goes on by this much at most counts as continued after a resync.
    private static let continuation: UInt8 = 8
    /// Differences over more reports than this are no rate of now.
    private static let longestDifference: UInt8 = 5

    /// What was seen so far.
    public private(set) var counters = IMUCounters()
    private var window = ByteWindow()
    /// Whether the window begins where a frame has to.
    private var isAligned: Bool
    /// When a frame was first seen whole that waits for its successor.
    private var heldSince: Int64?
    private var last: UARTRVCFrame?
    /// When the frame `next` gave was there.
    private var frameTime: Int64 = 0

    /// A decoder with an empty buffer.
    ///
    /// - Parameter isAligned: whether the first byte is known to begin a report; a port is opened in
    ///   the middle of one.
    public init(isAligned: Bool = false) { self.isAligned = isAligned }

    /// Adds bytes as they came in, with the moment they were read.
    public mutating func append(_ bytes: Span<UInt8>, time: Int64) {
        let dropped = window.append(bytes, time: time)
        if dropped > 0 { pass(over: 0, dropped: dropped) }
    }

    /// The next report that is new, `nil` if more bytes are needed.
    public mutating func next() -> UARTRVCFrame? { step()?.frame }

    /// The next sample, `nil` if more bytes are needed.
    public mutating func nextSample() -> IMUSample? {
        guard let (frame, previous) = step() else { return nil }
        counters.samples += 1
        let rate = previous.flatMap { Self.rate(from: $0, to: frame) }
        return IMUSample(
            orientation: frame.orientation,
            angularRate: rate,
            isDifferentiated: rate != nil,
            acceleration: frame.accelerationSI,
            time: frameTime
        )
    }

    /// The mean rate between two reports, in the sensor's frame.
    private static func rate(from a: UARTRVCFrame, to b: UARTRVCFrame) -> SIMD3<Double>? {
        let steps = b.index &- a.index
        guard steps <= longestDifference else { return nil }
        let seconds = Double(Int64(steps) * UARTRVCFrame.period) * 1e-9
        return (a.orientation.inverse * b.orientation).rotationVector / seconds
    }

    private mutating func step() -> (frame: UARTRVCFrame, previous: UARTRVCFrame?)? {
        while window.count >= UARTRVCFrame.length {
            guard isFrame(at: 0) else {
                if isAligned, isHeader(at: 0) { counters.badChecksums += 1 }
                pass(over: 1)
                continue
            }
            let frame = frame(at: 0)
            if !isAligned, !frame.isPlausible {
                pass(over: 1)
                continue
            }
            if !isAligned, !continues(frame.index) {
                guard window.count >= 2 * UARTRVCFrame.length else {
                    heldSince = heldSince ?? window.time
                    return nil
                }
                guard isFrame(at: UARTRVCFrame.length), successor == frame.index &+ 1 else {
                    pass(over: 1)
                    continue
                }
            }
            take()
            guard frame.isPlausible else {
                counters.implausible += 1
                continue
            }
            let previous = last
            last = frame
            guard let previous else { return (frame, nil) }
            guard frame.index != previous.index else {
                counters.repeated += 1
                continue
            }
            counters.lost += Int(frame.index &- previous.index &- 1)
            return (frame, previous)
        }
        return nil
    }

    private mutating func take() {
        frameTime = heldSince ?? window.time
        heldSince = nil
        isAligned = true
        counters.frames += 1
        window.removeFirst(UARTRVCFrame.length)
    }

    private mutating func pass(over number: Int, dropped: Int = 0) {
        if isAligned { counters.resyncs += 1 }
        isAligned = false
        heldSince = nil
        counters.discardedBytes += number + dropped
        window.removeFirst(number)
    }

    private func continues(_ index: UInt8) -> Bool {
        guard let last else { return false }
        return (1...Self.continuation).contains(index &- last.index)
    }

    private func isHeader(at start: Int) -> Bool {
        window[start] == 0xAA && window[start + 1] == 0xAA
    }

    private func isFrame(at start: Int) -> Bool {
        guard isHeader(at: start) else { return false }
        var sum: UInt8 = 0
        for index in (start + 2)..<(start + 18) { sum &+= window[index] }
        return sum == window[start + 18]
    }

    private var successor: UInt8 { window[UARTRVCFrame.length + 2] }

    private func frame(at start: Int) -> UARTRVCFrame {
        UARTRVCFrame(
            index: window[start + 2],
            yaw: window.int16(at: start + 3),
            pitch: window.int16(at: start + 5),
            roll: window.int16(at: start + 7),
            acceleration: SIMD3(
                window.int16(at: start + 9),
                window.int16(at: start + 11),
                window.int16(at: start + 13)
            ),
            reserved: (window[start + 15], window[start + 16], window[start + 17])
        )
    }
}
