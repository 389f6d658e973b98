/// What is asked of a moteus in every cycle, and how much of it.
public struct MoteusQuery: Sendable, Hashable {
    /// Whether the current is asked for too.
    public var includesCurrent: Bool

    /// Mode, position, velocity and torque; voltage, temperature and fault.
    ///
    /// Position, velocity and torque (and current) come as floats, the rest in a byte each.
    public init(includesCurrent: Bool = false) { self.includesCurrent = includesCurrent }

    /// Adds the question to a frame.
    public func append(to frame: inout MoteusFrame) {
        frame.read(.mode, count: 1, as: .int8)
        frame.read(.position, count: includesCurrent ? 4 : 3, as: .float)
        frame.read(.voltage, count: 3, as: .int8)
    }

    /// Bytes of a whole answer as it goes over CAN.
    public var replyBytes: Int { CANFrame.paddedCount(includesCurrent ? 27 : 22) }
}

/// What a moteus says of itself.
public struct MoteusState: Sendable, Hashable {
    /// Number of the mode, see `MoteusMode`.
    public var mode = 0
    /// Revolutions of the output.
    public var position = Double.nan
    /// Revolutions a second.
    public var velocity = Double.nan
    /// N·m.
    public var torque = Double.nan
    /// Amperes that make torque; NaN if not asked for.
    public var current = Double.nan
    /// Volts of supply.
    public var voltage = Double.nan
    /// Degrees Celsius of the board.
    public var temperature = Double.nan
    /// Why it stopped, or what bounds it.
    public var fault = MoteusFault.none

    /// Nothing known.
    public init() {}

    /// Takes a reply; `nil` unless it has all that `MoteusQuery` asks for.
    public init?(_ frame: CANFrame) {
        var items = MoteusSubframes(frame)
        var seen: UInt16 = 0
        while let item = items.next() {
            guard case .reply(let register, let number) = item else { continue }
            if register.rawValue < 16 { seen |= 1 << register.rawValue }
            take(register, number)
        }
        // Registers 0 to 3 and D to F.
        guard seen & 0xE00F == 0xE00F, !items.isDamaged else { return nil }
    }

    private mutating func take(_ register: MoteusRegister, _ number: MoteusNumber) {
        let value = number.value(register.kind)
        switch register {
        case .mode: mode = number.count
        case .position: position = value
        case .velocity: velocity = value
        case .torque: torque = value
        case .qCurrent: current = value
        case .voltage: voltage = value
        case .temperature: temperature = value
        case .fault: fault = MoteusFault(rawValue: number.count)
        default: break
        }
    }

    /// What it does, in words.
    public var modeWords: String {
        MoteusMode(rawValue: mode)?.description ?? "mode \(mode), which this program does not know"
    }
}
