import Robot
import ServoProtocol

/// Finds out who is on a bus and whether that is what the robot file says.
struct BringUp {
    let bus: BusLink

    /// Other rates at which a missing servo is looked for.
    private static let otherRates = ServoScan.usualRates
    /// A servo answers within its return delay; the rest is for adapter and scheduler.
    private static let otherRatePatience: Int64 = 30_000_000

    /// Asks every servo of the bus; adds what it finds to the arguments.
    func run(
        found: inout [Int: FoundServo],
        torqueOn: inout JointSet,
        problems: inout [ServoProblem]
    ) throws(HardwareError) {
        var missing: [JointLink] = []
        for place in bus.joints.indices {
            let link = bus.joints[place]
            guard let servo = try bus.bus.ping(id: link.id) else {
                missing.append(link)
                continue
            }
            found[link.index] = servo
            bus.joints[place].firmware = Int(servo.firmware)
            if servo.modelNumber != link.joint.servo.modelNumber {
                problems.append(
                    .wrongModel(
                        joint: link.joint.name,
                        id: link.id,
                        expected: link.joint.servo.name,
                        found: servo.modelNumber
                    )
                )
                continue
            }
            checkWatchdog(link, servo, &problems)
            try inspect(place, &torqueOn, &problems)
        }
        if missing.isEmpty {
            bus.noteReturnDelays()
            bus.useFastReadIfKnown()
        } else {
            try report(missing, &problems)
        }
    }

    private func checkWatchdog(
        _ link: JointLink,
        _ servo: FoundServo,
        _ problems: inout [ServoProblem]
    ) {
        guard bus.description.servoWatchdog != nil else { return }
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
        _ torqueOn: inout JointSet,
        _ problems: inout [ServoProblem]
    ) throws(HardwareError) {
        let link = bus.joints[place]
        let registers = link.registers
        // With Status Return Level 0 or 1 the servo answers pings but not this.
        let address = Int(registers.torqueEnable.address)
        let count = registers.statusReturnLevel.addresses.upperBound - address
        var reply = try bus.bus.read(id: link.id, address: address, count: count, attempts: 1)
        if reply.reply != .value || reply.data[count - 1] != 2 {
            _ = try bus.bus.write(id: link.id, registers.statusReturnLevel, 2, attempts: 1)
            reply = try bus.bus.read(id: link.id, address: address, count: count)
        }
        guard reply.reply == .value, reply.data[count - 1] == 2 else {
            problems.append(.unreadable(joint: link.joint.name, id: link.id))
            return
        }
        if reply.data[0] != 0 { torqueOn.insert(link.index) }
        let delay = registers.returnDelayTime
        let answer = try bus.bus.read(id: link.id, address: Int(delay.address), count: delay.size)
        if let value = answer.value(isSigned: false) { bus.joints[place].returnDelay = value }
    }

    /// Where the missing servos are: at another rate, or gone; and who is there instead.
    private func report(
        _ missing: [JointLink],
        _ problems: inout [ServoProblem]
    ) throws(HardwareError) {
        let rate = bus.description.baudRate
        let present = try bus.bus.pingAll().map(\.id)
        let rates = try otherRates(of: missing)
        if missing.count == bus.joints.count, rates.isEmpty, present.isEmpty {
            problems.append(
                .busSilent(
                    bus: bus.description.name,
                    port: bus.bus.port.path,
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
                    bus: bus.description.name,
                    rate: rate,
                    answersAt: rates[link.id]
                )
            )
        }
        let unexpected = present.filter { id in !bus.joints.contains { $0.id == id } }
        if !unexpected.isEmpty {
            problems.append(.unexpected(bus: bus.description.name, ids: unexpected))
        }
    }

    /// The rate each missing servo answers at, if it is one of the usual ones.
    ///
    /// Asks three servos at each rate first and the others only where one of them answered, so
    /// that a bus without power does not cost a minute.
    private func otherRates(of missing: [JointLink]) throws(HardwareError) -> [UInt8: Int] {
        let configured = bus.description.baudRate
        var rates: [UInt8: Int] = [:]
        for rate in Self.otherRates where rate != configured {
            do {
                try bus.bus.setBaudRate(rate)
            } catch {
                guard case .rateRefused = error else { throw error }
                continue
            }
            var heard = false
            for (place, link) in missing.enumerated() where rates[link.id] == nil {
                if place >= 3, !heard { break }
                let servo = try bus.bus.ping(
                    id: link.id,
                    attempts: 1,
                    patience: Self.otherRatePatience
                )
                guard servo != nil else { continue }
                heard = true
                rates[link.id] = rate
            }
        }
        try bus.bus.setBaudRate(configured)
        return rates
    }
}
