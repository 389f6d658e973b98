/// What a line parser has seen since it was made.
public struct ODriveLineCounters: Sendable, Hashable {
    /// Lines handed on.
    public var lines = 0
    /// Lines whose checksum is wrong or no number.
    public var badChecksums = 0
    /// Lines without the checksum that their request asked for.
    public var missingChecksums = 0
    /// Lines that do not end with CR LF, or hold bytes no answer has.
    public var badLines = 0
    /// Lines longer than any answer.
    public var tooLong = 0
}

/// Finds ODrive answers in a stream of bytes, whatever else is in it.
///
/// An answer is one line of at most 64 bytes that ends with CR LF. After damage the search goes on
/// behind the next LF; a line is never begun anywhere else, because the checksum is too weak to say
/// of the tail of a line that it is one.
public struct ODriveLineParser: Sendable {
    /// Where a good line lies in the parser's buffer, valid until the next `append`.
    public struct Line: Sendable {
        /// The text without checksum and line end.
        public var text: Range<Int>
        /// Whether a correct checksum stood behind it.
        public var hasChecksum: Bool
    }

    /// What was seen so far.
    public private(set) var counters = ODriveLineCounters()
    /// Whether lines without a checksum are refused, as they must be after requests with one.
    public var requiresChecksum: Bool
    /// Unread bytes kept at most; older ones are discarded if nobody calls `next`.
    private static let capacity = 16_384
    private var buffer: [UInt8] = []
    private var head = 0
    /// Inside a line whose beginning was thrown away.
    private var isSkipping = false

    /// A parser with an empty buffer.
    public init(requiresChecksum: Bool = true) {
        self.requiresChecksum = requiresChecksum
        buffer.reserveCapacity(4096)
    }

    /// Bytes that wait for the rest of their line.
    public var pendingBytes: Int { buffer.count - head }

    /// One byte of the buffer; for indices out of a `Line`.
    public subscript(index: Int) -> UInt8 { buffer[index] }

    /// Adds bytes as they came in.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if head > 0 {
            buffer.removeSubrange(0..<head)
            head = 0
        }
        buffer.append(contentsOf: bytes)
        if buffer.count > Self.capacity {
            head = buffer.count - Self.capacity
            isSkipping = true
        }
    }

    /// Forgets everything that was not yet taken for a line.
    public mutating func removeAll() {
        buffer.removeAll(keepingCapacity: true)
        head = 0
        isSkipping = false
    }

    /// The next good line, `nil` if more bytes are needed.
    public mutating func next() -> Line? {
        while let end = lineEnd() {
            let line = head..<end
            head = end + 1
            if isSkipping || line.count >= ODriveASCII.longestAnswer {
                isSkipping = false
                counters.tooLong += 1
            } else if let found = judge(line) {
                counters.lines += 1
                return found
            }
        }
        return nil
    }

    /// Where the first LF is; throws away what has grown too long to become a line.
    private mutating func lineEnd() -> Int? {
        var index = head
        while index < buffer.count {
            if buffer[index] == ODriveASCII.lineFeed { return index }
            index += 1
        }
        if pendingBytes > ODriveASCII.longestAnswer {
            head = buffer.count
            isSkipping = true
        }
        return nil
    }

    private mutating func judge(_ line: Range<Int>) -> Line? {
        guard let last = line.last, buffer[last] == ODriveASCII.carriageReturn else {
            counters.badLines += 1
            return nil
        }
        var star: Int?
        for index in line.lowerBound..<last {
            guard (0x20...0x7E).contains(buffer[index]) else {
                counters.badLines += 1
                return nil
            }
            if buffer[index] == ODriveASCII.asterisk { star = index }
        }
        guard let star else {
            if requiresChecksum {
                counters.missingChecksums += 1
                return nil
            }
            return Line(text: line.lowerBound..<last, hasChecksum: false)
        }
        let text = line.lowerBound..<star
        guard let sum = number((star + 1)..<last), sum == ODriveASCII.checksum(buffer[text]) else {
            counters.badChecksums += 1
            return nil
        }
        return Line(text: text, hasChecksum: true)
    }

    /// A checksum as the board writes it: one to three digits without leading zeros.
    private func number(_ range: Range<Int>) -> UInt8? {
        guard (1...3).contains(range.count) else { return nil }
        if range.count > 1, buffer[range.lowerBound] == ODriveASCII.zero { return nil }
        var value = 0
        for index in range {
            let digit = Int(buffer[index]) - Int(ODriveASCII.zero)
            guard (0...9).contains(digit) else { return nil }
            value = value * 10 + digit
        }
        return UInt8(exactly: value)
    }
}
