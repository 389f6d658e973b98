/// The common group of VectorNav's binary output, as register 75 asks for it (VN-100 manual).
///
/// A message is `FA`, the groups (here always 01, common), the fields as 16 bits, the fields' values
/// in rising order of their bits, and a check sum of two bytes, high byte first. Numbers have their
/// least significant byte first.
public struct VectorNavFields: OptionSet, Sendable, Hashable {
    /// One bit a field.
    public var rawValue: UInt16
    /// The fields of these bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Nanoseconds since the device started.
    public static let timeStartup = VectorNavFields(rawValue: 0x0001)
    /// Yaw, pitch, roll.
    public static let yawPitchRoll = VectorNavFields(rawValue: 0x0008)
    /// Quaternion, scalar last.
    public static let quaternion = VectorNavFields(rawValue: 0x0010)
    /// Angular rate.
    public static let angularRate = VectorNavFields(rawValue: 0x0020)
    /// Acceleration.
    public static let acceleration = VectorNavFields(rawValue: 0x0100)
    /// Magnetic field, temperature, pressure.
    public static let magneticPressure = VectorNavFields(rawValue: 0x0400)

    /// What sacbot asks for: the device's time, quaternion, angular rate and acceleration.
    public static let wanted: VectorNavFields = [
        .timeStartup, .quaternion, .angularRate, .acceleration,
    ]

    /// Bytes of each bit's field, lowest bit first.
    ///
    /// The three times, yaw-pitch-roll, quaternion, rate, position, velocity, acceleration, raw
    /// inertial values, magnetic and pressure, delta theta, status, count of synchronisations, time
    /// since the GPS pulse. Bit 15 is none.
    static let sizes: InlineArray<16, Int> = [
        8, 8, 8, 12, 16, 12, 24, 12, 12, 24, 20, 28, 2, 4, 8, 0,
    ]

    /// Bytes of all values, `nil` if there is none or one that does not exist.
    public var payloadLength: Int? {
        guard rawValue != 0, rawValue & 0x8000 == 0 else { return nil }
        var length = 0
        for bit in 0..<16 where rawValue & 1 << UInt16(bit) != 0 { length += Self.sizes[bit] }
        return length
    }
}

/// Frames of VectorNav's binary output.
enum VectorNavBinary {
    static let sync: UInt8 = 0xFA
    static let commonGroup: UInt8 = 0x01
    /// Bytes before the values.
    static let headerLength = 4

    /// CRC-16 with polynomial 0x1021, most significant bit first, initial value 0 (XMODEM).
    static func checksum(_ byte: UInt8, from start: UInt16) -> UInt16 {
        // Eight steps of the polynomial at once.
        var x = UInt8(truncatingIfNeeded: start >> 8) ^ byte
        x ^= x >> 4
        return start << 8 ^ UInt16(x) << 12 ^ UInt16(x) << 5 ^ UInt16(x)
    }

    /// The values of a message that begins at the window's start.
    static func measurement(
        _ window: borrowing ByteWindow,
        _ fields: VectorNavFields
    ) -> VectorNavMeasurement {
        var measured = VectorNavMeasurement()
        var offset = headerLength
        for bit in 0..<15 where fields.rawValue & 1 << UInt16(bit) != 0 {
            switch VectorNavFields(rawValue: 1 << UInt16(bit)) {
            case .timeStartup: measured.timeStartup = window.uint64(at: offset)
            case .yawPitchRoll: measured.yawPitchRoll = window.vector(at: offset)
            case .quaternion:
                let part = window.vector(at: offset)
                let scalar = window.float(at: offset + 12)
                measured.quaternion = SIMD4(part, scalar)
            case .angularRate: measured.angularRate = window.vector(at: offset)
            case .acceleration: measured.acceleration = window.vector(at: offset)
            case .magneticPressure:
                measured.magnetic = window.vector(at: offset)
                measured.temperature = window.float(at: offset + 12)
                measured.pressure = window.float(at: offset + 16)
            default: break
            }
            offset += VectorNavFields.sizes[bit]
        }
        return measured
    }
}

extension VectorNavFields {
    /// The message as a device sends it; what was not measured, or is not kept, is zero.
    ///
    /// Traps if there is no field or one that does not exist.
    public func encoded(_ measured: VectorNavMeasurement) -> [UInt8] {
        precondition(payloadLength != nil, "no such fields: \(rawValue)")
        var bytes = [VectorNavBinary.sync, VectorNavBinary.commonGroup] + rawValue.littleEndian2
        for bit in 0..<15 where rawValue & 1 << UInt16(bit) != 0 {
            let value = Self.value(VectorNavFields(rawValue: 1 << UInt16(bit)), measured)
            bytes += value ?? Array(repeating: 0, count: Self.sizes[bit])
        }
        var sum: UInt16 = 0
        for byte in bytes.dropFirst() { sum = VectorNavBinary.checksum(byte, from: sum) }
        return bytes + [UInt8(truncatingIfNeeded: sum >> 8), UInt8(truncatingIfNeeded: sum)]
    }

    private static func value(
        _ field: VectorNavFields,
        _ measured: VectorNavMeasurement
    ) -> [UInt8]? {
        func bytes(_ value: Double) -> [UInt8] {
            let bits = Float(value).bitPattern
            return (0..<4).map { UInt8(truncatingIfNeeded: bits >> (8 * UInt32($0))) }
        }
        func bytes(_ vector: SIMD3<Double>?) -> [UInt8]? {
            vector.map { bytes($0.x) + bytes($0.y) + bytes($0.z) }
        }
        switch field {
        case .timeStartup:
            return measured.timeStartup.map { time in
                (0..<8).map { UInt8(truncatingIfNeeded: time >> (8 * UInt64($0))) }
            }
        case .yawPitchRoll: return bytes(measured.yawPitchRoll)
        case .quaternion:
            return measured.quaternion.map {
                bytes($0.x) + bytes($0.y) + bytes($0.z) + bytes($0.w)
            }
        case .angularRate: return bytes(measured.angularRate)
        case .acceleration: return bytes(measured.acceleration)
        case .magneticPressure:
            return bytes(measured.magnetic).map {
                $0 + bytes(measured.temperature ?? 0) + bytes(measured.pressure ?? 0)
            }
        default: return nil
        }
    }
}

extension ByteWindow {
    func uint64(at index: Int) -> UInt64 {
        var value: UInt64 = 0
        for offset in 0..<8 { value |= UInt64(self[index + offset]) << (8 * UInt64(offset)) }
        return value
    }

    func float(at index: Int) -> Double {
        var bits: UInt32 = 0
        for offset in 0..<4 { bits |= UInt32(self[index + offset]) << (8 * UInt32(offset)) }
        return Double(Float(bitPattern: bits))
    }

    func vector(at index: Int) -> SIMD3<Double> {
        SIMD3(float(at: index), float(at: index + 4), float(at: index + 8))
    }
}
