import Robot
import Safety
import ServoProtocol

/// Brings one servo's settings to what the robot file says, with torque off, and proves it.
struct ServoPreparation {
    let link: JointLink
    let bus: ServoBus

    /// Reads, writes what differs, reads again.
    func run() throws(ArmingError) {
        var image = try self.image()
        let errors = image.value(link.registers.hardwareErrorStatus)
        guard errors == 0 else {
            let words = HardwareErrorBits(rawValue: UInt8(truncatingIfNeeded: errors)).words
            throw refusal("reports \(words); remove the cause, then `sacbot reboot` it")
        }
        // A tripped watchdog refuses goals, and an armed one would trip during the following.
        if image.value(link.registers.busWatchdog) != 0 {
            try write(link.registers.busWatchdog, 0)
        }
        let lasting = differences(lastingSettings(image), image)
        if !lasting.isEmpty {
            if image.value(link.registers.torqueEnable) != 0 {
                try write(link.registers.torqueEnable, 0)
            }
            for (register, value) in lasting { try write(register, value) }
            // A change of operating mode sets gains and goals to that mode's.
            image = try self.image()
        }
        let passing = differences(passingSettings(image), image)
        for (register, value) in passing { try write(register, value) }
        // What the first reading showed to be right needs no second one.
        if !lasting.isEmpty || !passing.isEmpty { try prove() }
    }

    private func prove() throws(ArmingError) {
        let image = try self.image()
        let wrong = differences(lastingSettings(image) + passingSettings(image), image)
        guard let (register, value) = wrong.first else { return }
        throw refusal(
            "does not keep \(register.name.rawValue) = \(value): it reads "
                + "\(image.value(register)); reboot it (`sacbot reboot`) or exchange it"
        )
    }

    /// EEPROM: survives power-off, wears out, writable only while torque is off.
    private func lastingSettings(_ image: RegisterImage) -> [(Register, Int)] {
        let registers = link.registers
        var settings: [(Register, Int)] = [
            (registers.returnDelayTime, 0),
            // Bit 2 makes the profile a time, bit 3 lets a goal switch torque on; neither is ours.
            (registers.driveMode, image.value(registers.driveMode) & 0b0011),
            (registers.operatingMode, 3),
            (registers.maxPositionLimit, link.fence.upperBound),
            (registers.minPositionLimit, link.fence.lowerBound),
        ]
        if let limit = link.currentLimit { settings.append((limit.register, limit.value)) }
        if let startup = registers.startupConfiguration, link.firmware >= startup.firstFirmware {
            // Bit 0 would switch torque on at power-up.
            settings.append((startup, image.value(startup) & ~1))
        }
        return settings
    }

    /// RAM: lost at power-off and reboot.
    private func passingSettings(_ image: RegisterImage) -> [(Register, Int)] {
        let registers = link.registers
        return gainSettings() + [
            (registers.profileAcceleration, 0),
            (registers.profileVelocity, 0),
            (registers.goalPWM, image.value(registers.pwmLimit)),
        ]
    }

    private func gainSettings() -> [(Register, Int)] {
        guard case .registers(let gains) = link.joint.gains else { return [] }
        return [
            (link.registers.positionDGain, gains.derivative),
            (link.registers.positionIGain, gains.integral),
            (link.registers.positionPGain, gains.proportional),
        ]
    }

    private func differences(
        _ settings: [(Register, Int)],
        _ image: RegisterImage
    ) -> [(Register, Int)] {
        settings.filter { image.value($0.0) != $0.1 }
    }

    private func image() throws(ArmingError) -> RegisterImage {
        let reply = try exchange { bus throws(HardwareError) in
            try bus.read(id: link.id, address: 0, count: RegisterImage.size)
        }
        guard reply.reply == .value else { throw refusal(Self.text(of: reply.reply)) }
        return RegisterImage(bytes: reply.data)
    }

    private func write(_ register: Register, _ value: Int) throws(ArmingError) {
        let reply = try exchange { bus throws(HardwareError) in
            try bus.write(id: link.id, register, value)
        }
        guard reply.reply == .value else {
            throw refusal(
                "was sent \(register.name.rawValue) = \(value) and \(Self.text(of: reply.reply))"
            )
        }
    }

    private func exchange(
        _ body: (ServoBus) throws(HardwareError) -> SingleReply
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

    private static func text(of reply: ServoReply) -> String {
        switch reply {
        case .value: "answered"
        case .silent: "does not answer; check its cable and power"
        case .corrupt: "answers with damaged bytes; check cable, termination and baud rate"
        case .error(let error):
            "refused (error \(error.rawValue & 0x7F)); compare the robot file with the range "
                + "in the servo's manual"
        }
    }
}
