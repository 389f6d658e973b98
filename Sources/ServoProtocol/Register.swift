/// One register of a control table.
public struct Register: Sendable, Hashable {
    /// Whether the host may write it.
    public enum Access: Sendable, Hashable {
        /// Read only.
        case read
        /// Read and write.
        case readWrite
    }

    /// Where it is kept.
    public enum Area: Sendable, Hashable {
        /// Survives power-off; writable only while torque is off; wears out.
        case eeprom
        /// Lost at power-off and reboot.
        case ram
    }

    /// The end of a register's range.
    public enum Bound: Sendable, Hashable {
        /// A fixed number.
        case number(Int)
        /// What another register holds.
        case register(Name)
        /// The negative of what another register holds.
        case negated(Name)
    }

    /// Which register it is.
    public var name: Name
    /// Address of its first byte.
    public var address: UInt16
    /// Size in bytes: 1, 2 or 4.
    public var size: Int
    /// Whether it is read as two's complement.
    public var isSigned: Bool
    /// How the sign is kept if not as two's complement; `nil` where it is, or where there is none.
    public var signMagnitude: SignMagnitude?
    /// Which of its bytes comes first.
    public var order: ByteOrder
    /// Whether it can be written.
    public var access: Access
    /// Where it is kept.
    public var area: Area
    /// Factory value, `nil` if the manual gives none.
    public var initialValue: Int?
    /// Smallest value, `nil` if the manual gives none.
    public var minimum: Bound?
    /// Largest value, `nil` if the manual gives none.
    public var maximum: Bound?
    /// The only values allowed, empty if the range says it all.
    public var allowed: [Int]
    /// Firmware version from which it is there; 0 if always.
    public var firstFirmware: Int

    /// The addresses it takes up.
    public var addresses: Range<Int> { Int(address)..<(Int(address) + size) }

    /// The register's bits for a value; what does not fit is dropped, or cut to the largest
    /// magnitude if the sign is a bit of its own.
    public func raw(of value: Int) -> Int {
        if let signMagnitude { return signMagnitude.raw(value) }
        return value & (1 << (8 * size) - 1)
    }

    /// The value of the register's bits.
    public func value(ofRaw raw: Int) -> Int {
        if let signMagnitude { return signMagnitude.value(raw) }
        let sign = 1 << (8 * size - 1)
        return isSigned && raw & sign != 0 ? raw - 2 * sign : raw
    }

    /// The register's bytes for a value.
    public func bytes(of value: Int) -> [UInt8] {
        let raw = raw(of: value)
        return (0..<size).map { UInt8(truncatingIfNeeded: raw >> order.shift($0, of: size)) }
    }

    /// The value in some bytes that start with the register's first.
    ///
    /// If there are fewer bytes than the register has, the missing ones count as zero.
    public func value(of bytes: some Collection<UInt8>) -> Int {
        var raw = 0
        for (index, byte) in bytes.prefix(size).enumerated() {
            raw |= Int(byte) << order.shift(index, of: size)
        }
        return value(ofRaw: raw)
    }

    /// The number in some bytes, least significant first.
    public static func value(of bytes: some Collection<UInt8>, isSigned: Bool) -> Int {
        var raw: UInt64 = 0
        var shift: UInt64 = 0
        for byte in bytes {
            raw |= UInt64(byte) << shift
            shift += 8
        }
        guard isSigned, shift > 0, shift < 64, raw >> (shift - 1) != 0 else { return Int(raw) }
        return Int(raw) - 1 << Int(shift)
    }
}
