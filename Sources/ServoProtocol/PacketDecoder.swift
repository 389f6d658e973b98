/// A frame the decoder found.
public enum DecodedPacket: Sendable, Hashable {
    /// A request.
    case instruction(InstructionPacket)
    /// A servo's answer.
    case status(StatusPacket)
    /// The shared answer to a fast read (a status from the broadcast ID), as received.
    case fastStatus(FastStatus)
    /// A correct frame with an instruction byte the manual does not list.
    case unknown(id: UInt8, instruction: UInt8, parameters: [UInt8])
}

/// What a decoder has seen since it was made.
public struct DecoderCounters: Sendable, Hashable {
    /// Correct frames.
    public var frames = 0
    /// Frames with a wrong check sum.
    public var badChecksums = 0
    /// Headers with an unusable ID or a length no frame can have.
    public var badHeaders = 0
    /// Unfinished frames given up by `abandonPartial`.
    public var abandoned = 0
    /// Bytes that belong to no correct frame.
    public var discardedBytes = 0
}

/// Finds Dynamixel 2.0 frames in a stream of bytes, whatever else is in it.
///
/// Both directions: requests and answers. After a wrong check sum or length the search goes on
/// with the byte behind the failed header, so a good frame inside a broken one is found. A frame
/// that never ends holds later ones up until `abandonPartial` is called, as a servo does after a
/// gap of 1.5 ms and a host after its time-out.
public struct PacketDecoder: Sendable {
    /// Where a correct frame lies in the decoder's buffer, valid until the next `append`.
    public struct Frame: Sendable {
        /// The ID byte.
        public var id: UInt8
        /// The instruction byte; 0x55 for a status.
        public var instruction: UInt8
        /// Parameters after removal of stuffing; of a status, the error byte first.
        ///
        /// Of a shared status (never stuffed) everything between instruction and last check sum.
        public var parameters: Range<Int>
        /// The whole frame as received.
        ///
        /// If it was stuffed, what lies behind `parameters` is stale.
        public var whole: Range<Int>

        /// Whether this is a status of one servo.
        public var isStatus: Bool {
            instruction == Dynamixel2.statusInstruction && id != Dynamixel2.broadcastID
        }
        /// Whether this is the shared status of a fast read.
        public var isFastStatus: Bool {
            instruction == Dynamixel2.statusInstruction && id == Dynamixel2.broadcastID
        }
    }

    /// What was seen so far.
    public private(set) var counters = DecoderCounters()
    /// The longest frame taken for one, in bytes; a host sets it to what it asked for.
    public var longestFrame: Int {
        didSet { longestFrame = min(max(longestFrame, 11), Dynamixel2.longestFrame) }
    }
    /// Unread bytes kept at most; older ones are discarded if nobody calls `next`.
    private static let capacity = 65_536
    private var buffer: [UInt8] = []
    private var head = 0

    /// A decoder with an empty buffer.
    public init(longestFrame: Int = Dynamixel2.longestFrame) {
        self.longestFrame = min(max(longestFrame, 11), Dynamixel2.longestFrame)
        buffer.reserveCapacity(4 * Dynamixel2.longestFrame)
    }

    /// Bytes that wait for the rest of their frame.
    public var pendingBytes: Int { buffer.count - head }

    /// One byte of the buffer; for indices out of a `Frame`.
    public subscript(index: Int) -> UInt8 { buffer[index] }

    /// The check sum of some bytes of the buffer after others whose sum is `start`.
    public func checksum(_ bytes: Range<Int>, from start: UInt16) -> UInt16 {
        var sum = start
        for index in bytes { sum = Dynamixel2.checksum(buffer[index], from: sum) }
        return sum
    }

    /// Adds bytes as they came in.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        dropUsed()
        buffer.append(contentsOf: bytes)
        boundUnread()
    }

    /// Adds bytes as a port read them.
    ///
    /// Runs in every tick: the general form costs other modules look-ups of types at run time.
    public mutating func append(_ bytes: UnsafeRawBufferPointer) {
        dropUsed()
        unsafe buffer.append(contentsOf: bytes)
        boundUnread()
    }

    private mutating func dropUsed() {
        guard head > 0 else { return }
        buffer.removeSubrange(0..<head)
        head = 0
    }

    private mutating func boundUnread() {
        guard buffer.count > Self.capacity else { return }
        let excess = buffer.count - Self.capacity
        counters.discardedBytes += excess
        head = excess
    }

    /// Forgets everything that was not yet taken for a frame.
    public mutating func removeAll() {
        counters.discardedBytes += pendingBytes
        buffer.removeAll(keepingCapacity: true)
        head = 0
    }

    /// Gives up the unfinished frame at the front, if there is one; `next` searches behind it.
    public mutating func abandonPartial() {
        guard pendingBytes > 0 else { return }
        counters.abandoned += 1
        discard(1)
    }

    /// The next correct frame, `nil` if more bytes are needed.
    public mutating func next() -> DecodedPacket? {
        guard let frame = nextFrame() else { return nil }
        if frame.isFastStatus { return .fastStatus(FastStatus(frame: Array(buffer[frame.whole]))) }
        let parameters = buffer[frame.parameters]
        if frame.isStatus {
            let error = StatusError(rawValue: buffer[frame.parameters.lowerBound])
            return .status(
                StatusPacket(id: frame.id, error: error, parameters: Array(parameters.dropFirst()))
            )
        }
        guard let instruction = DynamixelInstruction(rawValue: frame.instruction) else {
            return .unknown(
                id: frame.id,
                instruction: frame.instruction,
                parameters: Array(parameters)
            )
        }
        return .instruction(
            InstructionPacket(
                id: frame.id,
                instruction: instruction,
                parameters: Array(parameters)
            )
        )
    }

    /// As `next`, without copying: where the frame lies in the buffer.
    public mutating func nextFrame() -> Frame? {
        while seekHeader() {
            guard pendingBytes >= 7 else { return nil }
            let length = Int(buffer[head + 5]) | Int(buffer[head + 6]) << 8
            let end = head + Dynamixel2.uncounted + length
            guard isPlausible(id: buffer[head + 4], length: length) else {
                counters.badHeaders += 1
                discard(1)
                continue
            }
            guard buffer.count >= end else { return nil }
            let instruction = buffer[head + Dynamixel2.instructionOffset]
            // A status is at least one byte longer than the shortest request.
            guard checksumMatches(end: end),
                instruction != Dynamixel2.statusInstruction || length >= 4
            else {
                counters.badChecksums += 1
                discard(1)
                continue
            }
            return takeFrame(instruction: instruction, end: end)
        }
        return nil
    }

    private func isPlausible(id: UInt8, length: Int) -> Bool {
        (id <= Dynamixel2.highestID || id == Dynamixel2.broadcastID) && length >= 3
            && length + Dynamixel2.uncounted <= longestFrame
    }

    /// Moves the front to FF FF FD 00; false if it is not there yet.
    private mutating func seekHeader() -> Bool {
        var start = head
        while start + 4 <= buffer.count {
            if buffer[start] == 0xFF, buffer[start + 1] == 0xFF, buffer[start + 2] == 0xFD,
                buffer[start + 3] == 0x00
            {
                discard(start - head)
                return true
            }
            start += 1
        }
        // What is left may be the beginning of a header.
        while start < buffer.count, !mayBecomeHeader(from: start) { start += 1 }
        discard(start - head)
        return false
    }

    private func mayBecomeHeader(from start: Int) -> Bool {
        let header: [4 of UInt8] = [0xFF, 0xFF, 0xFD, 0x00]
        for offset in 0..<min(4, buffer.count - start)
        where buffer[start + offset] != header[offset] {
            return false
        }
        return true
    }

    private func checksumMatches(end: Int) -> Bool {
        var sum: UInt16 = 0
        for index in head..<(end - 2) { sum = Dynamixel2.checksum(buffer[index], from: sum) }
        return buffer[end - 2] == UInt8(truncatingIfNeeded: sum) && buffer[end - 1] == sum >> 8
    }

    private mutating func takeFrame(instruction: UInt8, end: Int) -> Frame {
        var frame = Frame(
            id: buffer[head + 4],
            instruction: instruction,
            parameters: (head + Dynamixel2.instructionOffset + 1)..<(end - 2),
            whole: head..<end
        )
        if !frame.isFastStatus { unstuff(&frame) }
        counters.frames += 1
        head = end
        return frame
    }

    /// Takes stuffing out in place, by the same rule as `Dynamixel2.unstuffed`.
    private mutating func unstuff(_ frame: inout Frame) {
        var history = StuffingHistory()
        _ = history.completesHeader(frame.instruction)
        var afterHeader = false
        var end = frame.parameters.lowerBound
        for index in frame.parameters {
            let byte = buffer[index]
            if !(afterHeader && byte == 0xFD) {
                buffer[end] = byte
                end += 1
            }
            afterHeader = history.completesHeader(byte)
        }
        frame.parameters = frame.parameters.lowerBound..<end
    }

    private mutating func discard(_ count: Int) {
        counters.discardedBytes += count
        head += count
    }
}
