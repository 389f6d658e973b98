/// Looks for Dynamixel servos that speak protocol 2.0.
public struct DynamixelProbe: DeviceProbe {
    /// `Dynamixel 2.0`.
    public let wire = DynamixelBench.wire

    /// A probe.
    public init() {}

    /// Rates that Dynamixel servos can be set to; they leave the factory at the first.
    public var rates: [Int] { ServoScan.usualRates }

    /// Everybody who answers a common ping; takes about a second, because each servo answers in a
    /// time slot of its own.
    public func find(port: String, rate: Int) throws(HardwareError) -> [FoundDevice] {
        let bench = try DynamixelBench(port: port, rate: rate)
        defer { bench.close() }
        return try bench.everybody()
    }
}
