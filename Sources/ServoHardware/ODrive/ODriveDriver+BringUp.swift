import Robot
import ServoProtocol

extension ODriveDriver {
    /// Rates at which a silent board is looked for: the factory's, and those people set.
    static var usualRates: [Int] { [115_200, 500_000, 921_600, 1_000_000, 57_600, 9600] }
    private static var otherRatePatience: Int64 { 30_000_000 }

    func bringUp(_ report: inout BringUpReport) throws(HardwareError) {
        guard let identity = try bus.identify() else {
            try reportSilence(&report)
            return
        }
        let (major, minor, revision) = identity.firmware
        guard (major, minor) == (0, 5) else {
            refuse(
                &report,
                "says its firmware is \(identity.version); this program speaks the "
                    + "ASCII protocol of 0.5: install the newest 0.5.x"
            )
            return
        }
        for place in links.indices {
            report.versions[links[place].index] = identity.version
            if revision < 2 {
                // Before 0.5.2 the thermistors belonged to the axis.
                links[place].temperaturePath =
                    "axis\(links[place].axis).fet_thermistor.temperature"
            }
            try inspect(place, firmware: revision, &report)
        }
    }

    private func refuse(_ report: inout BringUpReport, _ reason: String) {
        for link in links {
            report.problems.append(
                .unsuitable(joint: link.joint.name, id: link.joint.servoID, reason: reason)
            )
        }
    }

    private func inspect(
        _ place: Int,
        firmware: Int,
        _ report: inout BringUpReport
    ) throws(HardwareError) {
        let link = links[place]
        func number(_ property: ODriveProperty.Axis) throws(HardwareError) -> Double? {
            guard case .value(let value) = try bus.read(link.path(property)) else { return nil }
            return value.number
        }
        guard let state = try number(.currentState), let errors = try number(.error),
            let motor = try number(.motorIsCalibrated), let encoder = try number(.encoderIsReady)
        else {
            report.problems.append(.unreadable(joint: link.joint.name, id: link.joint.servoID))
            return
        }
        report.found[link.index] = FoundServo(
            id: link.joint.servoID,
            modelNumber: 0,
            firmware: UInt8(clamping: firmware),
            baudRate: port.baudRate,
            hasAlert: errors != 0
        )
        if ODriveAxisState(rawValue: Int(state))?.drivesMotor ?? true {
            report.torqueOn.insert(link.index)
        }
        if motor == 0 || encoder == 0 {
            let what = motor == 0 ? "its motor" : "its encoder"
            report.problems.append(
                .unsuitable(
                    joint: link.joint.name,
                    id: link.joint.servoID,
                    reason:
                        "is not calibrated (\(what)): with the joint free to turn, run the full "
                        + "calibration (`w axis\(link.axis).requested_state 3`), and set "
                        + "`pre_calibrated` and save to keep it"
                )
            )
        }
    }

    /// Whether the board answers at another rate, or not at all.
    private func reportSilence(_ report: inout BringUpReport) throws(HardwareError) {
        let configured = description.baudRate
        for rate in Self.usualRates where rate != configured {
            do {
                try bus.setBaudRate(rate)
            } catch {
                guard case .rateRefused = error else { throw error }
                continue
            }
            let identity = try bus.identify(attempts: 2, patience: Self.otherRatePatience)
            guard identity != nil else { continue }
            try bus.setBaudRate(configured)
            for link in links {
                report.problems.append(
                    .missing(
                        joint: link.joint.name,
                        id: link.joint.servoID,
                        bus: description.name,
                        rate: configured,
                        answersAt: rate
                    )
                )
            }
            return
        }
        try bus.setBaudRate(configured)
        report.problems.append(
            .busSilent(
                bus: description.name,
                port: port.path,
                rate: configured,
                ids: links.map(\.joint.servoID)
            )
        )
    }
}
