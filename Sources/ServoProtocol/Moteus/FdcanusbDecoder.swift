/// What a decoder has seen since it was made.
public struct FdcanusbCounters: Sendable, Hashable {
    /// Lines handed over that were not damaged.
    public var lines = 0
    /// Lines with a wrong check sum, or none where one is needed.
    public var badChecksums = 0
    /// `rcv` lines that no adapter prints.
    public var malformed = 0
    /// Bytes of lines that were too long.
    public var discardedBytes = 0
}

/// Finds lines of the fdcanusb protocol in a stream of bytes and takes them apart in place.
///
/// Both directions: an adapter's answers and a host's commands. Every line end is a new beginning,
/// so garbage costs at most the line it is in. A line longer than any command is given up as it
/// arrives.
public struct FdcanusbDecoder: Sendable {
    /// What was seen so far.
    public private(set) var counters = FdcanusbCounters()
    /// Whether lines without a check sum are refused.
    public var needsChecksums: Bool
    /// Whether the line handed over last had a check sum.
    public private(set) var checksum = Fdcanusb.Checksum.absent
    private var buffer: [UInt8] = []
    private var head = 0
    /// Where the search for a line end goes on.
    private var searched = 0
    /// Whether what comes belongs to a line that was given up.
    private var isSkipping = false
    /// The words of the line handed over last.
    private var words = 0..<0

    /// A decoder with an empty buffer.
    public init(needsChecksums: Bool) {
        self.needsChecksums = needsChecksums
        buffer.reserveCapacity(65_536)
    }

    /// Bytes that wait for the rest of their line.
    public var pendingBytes: Int { buffer.count - head }

    /// The words of the line handed over last, check sum and line end taken off; a copy.
    ///
    /// Valid until the next `append` or `next`.
    public var text: String { String(decoding: buffer[words], as: UTF8.self) }

    /// Bytes of the line handed over last, its end included.
    public private(set) var lineBytes = 0

    /// Adds bytes as they came in.
    public mutating func append(_ bytes: some Sequence<UInt8>) {
        if head > 0 {
            buffer.removeSubrange(0..<head)
            searched -= head
            head = 0
        }
        words = 0..<0
        buffer.append(contentsOf: bytes)
    }

    /// Forgets everything that was not yet taken for a line.
    public mutating func removeAll() {
        counters.discardedBytes += pendingBytes
        buffer.removeAll(keepingCapacity: true)
        (head, searched, words) = (0, 0, 0..<0)
        isSkipping = false
    }

    /// The next line, `nil` if more bytes are needed; empty lines are passed over.
    public mutating func next() -> Fdcanusb.Line? {
        while let line = nextRange() {
            lineBytes = line.count + 1
            guard line.count <= Fdcanusb.longestLine else {
                counters.discardedBytes += line.count
                return .damaged(.tooLong)
            }
            if line.isEmpty { continue }
            let taken = understand(line)
            count(taken)
            return taken
        }
        guard pendingBytes > Fdcanusb.longestLine else { return nil }
        counters.discardedBytes += pendingBytes
        head = buffer.count
        if isSkipping { return nil }
        isSkipping = true
        return .damaged(.tooLong)
    }

    private mutating func count(_ line: Fdcanusb.Line) {
        switch line {
        case .damaged(.wrongChecksum), .damaged(.noChecksum): counters.badChecksums += 1
        case .damaged: counters.malformed += 1
        default: counters.lines += 1
        }
    }

    /// The next whole line without its end.
    private mutating func nextRange() -> Range<Int>? {
        while searched < buffer.count {
            let end = searched
            searched += 1
            guard buffer[end] == UInt8(ascii: "\n") || buffer[end] == UInt8(ascii: "\r") else {
                continue
            }
            let line = head..<end
            head = searched
            guard isSkipping else { return line }
            counters.discardedBytes += line.count
            isSkipping = false
        }
        return nil
    }

    /// Takes the check sum off and the line apart.
    private mutating func understand(_ line: Range<Int>) -> Fdcanusb.Line {
        var line = line
        checksum = .absent
        if line.count >= 3, buffer[line.upperBound - 3] == UInt8(ascii: "*"),
            let high = upperCaseDigit(line.upperBound - 2),
            let low = upperCaseDigit(line.upperBound - 1)
        {
            line = line.lowerBound..<(line.upperBound - 3)
            var sum: UInt8 = 0
            for index in line { sum = Fdcanusb.checksum(buffer[index], from: sum) }
            guard sum == high << 4 | low else { return .damaged(.wrongChecksum) }
            checksum = .correct
        } else if needsChecksums {
            return .damaged(.noChecksum)
        }
        while let last = line.last, buffer[last] == UInt8(ascii: " ") {
            line = line.lowerBound..<last
        }
        words = line
        return FdcanusbGrammar(bytes: buffer, line: line).line()
    }

    /// Check sums are printed in capitals; taking small letters would let a flipped bit through.
    private func upperCaseDigit(_ index: Int) -> UInt8? {
        switch buffer[index] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): buffer[index] - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): buffer[index] - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
