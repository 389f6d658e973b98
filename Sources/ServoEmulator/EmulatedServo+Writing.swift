import Physics
import ServoProtocol

/// Which writes a servo takes, and what each does to it.
extension EmulatedServo {
    /// Addresses that are read-only while the Bus Watchdog is tripped.
    private static let goals: [Field] = [.goalPWM, .goalCurrent, .goalVelocity, .goalPosition]

    /// Writes, or refuses with nothing changed.
    ///
    /// - Parameter shadow: the packet was for the secondary ID, which cannot change EEPROM.
    mutating func write(
        address: Int,
        data: [UInt8],
        shadow: Bool = false,
        now: Int64
    ) throws(Refusal) {
        let targets = try judged(address: address, data: data, shadow: shadow)
        for target in targets { apply(target, now: now) }
    }

    /// Holds a write back until `action`.
    mutating func register(address: Int, data: [UInt8], shadow: Bool = false) throws(Refusal) {
        _ = try judged(address: address, data: data, shadow: shadow)
        registered = (address, data)
        image[.registeredInstruction] = 1
    }

    /// Does the write that was held back.
    ///
    /// - Returns: the write's address and size.
    /// - Throws: `instruction` if there is none, or what the write is refused with by now.
    mutating func action(now: Int64) throws(Refusal) -> Range<Int> {
        guard let (address, data) = registered else { throw Refusal(.instruction) }
        registered = nil
        image[.registeredInstruction] = 0
        try write(address: address, data: data, now: now)
        return address..<(address + data.count)
    }

    /// What a write would change, every rule applied; rules in the order 5/7, 7, 4, 6.
    private func judged(
        address: Int,
        data: [UInt8],
        shadow: Bool
    ) throws(Refusal) -> [RegisterImage.Target] {
        let targets = try image.targets(address: address, data: data)
        for target in targets {
            guard case .register(let index, _) = target else { continue }
            let register = table.registers[index]
            let isLocked = register.area == .eeprom && (isTorqueOn || shadow)
            if register.access == .read || isLocked { throw Refusal(.access) }
        }
        for target in targets {
            switch target {
            case .register(let index, let value): try judge(table.registers[index], value)
            case .pointer(_, let value, let allowed):
                if !allowed.contains(value) { throw Refusal(.dataRange) }
            case .plain: break
            }
        }
        return targets
    }

    private func judge(_ register: Register, _ value: Int) throws(Refusal) {
        let field = Field(Int(register.address), register.size, signed: register.isSigned)
        if isWatchdogTripped {
            if Self.goals.contains(field) { throw Refusal(.dataRange) }
            // Only 0 clears it; a new time comes after that.
            if field == .busWatchdog, value != 0 { throw Refusal(.dataRange) }
        }
        if !register.allowed.isEmpty, !register.allowed.contains(value) {
            throw Refusal(.dataRange)
        }
        if field == .operatingMode, !table.operatingModes.contains(value) {
            throw Refusal(.dataRange)
        }
        if field == .goalPosition, mode != .position {
            guard ControlTable.extendedPositionRange.contains(value) else {
                throw Refusal(.dataRange)
            }
            return
        }
        if field == .torqueEnable, value == 1, isShutDown { throw Refusal(.resultFail) }
        try judge(value, register.minimum) { $0 < $1 }
        try judge(value, register.maximum) { $0 > $1 }
    }

    private func judge(
        _ value: Int,
        _ bound: Register.Bound?,
        isBeyond: (Int, Int) -> Bool
    ) throws(Refusal) {
        switch bound {
        case nil: return
        case .number(let limit):
            if isBeyond(value, limit) { throw Refusal(.dataRange) }
        case .register(let name):
            if let limit = self.value(of: name), isBeyond(value, limit) {
                throw Refusal(.dataLimit)
            }
        case .negated(let name):
            if let limit = self.value(of: name), isBeyond(value, -limit) {
                throw Refusal(.dataLimit)
            }
        }
    }

    private mutating func apply(_ target: RegisterImage.Target, now: Int64) {
        guard case .register(let index, let value) = target else {
            image.store(target)
            return
        }
        let register = table.registers[index]
        let field = Field(Int(register.address), register.size, signed: register.isSigned)
        switch field {
        case .torqueEnable: setTorque(value == 1, now: now)
        case .operatingMode: setMode(value)
        case .driveMode:
            let turned = (image[.driveMode] ^ value) & 1 != 0
            image.store(target)
            if turned { foldPosition() }
        case .busWatchdog:
            image.store(target)
            watchdogFedAt = now
        case .goalPWM, .goalCurrent, .goalVelocity, .goalPosition:
            image.store(target)
            setGoal(field, now: now)
        default:
            image.store(target)
            if field == .homingOffset { profile.rest(at: presentPosition) }
        }
        image[.presentPosition] = presentPosition
    }

    private mutating func setGoal(_ field: Field, now: Int64) {
        // Drive Mode bit 3: a goal switches torque on.
        if image[.driveMode] & 8 != 0, !isTorqueOn, !isShutDown {
            let goal = image[field]
            setTorque(true, now: now)
            image[field] = goal
        }
        if field == .goalPosition, isTorqueOn { replan() }
    }

    /// Switches torque, with what comes with it.
    mutating func setTorque(_ on: Bool, now: Int64) {
        guard on != isTorqueOn else { return }
        image[.torqueEnable] = on ? 1 : 0
        guard on else {
            profile.rest(at: presentPosition)
            return
        }
        watchdogFedAt = now
        if mode == .position { foldPosition() }
        profile.rest(at: presentPosition)
        if options.goalOnTorque == .present { image[.goalPosition] = presentPosition }
        replan()
    }

    /// Changes Operating Mode; the same mode again changes nothing.
    private mutating func setMode(_ value: Int) {
        guard value != image[.operatingMode] else { return }
        image[.operatingMode] = value
        let gains: [Field] = [
            .velocityIGain, .velocityPGain, .positionDGain, .positionIGain, .positionPGain,
            .feedforward2ndGain, .feedforward1stGain,
        ]
        for gain in gains { image.reset(from: gain.address, to: gain.address + 1) }
        image[.profileVelocity] = 0
        image[.profileAcceleration] = 0
        image[.goalPWM] = image[.pwmLimit]
        image[.goalCurrent] = image[.currentLimit]
        image[.goalVelocity] = 0
        if mode == .position { foldPosition() }
        image[.goalPosition] = presentPosition
        profile.rest(at: presentPosition)
    }
}
