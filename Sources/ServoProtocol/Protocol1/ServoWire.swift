/// What a servo model speaks on its bus.
public enum ServoWire: Sendable, Hashable, CaseIterable {
    /// Dynamixel protocol 2.0: X series, MX series with 2.0 firmware.
    case dynamixel2
    /// Dynamixel protocol 1.0: AX series, MX series with 1.0 firmware.
    case dynamixel1
    /// Feetech STS and SMS: frames as in Dynamixel 1.0, words with the low byte first.
    case feetechLittleEndian
    /// Feetech SCS: the same with the high byte first, and no sync read.
    case feetechBigEndian

    /// Which byte of a register comes first.
    public var byteOrder: ByteOrder {
        self == .feetechBigEndian ? .highFirst : .lowFirst
    }

    /// Whether it is one of Feetech's.
    public var isFeetech: Bool { self == .feetechLittleEndian || self == .feetechBigEndian }
}

/// Which byte of a number comes first on the wire and in a control table.
public enum ByteOrder: Sendable, Hashable {
    /// The least significant: Dynamixel, Feetech STS.
    case lowFirst
    /// The most significant: Feetech SCS.
    case highFirst

    /// How far the byte at `index` of a number of `size` bytes is shifted to the left.
    @inline(__always) func shift(_ index: Int, of size: Int) -> Int {
        8 * (self == .lowFirst ? index : size - 1 - index)
    }
}
