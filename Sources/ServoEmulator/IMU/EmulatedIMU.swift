public import ServoProtocol

/// An emulated unit without its clock and its line: samples in, bytes out.
public protocol EmulatedIMU: Sendable {
    /// Nanoseconds between two measurements; what is sent is every so many-th of them.
    var measurementPeriod: Int64 { get }
    /// Bits per second.
    var baudRate: Int { get }
    /// Whether something is sent of the measurement with this number.
    func isDue(_ measurement: Int) -> Bool
    /// The frames that are sent of a measurement.
    mutating func frames(of sample: IMUSample, measurement: Int) -> [[UInt8]]
    /// Takes bytes as the host wrote them; returns the answers.
    mutating func receive(_ bytes: [UInt8], now: Int64) -> [[UInt8]]
}

/// A BNO085 in UART-RVC mode: 100 reports a second, deaf.
public struct EmulatedUARTRVC: EmulatedIMU {
    /// Nanoseconds between two reports.
    public var measurementPeriod: Int64 { UARTRVCFrame.period }
    /// Always 115200.
    public var baudRate: Int { 115_200 }
    private var index: UInt8

    /// A chip whose first report has this index.
    public init(index: UInt8 = 0) { self.index = index }

    /// Every measurement is sent.
    public func isDue(_ measurement: Int) -> Bool { true }

    /// One report.
    public mutating func frames(of sample: IMUSample, measurement: Int) -> [[UInt8]] {
        defer { index &+= 1 }
        return [UARTRVCFrame(index: index, sample).encoded()]
    }

    /// Nothing is understood.
    public mutating func receive(_ bytes: [UInt8], now: Int64) -> [[UInt8]] { [] }
}

/// How an emulated unit moves: the sample it would measure at a moment (nanoseconds).
///
/// Nothing is asked twice for the same moment; moments may be a few milliseconds ahead.
public struct IMUMotion: Sendable {
    /// What would be measured at a moment.
    public var sample: @Sendable (Int64) -> IMUSample

    /// Any motion.
    public init(_ sample: @escaping @Sendable (Int64) -> IMUSample) { self.sample = sample }

    /// Level, facing along the world's x, at rest.
    public static let still = turning(rate: .zero)

    /// A turn about an axis that stands still, at a steady rate; from `start` on, level then.
    ///
    /// - Parameter rate: radians per second in the sensor's frame.
    public static func turning(rate: SIMD3<Double>, since start: Int64 = 0) -> IMUMotion {
        IMUMotion { time in
            let seconds = Double(time - start) * 1e-9
            let orientation = Quaternion(rotationVector: seconds * rate)
            return IMUSample(
                orientation: orientation,
                angularRate: rate,
                acceleration: orientation.inverse.turned(SIMD3(0, 0, standardGravity)),
                time: time
            )
        }
    }
}
