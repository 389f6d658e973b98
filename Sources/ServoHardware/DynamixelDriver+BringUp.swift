import Robot
import ServoProtocol

extension DynamixelDriver {
    /// Other rates at which a missing servo is looked for.
    private static var otherRates: [Int] { ServoScan.usualRates }
    /// A servo answers within its return delay; the rest is for adapter and scheduler.
    private static var otherRatePatience: Int64 { 30_000_000 }

    func bringUp(_ report: inout BringUpReport) throws(HardwareError) {
        var missing: [JointLink] = []
        for place in links.indices {
            let link = links[place]
            guard let servo = try bus.ping(id: link.id) else {
                missing.append(link)
                continue
            }
            report.found[link.index] = servo
            links[place].firmware = Int(servo.firmware)
            if servo.modelNumber != link.joint.servo.modelNumber {
                report.problems.append(
                    .wrongModel(
                        joint: link.joint.name,
                        id: link.id,
                        expected: link.joint.servo.name,
                        found: servo.modelNumber
                    )
                )
                continue
            }
            checkWatchdog(link, servo, &report.problems)
            try inspect(place, &report)
        }
        if missing.isEmpty {
            noteReturnDelays()
            useFastReadIfKnown()
        } else {
            try self.report(missing, &report.problems)
        }
    }

    private func checkWatchdog(
        _ link: JointLink,
        _ servo: FoundServo,
        _ problems: inout [ServoProblem]
    ) {
        guard description.servoWatchdog != nil else { return }
        let needed = link.joint.servo.busWatchdogFirmware
        if let needed, Int(servo.firmware) >= needed { return }
        problems.append(
            .noWatchdog(
                joint: link.joint.name,
                id: link.id,
                firmware: Int(servo.firmware),
                needed: needed
            )
        )
    }

    /// Makes the servo answer everything, and looks whether it has torque.
    private func inspect(
        _ place: Int,
        _ report: inout BringUpReport
    ) throws(HardwareError) {
        let link = links[place]
        let registers = link.registers
        // With Status Return Level 0 or 1 the servo answers pings but not this.
        let address = Int(registers.torqueEnable.address)
        let count = registers.statusReturnLevel.addresses.upperBound - address
        var reply = try bus.read(id: link.id, address: address, count: count, attempts: 1)
        if reply.reply != .value || reply.data[count - 1] != 2 {
            _ = try bus.write(id: link.id, registers.statusReturnLevel, 2, attempts: 1)
            reply = try bus.read(id: link.id, address: address, count: count)
        }
        guard reply.reply == .value, reply.data[count - 1] == 2 else {
            report.problems.append(.unreadable(joint: link.joint.name, id: link.id))
            return
        }
        if reply.data[0] != 0 { report.torqueOn.insert(link.index) }
        let delay = registers.returnDelayTime
        let answer = try bus.read(id: link.id, address: Int(delay.address), count: delay.size)
        if let value = answer.value(isSigned: false) { links[place].returnDelay = value }
    }

    /// Where the missing servos are: at another rate, or gone; and who is there instead.
    private func report(
        _ missing: [JointLink],
        _ problems: inout [ServoProblem]
    ) throws(HardwareError) {
        let rate = description.baudRate
        let present = try bus.pingAll().map(\.id)
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

    /// The rate each missing servo answers at, if it is one of the usual ones.
    ///
    /// Asks three servos at each rate first and the others only where one of them answered, so
    /// that a bus without power does not cost a minute.
    private func otherRates(of missing: [JointLink]) throws(HardwareError) -> [UInt8: Int] {
        let configured = description.baudRate
        var rates: [UInt8: Int] = [:]
        for rate in Self.otherRates where rate != configured {
            do {
                try bus.setBaudRate(rate)
            } catch {
                guard case .rateRefused = error else { throw error }
                continue
            }
            var heard = false
            for (place, link) in missing.enumerated() where rates[link.id] == nil {
                if place >= 3, !heard { break }
                let servo = try bus.ping(
                    id: link.id,
                    attempts: 1,
                    patience: Self.otherRatePatience
                )
                guard servo != nil else { continue }
                heard = true
                rates[link.id] = rate
            }
        }
        try bus.setBaudRate(configured)
        return rates
    }
}
