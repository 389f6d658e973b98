import Robot
import Safety
import ServoProtocol

/// Brings one Dynamixel 1.0 or Feetech servo's settings to what the robot file says, with torque
/// off, and proves it.
struct Protocol1Preparation {
    let link: Protocol1Link
    let bus: Protocol1Bus

    /// Reads, writes what differs, reads again.
    func run() throws(ArmingError) {
        try checkConditions()
        try keep(try lastingSettings())
        for (register, value) in try passingSettings() where try read(register) != value {
            try write(register, value)
        }
    }

    /// Brings the servo's own position limits alone to what the robot file says.
    func setLimits() throws(ArmingError) { try keep(limits) }

    /// Writes what differs of settings that survive power-off.
    private func keep(_ settings: [(Register, Int)]) throws(ArmingError) {
        var lasting: [(Register, Int)] = []
        for (register, value) in settings where try read(register) != value {
            lasting.append((register, value))
        }
        guard !lasting.isEmpty else { return }
        try openEEPROM()
        for (register, value) in lasting { try write(register, value) }
        // Feetech: saved from here on.
        if link.table.wire.isFeetech { try write(link.registers.lock, 1) }
    }

    private var limits: [(Register, Int)] {
        [
            (link.registers.lowLimit, link.pulses.fence.lowerBound),
            (link.registers.highLimit, link.pulses.fence.upperBound),
        ]
    }

    /// A servo that reports an error is not armed.
    private func checkConditions() throws(ArmingError) {
        let reply = try exchange { bus throws(HardwareError) in
            try bus.ask(id: link.id, .ping, count: 0)
            return bus.outcome
        }
        guard reply.reply == .value else {
            throw refusal("does not answer; check its cable and power")
        }
        guard reply.hasAlert else { return }
        let error = Protocol1Error(rawValue: bus.alone.errorBytes[0])
        let words = error.hardwareErrors(on: bus.wire).words
        throw refusal("reports \(words); remove the cause (these servos have no reboot)")
    }

    /// Torque off, and the lock as it must be to write what survives power-off.
    private func openEEPROM() throws(ArmingError) {
        if try read(link.registers.torqueEnable) != 0 { try write(link.registers.torqueEnable, 0) }
        if link.table.wire.isFeetech {
            try write(link.registers.lock, 0)
        } else if try read(link.registers.lock) != 0 {
            throw refusal("has its EEPROM locked; switch its power off and on")
        }
    }

    /// EEPROM: survives power-off, wears out.
    private func lastingSettings() throws(ArmingError) -> [(Register, Int)] {
        let registers = link.registers
        var settings: [(Register, Int)] = [
            (registers.statusReturnLevel, link.table.wire.isFeetech ? 1 : 2),
            (registers.returnDelayTime, 0),
        ]
        settings += limits
        // MX: pulses as they are.
        if let offset = registers.multiTurnOffset { settings.append((offset, 0)) }
        if let divider = registers.resolutionDivider { settings.append((divider, 1)) }
        if let mode = registers.operatingMode { settings.append((mode, 0)) }
        if let phase = link.table.register(.phase) {
            // Bit 4 makes the position count turns.
            settings.append((phase, try read(phase) & ~0x10))
        }
        // A Feetech servo keeps its gains in EEPROM.
        if link.table.wire.isFeetech { settings += gains }
        return settings
    }

    /// RAM: lost at power-off.
    private func passingSettings() throws(ArmingError) -> [(Register, Int)] {
        let registers = link.registers
        var settings: [(Register, Int)] = [(registers.goalSpeed, 0)]
        if let acceleration = registers.acceleration { settings.append((acceleration, 0)) }
        if let time = registers.goalTime { settings.append((time, 0)) }
        if let limit = registers.torqueLimit {
            // An alarm sets it to 0; this is what lifts it.
            settings.append((limit, link.torqueLimit(max: try read(registers.maxTorque))))
        }
        if !link.table.wire.isFeetech { settings += gains }
        return settings
    }

    /// P, I and D Gain, or the compliance slopes of an AX that come to the same P.
    private var gains: [(Register, Int)] {
        guard case .registers(let gains) = link.joint.gains else { return [] }
        let table = link.table
        if let proportional = link.registers.positionGain {
            var settings = [(proportional, gains.proportional)]
            if let integral = table.register(.iGain) { settings.append((integral, gains.integral)) }
            if let derivative = table.register(.dGain) {
                settings.append((derivative, gains.derivative))
            }
            return settings
        }
        let slope = Self.complianceSlope(proportional: gains.proportional)
        return [table.register(.cwComplianceSlope), table.register(.ccwComplianceSlope)]
            .compactMap { register in register.map { ($0, slope) } }
    }

    /// The slope (a power of two from 2 to 128: pulses of error that call for full torque) nearest
    /// to a P gain in the MX series' units, where P/8 parts in 1023 answer a pulse of error.
    static func complianceSlope(proportional: Int) -> Int {
        let wanted = 8 * 1023 / Double(max(1, proportional))
        var slope = 2
        while slope < 128, Double(slope) * 2.0.squareRoot() < wanted { slope *= 2 }
        return slope
    }

    private func read(_ register: Register) throws(ArmingError) -> Int {
        let reply = try exchange { bus throws(HardwareError) in
            try bus.read(id: link.id, address: Int(register.address), count: register.size)
        }
        guard reply.reply == .value else {
            throw refusal("does not let its \(register.name.rawValue) be read; check its cable")
        }
        return register.value(of: reply.data)
    }

    private func write(_ register: Register, _ value: Int) throws(ArmingError) {
        let holds: Bool
        do throws(HardwareError) {
            holds = try bus.writeVerified(id: link.id, register, value)
        } catch {
            throw ArmingError(joint: link.index, reason: error.description)
        }
        guard holds else {
            throw refusal(
                "does not take \(register.name.rawValue) = \(value); compare the robot file with "
                    + "the range in the servo's manual, and check its cable"
            )
        }
    }

    private func exchange(
        _ body: (Protocol1Bus) throws(HardwareError) -> SingleReply
    ) throws(ArmingError) -> SingleReply {
        do {
            return try body(bus)
        } catch {
            throw ArmingError(joint: link.index, reason: error.description)
        }
    }

    private func refusal(_ text: String) -> ArmingError {
        ArmingError(joint: link.index, reason: "\(link.title) \(text)")
    }
}
