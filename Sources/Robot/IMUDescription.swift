/// What an inertial measurement unit speaks on its serial port.
public enum IMUProtocol: String, Sendable, CaseIterable {
    /// BNO080, BNO085 or BNO086 in UART-RVC mode; 100 Hz, nothing can be set.
    case bno08xRVC = "bno08x-rvc"
    /// VectorNav VN-100 with lines of text.
    case vectorNavASCII = "vectornav-ascii"
    /// VectorNav VN-100 with binary messages.
    case vectorNavBinary = "vectornav-binary"
    /// WitMotion's normal protocol.
    case witMotion = "witmotion"

    /// Samples a second as the device leaves the factory.
    public var factoryRate: Double {
        switch self {
        case .bno08xRVC: 100
        case .vectorNavASCII, .vectorNavBinary: 40
        case .witMotion: 10
        }
    }

    /// Bits a second as the device leaves the factory.
    public var factoryBaudRate: Int { self == .witMotion ? 9600 : 115_200 }

    /// Samples a second that can be asked for.
    public var rates: [Double] {
        switch self {
        case .bno08xRVC: [100]
        // Register 7 of the VN-100 manual.
        case .vectorNavASCII: [1, 2, 4, 5, 10, 20, 25, 40, 50, 100, 200]
        // Divisors of 800 Hz.
        case .vectorNavBinary: [1, 2, 4, 5, 10, 20, 25, 40, 50, 80, 100, 160, 200, 400]
        // Register 03.
        case .witMotion: [0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200]
        }
    }

    /// Bytes of one sample as sacbot asks for it.
    public var bytesPerSample: Int {
        switch self {
        case .bno08xRVC: 19
        // VNQMR with its end.
        case .vectorNavASCII: 124
        // Time, quaternion, angular rate and acceleration: 6 + 8 + 16 + 12 + 12.
        case .vectorNavBinary: 54
        // Acceleration, angular rate and quaternion, 11 each.
        case .witMotion: 33
        }
    }
}

/// The robot's inertial measurement unit.
public struct IMUDescription: Sendable, Hashable {
    /// The device, for example `/dev/serial/by-id/usb-FTDI_...`.
    public var port: String
    /// Bits per second.
    public var baudRate: Int
    /// What the unit speaks.
    public var protocolName: IMUProtocol
    /// Samples a second the unit is told to give, `nil` to take what comes.
    public var rate: Double?
    /// Roll, pitch and yaw of the turn that takes the sensor's axes to the body's.
    ///
    /// The sensor has x forward, y left, z up as its board lies flat. The turns are about the body's
    /// axes x, then y, then z.
    public var mounting: SIMD3<Radians>
    /// A sample older than this is no sample any more.
    public var staleAfter: Seconds

    /// An inertial measurement unit.
    ///
    /// - Parameter staleAfter: without it, five times the time between samples, at least 50 ms.
    public init(
        port: String,
        baudRate: Int? = nil,
        protocolName: IMUProtocol,
        rate: Double? = nil,
        mounting: SIMD3<Radians> = .zero,
        staleAfter: Seconds? = nil
    ) {
        self.port = port
        self.baudRate = baudRate ?? protocolName.factoryBaudRate
        self.protocolName = protocolName
        self.rate = rate
        self.mounting = mounting
        self.staleAfter =
            staleAfter ?? Self.defaultStaleness(rate: rate ?? protocolName.factoryRate)
    }

    /// Five times the time between samples, at least 50 ms.
    public static func defaultStaleness(rate: Double) -> Seconds { max(0.05, 5 / rate) }
}
