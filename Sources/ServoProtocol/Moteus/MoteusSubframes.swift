/// Takes a frame's subframes apart, one register at a time, in place.
public struct MoteusSubframes: Sendable {
    /// One thing a frame says.
    public enum Item: Sendable, Hashable {
        /// A value for a register.
        case write(MoteusRegister, MoteusNumber)
        /// Registers to report.
        case read(MoteusRegister, count: Int, MoteusResolution)
        /// A register's value.
        case reply(MoteusRegister, MoteusNumber)
        /// A register that could not be written.
        case writeError(MoteusRegister, code: UInt8)
        /// A register that could not be read.
        case readError(MoteusRegister, code: UInt8)
        /// Text for the controller's console: where it lies in the frame.
        case consoleInput(Range<Int>)
        /// Text from the console: where it lies in the frame.
        case consoleOutput(Range<Int>)
        /// A wish for up to so many bytes from the console.
        case consolePoll(limit: Int)
    }

    /// Whether the frame ended where it should not, or had a code nobody knows; what was said
    /// before that holds.
    public private(set) var isDamaged = false
    private let frame: CANFrame
    private var place = 0
    /// The subframe whose values come next.
    private var action = MoteusFrame.Action.write
    private var resolution = MoteusResolution.int8
    private var register = MoteusRegister.mode
    private var left = 0

    /// The subframes of a frame.
    public init(_ frame: CANFrame) { self.frame = frame }

    /// The next item, `nil` at the end.
    public mutating func next() -> Item? {
        while left == 0 {
            guard place < frame.count else { return nil }
            let code = frame[place]
            place += 1
            switch code {
            case MoteusFrame.padding: continue
            case 0x00...0x2F:
                guard let count = begin(code) else { return damaged() }
                if action == .read { return .read(register, count: count, resolution) }
                left = count
            case 0x30, 0x31:
                guard let register = registerNumber(), place < frame.count else { return damaged() }
                place += 1
                let error = frame[place - 1]
                return code == 0x30
                    ? .writeError(register, code: error) : .readError(register, code: error)
            case 0x40...0x42: return console(code) ?? damaged()
            default: return damaged()
            }
        }
        return value()
    }

    /// Channel, length and text (moteus docs, tunnelled stream); only channel 1 is a console.
    private mutating func console(_ code: UInt8) -> Item? {
        guard let channel = number(), channel == 1, let count = number() else { return nil }
        if code == 0x42 { return .consolePoll(limit: count) }
        guard count <= frame.count - place else { return nil }
        defer { place += count }
        let text = place..<(place + count)
        return code == 0x40 ? .consoleInput(text) : .consoleOutput(text)
    }

    /// Takes a subframe's beginning; returns for how many registers it is.
    private mutating func begin(_ code: UInt8) -> Int? {
        // Codes below 30 have one of four resolutions and one of three actions.
        guard let resolution = MoteusResolution(rawValue: code >> 2 & 3),
            let action = MoteusFrame.Action(rawValue: code & 0x30)
        else { return nil }
        var count = Int(code & 3)
        if count == 0 {
            guard let more = number() else { return nil }
            count = more
        }
        guard let first = registerNumber() else { return nil }
        (self.action, self.resolution, register) = (action, resolution, first)
        return count
    }

    private mutating func value() -> Item? {
        guard place + resolution.byteCount <= frame.count else { return damaged() }
        var bits: UInt32 = 0
        for index in 0..<resolution.byteCount {
            bits |= UInt32(frame[place + index]) << UInt32(8 * index)
        }
        place += resolution.byteCount
        left -= 1
        let number = MoteusNumber(resolution: resolution, bits: bits)
        let current = register
        register = register.advanced(by: 1)
        return action == .write ? .write(current, number) : .reply(current, number)
    }

    private mutating func damaged() -> Item? {
        isDamaged = true
        left = 0
        place = frame.count
        return nil
    }

    private mutating func registerNumber() -> MoteusRegister? {
        guard let number = number(), number <= 0xFFFF else { return nil }
        return MoteusRegister(rawValue: UInt16(number))
    }

    /// A number of seven bits a byte; five bytes at most.
    private mutating func number() -> Int? {
        var value = 0
        for index in 0..<5 {
            guard place < frame.count else { return nil }
            let byte = frame[place]
            place += 1
            value |= Int(byte & 0x7F) << (7 * index)
            if byte & 0x80 == 0 { return value }
        }
        return nil
    }
}
