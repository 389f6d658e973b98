import Glibc

/// One report of a BNO080, BNO085 or BNO086 in UART-RVC mode.
///
/// 115200 bit/s, 100 reports a second, nothing can be set (BNO08X data sheet, 1.3.5.2). 19 bytes:
/// `AA AA`, a count, yaw, pitch and roll in 0.01 degrees, acceleration in thousandths of standard
/// gravity, three more bytes and the sum of all but the header.
public struct UARTRVCFrame: Sendable, Hashable {
    /// Bytes of a report.
    public static let length = 19
    /// Nanoseconds between two reports.
    public static let period: Int64 = 10_000_000

    /// Rises by one a report and begins anew after 255.
    public var index: UInt8
    /// 0.01 degrees, -18000 to 18000, rising clockwise as seen from above.
    public var yaw: Int16
    /// 0.01 degrees, -9000 to 9000, about the chip's x axis.
    public var pitch: Int16
    /// 0.01 degrees, -18000 to 18000, about the chip's y axis.
    public var roll: Int16
    /// Thousandths of standard gravity; a level chip at rest reads (0, 0, 1000).
    public var acceleration: SIMD3<Int16>
    /// Motion intent, motion request and a zero, as sent.
    public var reserved: (UInt8, UInt8, UInt8) {
        (reservedBytes.x, reservedBytes.y, reservedBytes.z)
    }
    private var reservedBytes: SIMD3<UInt8>

    /// A report.
    public init(
        index: UInt8,
        yaw: Int16,
        pitch: Int16,
        roll: Int16,
        acceleration: SIMD3<Int16>,
        reserved: (UInt8, UInt8, UInt8) = (0, 0, 0)
    ) {
        self.index = index
        self.yaw = yaw
        self.pitch = pitch
        self.roll = roll
        self.acceleration = acceleration
        reservedBytes = SIMD3(reserved.0, reserved.1, reserved.2)
    }

    /// The report as it goes over the wire.
    public func encoded() -> [UInt8] {
        let fields = [yaw, pitch, roll, acceleration.x, acceleration.y, acceleration.z]
        var bytes: [UInt8] = [0xAA, 0xAA, index]
        for field in fields { bytes += UInt16(bitPattern: field).littleEndian2 }
        bytes += [reservedBytes.x, reservedBytes.y, reservedBytes.z]
        bytes.append(bytes.dropFirst(2).reduce(0, &+))
        return bytes
    }

    /// Whether the angles are ones the device can mean.
    var isPlausible: Bool {
        yaw.magnitude <= 18_000 && pitch.magnitude <= 9_000 && roll.magnitude <= 18_000
    }

    /// The chip's frame to the world's.
    ///
    /// The data sheet's text calls roll a turn about x and pitch one about y, but its example
    /// (roll 20.85, pitch -1.10 degrees, -371, -20 and 977 thousandths) is gravity only if roll
    /// turns about y and pitch about x, both right-handed; users of the chip found the same, and
    /// yaw to be a heading, clockwise. The turns follow each other as yaw, pitch, roll.
    public var orientation: Quaternion {
        let unit = Double.pi / 18_000
        return Quaternion(angle: -Double(yaw) * unit, axis: SIMD3(0, 0, 1))
            * Quaternion(angle: Double(pitch) * unit, axis: SIMD3(1, 0, 0))
            * Quaternion(angle: Double(roll) * unit, axis: SIMD3(0, 1, 0))
    }

    /// The report of a chip whose sample this is; for emulators.
    public init(index: UInt8, _ sample: IMUSample) {
        let x = sample.orientation.turned(SIMD3(1, 0, 0))
        let y = sample.orientation.turned(SIMD3(0, 1, 0))
        let z = sample.orientation.turned(SIMD3(0, 0, 1))
        func angle(_ radians: Double) -> Int16 { Int16((radians * 18_000 / .pi).rounded()) }
        let thousandths = 1000 / standardGravity * (sample.acceleration ?? .zero)
        func rounded(_ value: Double) -> Int16 { Int16(min(max(value.rounded(), -32_768), 32_767)) }
        self.init(
            index: index,
            yaw: angle(atan2(y.x, y.y)),
            pitch: angle(asin(min(max(y.z, -1), 1))),
            roll: angle(atan2(-x.z, z.z)),
            acceleration: SIMD3(
                rounded(thousandths.x),
                rounded(thousandths.y),
                rounded(thousandths.z)
            )
        )
    }

    /// Metres per second squared, gravity included.
    public var accelerationSI: SIMD3<Double> {
        standardGravity / 1000 * SIMD3<Double>(acceleration)
    }
}
