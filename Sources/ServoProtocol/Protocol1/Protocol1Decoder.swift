/// Finds Dynamixel 1.0 and Feetech frames in a stream of bytes, whatever else is in it.
///
/// After a wrong check sum or length the search goes on with the byte behind the failed header, so
/// a good frame inside a broken one is found. The check sum is a plain sum: a flipped bit in LEN can
/// leave a shorter frame whose own sum is right by accident (one in 256), so a host sets
/// `answerParameters` and takes no other length. A frame that never ends holds later ones up until
/// `abandonPartial` is called.
public struct Protocol1Decoder: Sendable {
    /// Where a correct frame lies in the decoder's buffer, valid until the next `append`.
    public struct Frame: Sendable {
        /// The ID byte.
        public var id: UInt8
        /// The instruction, or the error byte.
        public var code: UInt8
        /// The parameters.
        public var parameters: Range<Int>
        /// The whole frame.
        public var whole: Range<Int>
    }

    /// What was seen so far.
    public private(set) var counters = DecoderCounters()
    /// The longest frame taken for one, in bytes; a host sets it to what it asked for.
    public var longestFrame: Int {
        didSet { longestFrame = Self.bounded(longestFrame) }
    }
    /// If set, only answers with that many parameters, or with none (as a servo that refuses sends
    /// it), are taken for frames.
    public var answerParameters: Int?
    /// Unread bytes kept at most; older ones are discarded if nobody calls `next`.
    private static let capacity = 65_536
    private var buffer: [UInt8] = []
    private var head = 0

    /// A decoder with an empty buffer.
    public init(longestFrame: Int = Protocol1.longestFrame) {
        self.longestFrame = Self.bounded(longestFrame)
        buffer.reserveCapacity(16 * Protocol1.longestFrame)
    }

    private static func bounded(_ length: Int) -> Int {
        min(max(length, Protocol1.shortestFrame), Protocol1.longestFrame)
    }

    /// Bytes that wait for the rest of their frame.
    public var pendingBytes: Int { buffer.count - head }

    /// One byte of the buffer; for indices out of a `Frame`.
    public subscript(index: Int) -> UInt8 { buffer[index] }

    /// Adds bytes as they came in.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if head > 0 {
            buffer.removeSubrange(0..<head)
            head = 0
        }
        buffer.append(contentsOf: bytes)
        if buffer.count > Self.capacity {
            let excess = buffer.count - Self.capacity
            counters.discardedBytes += excess
            head = excess
        }
    }

    /// Forgets everything that was not yet taken for a frame.
    public mutating func removeAll() {
        counters.discardedBytes += pendingBytes
        buffer.removeAll(keepingCapacity: true)
        head = 0
    }

    /// Passes over the next bytes, which are known to be no answer: the echo of a request.
    ///
    /// - Returns: how many of them were there.
    public mutating func skip(_ count: Int) -> Int {
        let skipped = min(count, pendingBytes)
        head += skipped
        return skipped
    }

    /// Gives up the unfinished frame at the front, if there is one; `next` searches behind it.
    public mutating func abandonPartial() {
        guard pendingBytes > 0 else { return }
        counters.abandoned += 1
        discard(1)
    }

    /// The next correct frame, `nil` if more bytes are needed.
    public mutating func next() -> Protocol1Packet? {
        guard let frame = nextFrame() else { return nil }
        return Protocol1Packet(
            id: frame.id,
            code: frame.code,
            parameters: Array(buffer[frame.parameters])
        )
    }

    /// As `next`, without copying: where the frame lies in the buffer.
    public mutating func nextFrame() -> Frame? {
        while seekHeader() {
            guard pendingBytes >= 4 else { return nil }
            let length = Int(buffer[head + 3])
            guard isPlausible(id: buffer[head + 2], length: length) else {
                counters.badHeaders += 1
                discard(1)
                continue
            }
            let end = head + Protocol1.uncounted + length
            guard buffer.count >= end else { return nil }
            guard checksumMatches(end: end), isPossibleAnswer else {
                counters.badChecksums += 1
                discard(1)
                continue
            }
            return takeFrame(end: end)
        }
        return nil
    }

    private func isPlausible(id: UInt8, length: Int) -> Bool {
        guard id != 0xFF, length >= 2, length + Protocol1.uncounted <= longestFrame else {
            return false
        }
        guard let answerParameters else { return true }
        return length == 2 || length == answerParameters + 2
    }

    /// No error byte has its highest bit set.
    private var isPossibleAnswer: Bool { answerParameters == nil || buffer[head + 4] < 0x80 }

    /// Moves the front to FF FF; false if it is not there yet.
    private mutating func seekHeader() -> Bool {
        var start = head
        while start + 2 <= buffer.count {
            if buffer[start] == 0xFF, buffer[start + 1] == 0xFF {
                discard(start - head)
                return true
            }
            start += 1
        }
        // A single FF at the end may be the beginning of a header.
        if start < buffer.count, buffer[start] != 0xFF { start += 1 }
        discard(start - head)
        return false
    }

    private func checksumMatches(end: Int) -> Bool {
        var sum: UInt8 = 0
        for index in (head + 2)..<(end - 1) { sum &+= buffer[index] }
        return buffer[end - 1] == ~sum
    }

    private mutating func takeFrame(end: Int) -> Frame {
        let frame = Frame(
            id: buffer[head + 2],
            code: buffer[head + 4],
            parameters: (head + 5)..<(end - 1),
            whole: head..<end
        )
        counters.frames += 1
        head = end
        return frame
    }

    private mutating func discard(_ count: Int) {
        counters.discardedBytes += count
        head += count
    }
}
