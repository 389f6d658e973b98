/// How a register's value travels; raw values are the codes in a subframe.
public enum MoteusResolution: UInt8, Sendable, Hashable, CaseIterable {
    /// One byte.
    case int8 = 0
    /// Two bytes.
    case int16 = 1
    /// Four bytes.
    case int32 = 2
    /// IEEE 754 single.
    case float = 3

    /// Bytes it takes.
    public var byteCount: Int {
        switch self {
        case .int8: 1
        case .int16: 2
        case .int32, .float: 4
        }
    }
}

/// A register's value as it travels: some bytes, and how they are meant.
public struct MoteusNumber: Sendable, Hashable {
    /// How it travels.
    public var resolution: MoteusResolution
    /// The bytes, least significant first; those beyond `resolution.byteCount` are zero.
    public var bits: UInt32

    /// A value from its bytes.
    public init(resolution: MoteusResolution, bits: UInt32) {
        self.resolution = resolution
        self.bits = resolution.byteCount == 4 ? bits : bits & (1 << resolution.bitCount - 1)
    }

    /// A value in the register's unit, rounded to the nearest the resolution has.
    ///
    /// NaN becomes the integer that stands for it; what is too large becomes the largest.
    public init(_ value: Double, _ kind: MoteusRegister.Kind, as resolution: MoteusResolution) {
        guard resolution != .float else {
            self.init(resolution: .float, bits: Float(value).bitPattern)
            return
        }
        let largest = Double(resolution.largest)
        let steps = (value / kind.unit(resolution)).rounded()
        let whole = value.isNaN ? -Int64(largest) - 1 : Int64(min(max(steps, -largest), largest))
        self.init(resolution: resolution, bits: UInt32(truncatingIfNeeded: whole))
    }

    /// The value in the register's unit; NaN if it was not given.
    public func value(_ kind: MoteusRegister.Kind) -> Double {
        if resolution == .float { return Double(Float(bitPattern: bits)) }
        let whole = integer
        // The most negative integer stands for "none".
        if kind != .integer, whole < -Int64(resolution.largest) { return .nan }
        return Double(whole) * kind.unit(resolution)
    }

    /// The value of a register that counts things; 0 for a float that is no such number.
    public var count: Int {
        guard resolution == .float else { return Int(integer) }
        let value = Float(bitPattern: bits)
        return value.isFinite && abs(value) < 2e9 ? Int(value) : 0
    }

    /// The bytes as a signed number.
    private var integer: Int64 {
        let unused = 32 - resolution.bitCount
        return Int64(Int32(bitPattern: bits << UInt32(unused)) >> Int32(unused))
    }
}

extension MoteusResolution {
    fileprivate var bitCount: Int { 8 * byteCount }
    /// The largest integer; its negative is the smallest that is a value.
    fileprivate var largest: Int64 { 1 << (bitCount - 1) - 1 }
}

extension MoteusRegister.Kind {
    /// What one unit of an integer is.
    func unit(_ resolution: MoteusResolution) -> Double {
        switch self {
        case .integer, .plain: 1
        case .position: resolution.choose(0.01, 0.0001, 0.00001)
        case .velocity: resolution.choose(0.1, 0.00025, 0.00001)
        case .acceleration: resolution.choose(0.05, 0.001, 0.00001)
        case .torque: resolution.choose(0.5, 0.01, 0.001)
        case .current, .temperature: resolution.choose(1, 0.1, 0.001)
        case .voltage: resolution.choose(0.5, 0.1, 0.001)
        case .time: resolution.choose(0.01, 0.001, 0.000001)
        case .share: resolution.choose(1 / 127, 1 / 32767, 1 / 2_147_483_647)
        case .power: resolution.choose(10, 0.05, 0.0001)
        }
    }
}

extension MoteusResolution {
    fileprivate func choose(_ small: Double, _ middle: Double, _ large: Double) -> Double {
        switch self {
        case .int8: small
        case .int16: middle
        case .int32: large
        case .float: 1
        }
    }
}
