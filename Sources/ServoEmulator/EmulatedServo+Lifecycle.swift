import ServoProtocol

/// Power, reboot, factory reset, backup and clear.
extension EmulatedServo {
    /// RAM that Control Table Backup keeps besides all of EEPROM.
    private static let keptRAM: [Field] = [
        .velocityIGain, .velocityPGain, .positionDGain, .positionIGain, .positionPGain,
        .feedforward2ndGain, .feedforward1stGain, .profileAcceleration, .profileVelocity,
    ]

    /// Starts the servo as its power comes on or after Reboot: RAM to its defaults, torque off.
    mutating func boot(now: Int64) {
        image.reset(from: RegisterImage.ramStart, to: image.size)
        image[.backupReady] = backup == nil ? 0 : 1
        registered = nil
        bootTime = now
        refreshedAt = now
        image[.goalPWM] = image[.pwmLimit]
        image[.goalCurrent] = image[.currentLimit]
        foldPosition()
        if image[.startupConfiguration] & 2 != 0 { restoreRAM() }
        image[.goalPosition] = presentPosition
        refresh(measurement, now: now)
        if image[.startupConfiguration] & 1 != 0, !isShutDown { setTorque(true, now: now) }
    }

    /// Reboots and is deaf for a while.
    mutating func reboot(now: Int64) {
        boot(now: now)
        deafUntil = now + options.bootNanoseconds
    }

    /// Factory values, except what `scope` keeps; the reboot that follows is the caller's.
    mutating func factoryReset(_ scope: FactoryResetScope) {
        let id = image[.id]
        let baudRate = image[.baudRate]
        image.reset(from: 0, to: RegisterImage.ramStart)
        if scope != .all { image[.id] = id }
        if scope == .keepingIDAndBaudRate { image[.baudRate] = baudRate }
    }

    /// Control Table Backup (20): stores, or restores and wants a reboot.
    mutating func controlTableBackup(restore: Bool) throws(Refusal) {
        guard let firmware = table.backupFirmware, image[.firmwareVersion] >= firmware else {
            throw Refusal(.instruction)
        }
        guard !isTorqueOn else { throw Refusal(.resultFail) }
        if restore {
            guard let backup else { throw Refusal(.resultFail) }
            image.copy(0..<RegisterImage.ramStart, from: backup)
        } else {
            backup = image.bytes
            image[.backupReady] = 1
        }
    }

    /// Puts the gains, profile and Indirect Addresses of the backup back.
    mutating func restoreRAM() {
        guard let backup else { return }
        for field in Self.keptRAM {
            image.copy(field.address..<(field.address + field.size), from: backup)
        }
        for block in table.indirectBlocks {
            let start = Int(block.firstAddress)
            image.copy(start..<(start + 2 * block.count), from: backup)
        }
    }

    /// Clear (10): folds Present Position into one turn; only at rest.
    ///
    /// With torque on the goal goes with it, or the motor would unwind the turns.
    mutating func clearTurns() throws(Refusal) {
        guard image[.firmwareVersion] >= table.clearFirmware else { throw Refusal(.instruction) }
        guard image[.moving] == 0 else { throw Refusal(.resultFail) }
        foldPosition()
        image[.presentPosition] = presentPosition
        if hasPositionGoal { image[.goalPosition] = presentPosition }
    }

    /// Takes a fault on.
    mutating func inject(_ fault: ServoFault, now: Int64) {
        switch fault {
        case .hardwareError(let bits): faults.hardwareError = bits
        case .temperature(let value): faults.temperature = value
        case .inputVoltage(let value): faults.inputVoltage = value
        case .disconnected(let isDisconnected): faults.isDisconnected = isDisconnected
        case .dropReplies(let count): faults.repliesToDrop = count
        case .corruptReplies(let count): faults.repliesToCorrupt = count
        case .powerCycle: reboot(now: now)
        }
        refresh(measurement, now: now)
    }
}
