/// Finds servos whose ID and rate nobody remembers.
public enum ServoScan {
    /// Rates that Dynamixel servos can be set to, the usual ones first.
    public static let usualRates = [
        57_600, 1_000_000, 115_200, 2_000_000, 3_000_000, 4_000_000, 9_600,
    ]

    /// Who answers on a port, rate after rate.
    ///
    /// Takes about a second a rate: every servo answers in a time slot of its own. Changes nothing
    /// in any servo. A rate the adapter cannot do is passed over.
    ///
    /// - Returns: the servos found, in order of rate and ID.
    public static func scan(
        port: String,
        bauds: [Int] = usualRates
    ) throws(HardwareError) -> [FoundServo] {
        // Any port can do 57600; the wanted rates are tried one by one.
        let bus = ServoBus(port: try SerialPort(path: port, baudRate: 57_600))
        var found: [FoundServo] = []
        for rate in bauds {
            do {
                try bus.setBaudRate(rate)
            } catch {
                guard case .rateRefused = error else { throw error }
                continue
            }
            found += try bus.pingAll()
        }
        return found
    }
}
