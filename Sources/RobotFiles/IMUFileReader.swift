internal import Robot

/// Reads `imu`: the robot's inertial measurement unit.
enum IMUFileReader {
    static func read(_ section: Section, buses: [ServoBusDescription]) -> IMUDescription {
        let (imu, isClean) = section.isClean { description(section) }
        if isClean, !section.isPlaceholder { check(imu, section, buses) }
        return imu
    }

    private static func description(_ section: Section) -> IMUDescription {
        let spoken = section.choice("protocol", IMUProtocol.self)
        let baud = section.quantity(
            "baud",
            .bitsPerSecond,
            in: 4800...921_600,
            default: Double(spoken.factoryBaudRate)
        )
        return IMUDescription(
            port: section.text("port"),
            baudRate: Int(baud.rounded()),
            protocolName: spoken,
            rate: section.optionalQuantity("rate", .hertz, in: 0.1...1000),
            mounting: mounting(section),
            staleAfter: section.optionalQuantity("stale_after", .seconds, in: 0.005...10)
        )
    }

    /// Roll, pitch, yaw; a sensor mounted as its maker drew it if none is given.
    private static func mounting(_ section: Section) -> SIMD3<Radians> {
        guard section.has("mounting") else { return .zero }
        let angles = section.quantities(
            "mounting",
            .radians,
            in: degrees(-180)...degrees(180),
            count: 3
        )
        return SIMD3(angles[0], angles[1], angles[2])
    }

    /// What must hold between the values.
    private static func check(
        _ imu: IMUDescription,
        _ section: Section,
        _ buses: [ServoBusDescription]
    ) {
        if let bus = buses.first(where: { $0.port == imu.port }) {
            section.report("port", "the bus `\(bus.name)` has that port")
        }
        let spoken = imu.protocolName
        if let rate = imu.rate, !spoken.rates.contains(where: { abs($0 - rate) < 1e-9 }) {
            let known = listed(spoken.rates.map { "\(shownNumber($0)) Hz" })
            section.report("rate", "\(spoken.rawValue) can do \(known)")
        } else if let rate = imu.rate {
            checkLine(imu, rate, section)
        }
        if spoken == .bno08xRVC, imu.baudRate != spoken.factoryBaudRate {
            section.report("baud", "UART-RVC is always 115200 bit/s; leave it out")
        }
        let period = 1 / (imu.rate ?? spoken.factoryRate)
        if imu.staleAfter < 2 * period - 1e-9 {
            let least = shownNumber(2 * period * 1000)
            section.report("stale_after", "it has to be at least two samples, here \(least) ms")
        }
    }

    /// Ten bits a byte, and a tenth of the line's time to spare.
    private static func checkLine(_ imu: IMUDescription, _ rate: Double, _ section: Section) {
        let bytes = imu.protocolName.bytesPerSample
        let most = 0.9 * Double(imu.baudRate) / Double(10 * bytes)
        guard rate > most else { return }
        section.report(
            "rate",
            "samples of \(bytes) bytes fit at most \(Int(most)) times a second through "
                + "\(imu.baudRate) bit/s"
        )
    }
}
