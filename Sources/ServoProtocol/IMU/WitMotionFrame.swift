/// One frame of WitMotion's normal protocol: `55`, a type, four numbers, the sum of all before it.
///
/// 9600 bit/s and 10 Hz as most models leave the factory. (WitMotion normal protocol.)
public struct WitMotionFrame: Sendable, Hashable {
    /// Bytes of a frame.
    public static let length = 11

    /// What the four numbers are.
    public enum Kind: UInt8, Sendable, CaseIterable {
        /// Year, month, day, hour, minute, second, milliseconds.
        case time = 0x50
        /// Acceleration and temperature.
        case acceleration = 0x51
        /// Angular rate and, of some models, the supply's voltage.
        case angularRate = 0x52
        /// Roll, pitch, yaw and the firmware's version.
        case angle = 0x53
        /// Magnetic field and temperature.
        case magnetic = 0x54
        /// The four pins.
        case ports = 0x55
        /// Pressure and height.
        case pressure = 0x56
        /// Longitude and latitude.
        case position = 0x57
        /// Speed over ground.
        case velocity = 0x58
        /// Quaternion, scalar first.
        case quaternion = 0x59
        /// How good the position is.
        case accuracy = 0x5A
        /// Four registers that were asked for.
        case registers = 0x5F
    }

    /// What the numbers are.
    public var kind: Kind
    /// As sent.
    public var values: SIMD4<Int16>

    /// A frame.
    public init(kind: Kind, values: SIMD4<Int16>) {
        self.kind = kind
        self.values = values
    }

    /// The frame as it goes over the wire.
    public func encoded() -> [UInt8] {
        var bytes: [UInt8] = [0x55, kind.rawValue]
        for index in 0..<4 { bytes += UInt16(bitPattern: values[index]).littleEndian2 }
        bytes.append(bytes.reduce(0, &+))
        return bytes
    }

    /// The first three numbers, full scale being 32768.
    func vector(fullScale: Double) -> SIMD3<Double> {
        let three = SIMD3(values.x, values.y, values.z)
        return fullScale / 32_768 * SIMD3<Double>(three)
    }
}

/// What a WitMotion device sends unasked: register 02, one bit a kind of frame.
public struct WitMotionContent: OptionSet, Sendable, Hashable {
    /// Bit n is frame type 50 + n.
    public var rawValue: UInt16
    /// The content of these bits.
    public init(rawValue: UInt16) { self.rawValue = rawValue }

    /// Frame 51.
    public static let acceleration = WitMotionContent(rawValue: 1 << 1)
    /// Frame 52.
    public static let angularRate = WitMotionContent(rawValue: 1 << 2)
    /// Frame 53.
    public static let angle = WitMotionContent(rawValue: 1 << 3)
    /// Frame 59.
    public static let quaternion = WitMotionContent(rawValue: 1 << 9)
    /// Frames that an orientation can be made of.
    static let orientations: WitMotionContent = [.angle, .quaternion]

    /// What sacbot asks for.
    public static let wanted: WitMotionContent = [.acceleration, .angularRate, .quaternion]

    /// The bit of a kind of frame, none for an answer.
    init(_ kind: WitMotionFrame.Kind) {
        rawValue = kind == .registers ? 0 : 1 << UInt16(kind.rawValue - 0x50)
    }

    /// The kinds of frames, in the order they are sent.
    public var kinds: [WitMotionFrame.Kind] {
        WitMotionFrame.Kind.allCases.filter {
            $0 != .registers && contains(WitMotionContent($0))
        }
    }
}

/// A command to a WitMotion device: `FF AA`, a register, two bytes.
public enum WitMotionCommand: Sendable, Hashable {
    /// Has to come before every other command that writes; holds for some seconds.
    case unlock
    /// Register 03, a code of `rateCodes`.
    case rate(code: UInt8)
    /// Register 02.
    case content(WitMotionContent)
    /// Register 04, a code of `baudCodes`.
    case baud(code: UInt8)
    /// Keeps the settings over power-off.
    case save
    /// Asks for four registers; the answer is a frame of type 5F.
    case read(register: UInt8)

    /// Register 03's codes for samples a second.
    public static let rateCodes: [(hertz: Double, code: UInt8)] = [
        (0.2, 1), (0.5, 2), (1, 3), (2, 4), (5, 5), (10, 6), (20, 7), (50, 8), (100, 9),
        (200, 0x0B),
    ]
    /// Register 04's codes for bits per second.
    public static let baudCodes: [(rate: Int, code: UInt8)] = [
        (4800, 1), (9600, 2), (19_200, 3), (38_400, 4), (57_600, 5), (115_200, 6), (230_400, 7),
        (460_800, 8), (921_600, 9),
    ]
    /// The register of the content; rate and baud follow it.
    public static let contentRegister: UInt8 = 0x02

    /// The command as it goes over the wire.
    public func encoded() -> [UInt8] {
        let (register, value) = registerAndValue
        return [0xFF, 0xAA, register] + value.littleEndian2
    }

    private var registerAndValue: (UInt8, UInt16) {
        switch self {
        case .unlock: (0x69, 0xB588)
        case .rate(let code): (0x03, UInt16(code))
        case .content(let content): (Self.contentRegister, content.rawValue)
        case .baud(let code): (0x04, UInt16(code))
        case .save: (0x00, 0)
        case .read(let register): (0x27, UInt16(register))
        }
    }
}
