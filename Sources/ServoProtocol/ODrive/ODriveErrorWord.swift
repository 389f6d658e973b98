/// One bit of an error word.
public struct ODriveErrorBit: Sendable, Hashable {
    /// The bit's value.
    public var mask: UInt64
    /// What happened, in a few words.
    public var name: String
    /// What to do about it.
    public var remedy: String

    init(_ mask: UInt64, _ name: String, _ remedy: String) {
        self.mask = mask
        self.name = name
        self.remedy = remedy
    }
}

/// An error word of a board, with what its bits mean.
public protocol ODriveErrorWord: OptionSet, Sendable, Hashable where RawValue == UInt64 {
    /// Every bit the firmware knows, lowest first.
    static var bits: [ODriveErrorBit] { get }
}

extension ODriveErrorWord {
    /// The bits that are set and known, lowest first.
    public var known: [ODriveErrorBit] { Self.bits.filter { rawValue & $0.mask != 0 } }

    /// Bits that are set and that no firmware of this kind has.
    public var unknown: UInt64 {
        rawValue & ~Self.bits.reduce(0) { $0 | $1.mask }
    }

    /// What happened, for a person: names with commas between, `no error` if there is none.
    public var words: String {
        guard rawValue != 0 else { return "no error" }
        var parts = known.map(\.name)
        if unknown != 0 { parts.append("unknown bits 0x" + String(unknown, radix: 16)) }
        return parts.joined(separator: ", ")
    }

    /// What to do, one sentence a bit, no sentence twice.
    public var remedies: [String] {
        var found: [String] = []
        for bit in known where !found.contains(bit.remedy) { found.append(bit.remedy) }
        if unknown != 0 {
            found.append("look the bits up in the documentation of the board's own firmware")
        }
        return found
    }
}

/// Remedies that several words share.
enum ODriveRemedy {
    static let supply = "check the supply: voltage, current, wires and what else hangs on it"
    static let brake = "check the brake resistor, its wires and config.brake_resistance"
    static let calibrate = "calibrate the axis (requested_state 3) with the motor free to turn"
    static let cool = "let it cool, then look at load, current limit and air"
    static let look = "look at the axis's other error words, they say more"
    static let wires = "check the motor's three wires"
    static let report = "clear it; if it comes back, it is the firmware's or the board's own fault"
    static let firmware = "a fault inside the firmware: reboot the board, install the newest 0.5.x"
    static let encoder = "check the encoder's wires, supply and shield"
    static let gains = "lower the gains, or raise current_lim_margin"
}
