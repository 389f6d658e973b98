import Robot
import ServoProtocol

extension Protocol1Driver {
    /// How long a servo at another rate is waited for: its return delay, the adapter, the scheduler.
    private var searchPatience: Int64 { 5_000_000 + min(bus.timing.gap, 30_000_000) }

    func bringUp(_ report: inout BringUpReport) throws(HardwareError) {
        try bus.detectEcho(patience: 20_000_000)
        var missing: [Protocol1Link] = []
        for place in links.indices {
            let link = links[place]
            guard try bus.ping(id: link.id) else {
                missing.append(link)
                continue
            }
            try inspect(place, &report)
        }
        if missing.isEmpty {
            noteReturnDelays()
        } else {
            try self.report(missing, &report.problems)
        }
    }

    /// Who it is, whether it has torque, and how long it thinks before it answers.
    private func inspect(_ place: Int, _ report: inout BringUpReport) throws(HardwareError) {
        let link = links[place]
        guard let servo = try identify(link) else {
            report.problems.append(.unreadable(joint: link.joint.name, id: link.id))
            return
        }
        report.found[link.index] = servo
        if servo.modelNumber != link.joint.servo.modelNumber {
            report.problems.append(
                .wrongModel(
                    joint: link.joint.name,
                    id: link.id,
                    expected: link.joint.servo.name,
                    found: servo.modelNumber
                )
            )
            return
        }
        if description.servoWatchdog != nil {
            report.problems.append(
                .noWatchdog(
                    joint: link.joint.name,
                    id: link.id,
                    firmware: Int(servo.firmware),
                    needed: nil
                )
            )
        }
        guard let torque = try bus.read(id: link.id, link.registers.torqueEnable) else {
            report.problems.append(.unreadable(joint: link.joint.name, id: link.id))
            return
        }
        if torque != 0 { report.torqueOn.insert(link.index) }
        if let delay = try bus.read(id: link.id, link.registers.returnDelayTime) {
            links[place].returnDelay = delay
        }
    }

    /// Model and firmware; a Dynamixel with Status Return Level 0 answers pings but no reads, and is
    /// told to (EEPROM, so only where it has to be).
    private func identify(_ link: Protocol1Link) throws(HardwareError) -> FoundServo? {
        if let servo = try bus.identify(id: link.id) { return servo }
        guard !link.table.wire.isFeetech else { return nil }
        _ = try bus.write(id: link.id, link.registers.statusReturnLevel, 2, attempts: 1)
        return try bus.identify(id: link.id)
    }

    /// Where the missing servos are: at another rate, or gone; and who is there instead.
    private func report(
        _ missing: [Protocol1Link],
        _ problems: inout [ServoProblem]
    ) throws(HardwareError) {
        let rate = description.baudRate
        let present = try bus.pingAll()
        let rates = try otherRates(of: missing)
        if missing.count == links.count, rates.isEmpty, present.isEmpty {
            problems.append(
                .busSilent(
                    bus: description.name,
                    port: bus.port.path,
                    rate: rate,
                    ids: missing.map(\.id)
                )
            )
            return
        }
        for link in missing {
            problems.append(
                .missing(
                    joint: link.joint.name,
                    id: link.id,
                    bus: description.name,
                    rate: rate,
                    answersAt: rates[link.id]
                )
            )
        }
        let unexpected = present.filter { id in !links.contains { $0.id == id } }
        if !unexpected.isEmpty {
            problems.append(.unexpected(bus: description.name, ids: unexpected))
        }
    }

    /// The rate each missing servo answers at, if its model has it.
    private func otherRates(of missing: [Protocol1Link]) throws(HardwareError) -> [UInt8: Int] {
        let configured = description.baudRate
        var rates: [UInt8: Int] = [:]
        let known = missing.flatMap { $0.table.baudCodes.map(\.rate) }
        for rate in Set(known).sorted(by: >) {
            // The rate it should be at, or what its divider makes of it.
            if abs(rate - configured) * 100 <= configured * 3 { continue }
            do {
                try bus.setBaudRate(rate)
            } catch {
                guard case .rateRefused = error else { throw error }
                continue
            }
            for link in missing where rates[link.id] == nil {
                if try bus.ping(id: link.id, attempts: 1, patience: searchPatience) {
                    rates[link.id] = rate
                }
            }
        }
        try bus.setBaudRate(configured)
        return rates
    }
}
