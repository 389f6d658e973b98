/// Builds lines of the fdcanusb protocol in a buffer that is kept from one burst to the next.
public struct FdcanusbWriter: Sendable {
    /// The lines so far.
    public private(set) var bytes: [UInt8] = []
    /// Whether lines get a check sum.
    public var addsChecksums: Bool
    private let endsWithReturn: Bool
    private var lineStart = 0

    /// A writer with room for `frames` of the longest frames.
    ///
    /// The adapter itself ends lines with CRLF, its host with LF.
    public init(addsChecksums: Bool, endsWithReturn: Bool = false, frames: Int = 16) {
        self.addsChecksums = addsChecksums
        self.endsWithReturn = endsWithReturn
        bytes.reserveCapacity(Fdcanusb.longestLine * max(frames, 1))
    }

    /// Forgets all lines.
    public mutating func removeAll() { bytes.removeAll(keepingCapacity: true) }

    /// Adds `can send` of a frame.
    public mutating func send(_ frame: CANFrame) {
        begin()
        add("can send ")
        add(hexadecimal: frame.id, digits: frame.id > 0xFFFF ? 8 : 4)
        add(data: frame)
        add(frame.switchesBitRate ? " B" : " b")
        if frame.isFD { bytes.append(UInt8(ascii: "F")) }
        if frame.isRemote { bytes.append(UInt8(ascii: "R")) }
        end()
    }

    /// Adds `rcv` of a frame, as the adapter prints it.
    public mutating func received(_ frame: CANFrame) {
        begin()
        add("rcv ")
        var digits = 2
        while digits < 8, frame.id >> UInt32(4 * digits) != 0 { digits += 2 }
        add(hexadecimal: frame.id, digits: digits)
        add(data: frame)
        add(frame.hasExtendedID ? " E" : " e")
        add(frame.switchesBitRate ? " B" : " b")
        add(frame.isFD ? " F" : " f")
        add(frame.isRemote ? " R" : " r")
        end()
    }

    /// Adds a line of any words.
    public mutating func line(_ words: StaticString) {
        begin()
        add(words)
        end()
    }

    /// Adds a line of any words; they must hold no line end.
    public mutating func line(_ words: String) {
        begin()
        bytes.append(contentsOf: words.utf8)
        end()
    }

    private mutating func begin() { lineStart = bytes.count }

    private mutating func end() {
        if addsChecksums {
            bytes.append(UInt8(ascii: " "))
            var sum: UInt8 = 0
            for index in lineStart..<bytes.count {
                sum = Fdcanusb.checksum(bytes[index], from: sum)
            }
            bytes.append(UInt8(ascii: "*"))
            add(hexadecimal: UInt32(sum), digits: 2)
        }
        if endsWithReturn { bytes.append(UInt8(ascii: "\r")) }
        bytes.append(UInt8(ascii: "\n"))
    }

    private mutating func add(_ words: StaticString) {
        // Safety: a literal's bytes live as long as the program, and there are utf8CodeUnitCount.
        let start = unsafe words.utf8Start
        for index in 0..<words.utf8CodeUnitCount { unsafe bytes.append(start[index]) }
    }

    private mutating func add(data frame: CANFrame) {
        guard frame.count > 0 else { return }
        bytes.append(UInt8(ascii: " "))
        for index in 0..<frame.count { add(hexadecimal: UInt32(frame[index]), digits: 2) }
    }

    private mutating func add(hexadecimal value: UInt32, digits: Int) {
        var shift = 4 * (digits - 1)
        while shift >= 0 {
            let digit = UInt8(truncatingIfNeeded: value >> UInt32(shift)) & 0xF
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "A") + digit - 10)
            shift -= 4
        }
    }
}
