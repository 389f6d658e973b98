/// Takes one line's words apart, where they stand.
struct FdcanusbGrammar {
    // A reference to the decoder's buffer: nothing is copied while nobody writes to it.
    private let bytes: [UInt8]
    private let end: Int
    private var place: Int

    init(bytes: [UInt8], line: Range<Int>) {
        self.bytes = bytes
        place = line.lowerBound
        end = line.upperBound
    }

    /// What the line is.
    func line() -> Fdcanusb.Line {
        var words = self
        guard let first = words.next() else { return .words }
        if words.equals(first, "OK") { return words.next() == nil ? .ok : .words }
        if words.equals(first, "ERR") { return .error }
        if words.equals(first, "rcv") {
            var frame = CANFrame(id: 0)
            return words.receive(into: &frame) ? .received(frame) : .damaged(.malformed)
        }
        guard words.equals(first, "can"), let second = words.next() else { return .words }
        if words.equals(second, "send") { return words.send(extended: nil) }
        if words.equals(second, "std") { return words.send(extended: false) }
        if words.equals(second, "ext") { return words.send(extended: true) }
        return .words
    }

    // MARK: From the adapter

    private mutating func receive(into frame: inout CANFrame) -> Bool {
        guard let id = next(), let number = identifier(id) else { return false }
        frame = CANFrame(id: number)
        (frame.isFD, frame.switchesBitRate) = (false, false)
        // A frame without data has flags at once; those are single letters.
        var word = next()
        if let data = word, data.count % 2 == 0, data.allSatisfy({ digit($0) != nil }) {
            guard fill(&frame, data) == nil else { return false }
            word = next()
        }
        while let flags = word {
            if !isNote(flags), !apply(flags, to: &frame) { return false }
            word = next()
        }
        return true
    }

    /// `x3`, `f3`, `t123`: the filter that matched, and when; not needed here.
    private func isNote(_ word: Range<Int>) -> Bool {
        guard word.count >= 2 else { return false }
        let letter = bytes[word.lowerBound]
        guard
            letter == UInt8(ascii: "x") || letter == UInt8(ascii: "f")
                || letter == UInt8(ascii: "t")
        else { return false }
        // The firmware prints -1 for no filter.
        let first = word.lowerBound + 1
        let start = bytes[first] == UInt8(ascii: "-") ? first + 1 : first
        return (start..<word.upperBound).allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[$0])
        }
    }

    // MARK: From the host

    private mutating func send(extended: Bool?) -> Fdcanusb.Line {
        guard let id = next(), let data = next() else { return .badSend(.insufficientOptions) }
        guard let number = identifier(id), extended != false || number <= 0x7FF else {
            return .badSend(.badID)
        }
        var frame = CANFrame(id: number)
        if let extended { frame.hasExtendedID = extended }
        if let problem = fill(&frame, data) { return .badSend(problem) }
        while let flags = next() {
            if !apply(flags, to: &frame) { return .badSend(.unknownFlag) }
        }
        return .send(frame)
    }

    // MARK: Words

    /// The next word, `nil` at the end.
    private mutating func next() -> Range<Int>? {
        while place < end, bytes[place] == UInt8(ascii: " ") { place += 1 }
        guard place < end else { return nil }
        let start = place
        while place < end, bytes[place] != UInt8(ascii: " ") { place += 1 }
        return start..<place
    }

    private func equals(_ word: Range<Int>, _ text: StaticString) -> Bool {
        guard word.count == text.utf8CodeUnitCount else { return false }
        // Safety: a literal's bytes live as long as the program, and there are as many as counted.
        let start = unsafe text.utf8Start
        for offset in 0..<word.count {
            if unsafe bytes[word.lowerBound + offset] != start[offset] { return false }
        }
        return true
    }

    private func identifier(_ word: Range<Int>) -> UInt32? {
        guard word.count <= 8 else { return nil }
        var number: UInt32 = 0
        for index in word {
            guard let digit = digit(index) else { return nil }
            number = number << 4 | UInt32(digit)
        }
        return number <= 0x1FFF_FFFF ? number : nil
    }

    private func fill(_ frame: inout CANFrame, _ word: Range<Int>) -> Fdcanusb.SendProblem? {
        guard word.count % 2 == 0, word.count <= 128 else { return .invalidLength }
        var index = word.lowerBound
        while index < word.upperBound {
            guard let high = digit(index), let low = digit(index + 1) else { return .invalidData }
            frame.append(high << 4 | low)
            index += 2
        }
        return nil
    }

    /// Sets what a word of flag letters says; `false` if one of them is none.
    private func apply(_ flags: Range<Int>, to frame: inout CANFrame) -> Bool {
        for index in flags {
            switch bytes[index] {
            case UInt8(ascii: "E"): frame.hasExtendedID = true
            case UInt8(ascii: "e"): frame.hasExtendedID = false
            case UInt8(ascii: "B"): frame.switchesBitRate = true
            case UInt8(ascii: "b"): frame.switchesBitRate = false
            case UInt8(ascii: "F"): frame.isFD = true
            case UInt8(ascii: "f"): frame.isFD = false
            case UInt8(ascii: "R"): frame.isRemote = true
            case UInt8(ascii: "r"): frame.isRemote = false
            default: return false
            }
        }
        return true
    }

    private func digit(_ index: Int) -> UInt8? {
        switch bytes[index] {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): bytes[index] - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): bytes[index] - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): bytes[index] - UInt8(ascii: "a") + 10
        default: nil
        }
    }
}
