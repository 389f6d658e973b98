import Physics
import ServoProtocol

/// Which writes a servo takes, and what each does to it.
extension Protocol1Servo {
    /// Writes, or refuses with nothing changed.
    ///
    /// Feetech servos refuse in silence: whoever sees the refusal keeps it to himself.
    mutating func write(address: Int, data: [UInt8], now: Int64) throws(Protocol1Refusal) {
        for (register, value) in try judged(address: address, data: data) {
            apply(register, value, now: now)
        }
    }

    /// Holds a write back until `action`.
    mutating func register(address: Int, data: [UInt8]) throws(Protocol1Refusal) {
        _ = try judged(address: address, data: data)
        pending = (address, data)
        image[registers.registered] = 1
    }

    /// Does the write that was held back.
    ///
    /// - Returns: the write's address and size.
    mutating func action(now: Int64) throws(Protocol1Refusal) -> Range<Int> {
        guard let (address, data) = pending else { throw Protocol1Refusal(.instruction) }
        pending = nil
        image[registers.registered] = 0
        try write(address: address, data: data, now: now)
        return address..<(address + data.count)
    }

    /// What a write would change, every rule applied.
    private func judged(
        address: Int,
        data: [UInt8]
    ) throws(Protocol1Refusal) -> [(register: Register, value: Int)] {
        var found: [(register: Register, value: Int)] = []
        do throws(Refusal) {
            for target in try image.targets(address: address, data: data) {
                // These tables have no mirrors: every target is a register.
                guard case .register(let index, let value) = target else { continue }
                found.append((table.registers[index], value))
            }
        } catch {
            // Read-only, unknown, half a register: the one bit for it is "range".
            throw Protocol1Refusal(.range)
        }
        for (register, value) in found { try judge(register, value) }
        return found
    }

    private func judge(_ register: Register, _ value: Int) throws(Protocol1Refusal) {
        let isFrozen =
            table.wire == .dynamixel1 && register.area == .eeprom
            && (image[registers.lock] == 1 || isTorqueOn)
        if register.access == .read || isFrozen { throw Protocol1Refusal(.range) }
        // Only power-off opens a Dynamixel's lock.
        if register == registers.lock, table.wire == .dynamixel1, image[register] == 1, value == 0 {
            throw Protocol1Refusal(.range)
        }
        if !register.allowed.isEmpty, !register.allowed.contains(value) {
            throw Protocol1Refusal(.range)
        }
        if register == registers.goalPosition { return try judgeGoal(value) }
        if case .number(let least) = register.minimum, value < least {
            throw Protocol1Refusal(.range)
        }
        if case .number(let most) = register.maximum, value > most {
            throw Protocol1Refusal(.range)
        }
    }

    private func judgeGoal(_ value: Int) throws(Protocol1Refusal) {
        // Feetech servos take any goal and stop at their limits.
        guard table.wire == .dynamixel1 else { return }
        switch motion {
        case .position:
            let low = image[registers.lowLimit]
            let high = image[registers.highLimit]
            if value < low || value > high { throw Protocol1Refusal(.angleLimit) }
        case .multiTurn:
            if abs(value) > 28_672 { throw Protocol1Refusal(.range) }
        case .velocity, .pwm, .steps: return
        }
    }

    private mutating func apply(_ register: Register, _ value: Int, now: Int64) {
        if register == registers.torqueEnable { return setTorque(value) }
        let before = image[register]
        image[register] = value
        if register == registers.goalPosition { noteGoal(before: before) }
        if register.area == .eeprom {
            // Feetech keeps what is written while locked until power-off, no longer.
            let isKept = !table.wire.isFeetech || image[registers.lock] == 0
            if isKept {
                for address in register.addresses { saved[address] = image.bytes[address] }
            }
            rebase()
            // In another mode the old goal means something else.
            if register == registers.operatingMode {
                image[registers.goalPosition] = presentPosition
            }
        }
    }

    private mutating func noteGoal(before: Int) {
        if motion == .steps {
            // Steps count from the goal before, which is where the servo is on its way to.
            image[registers.goalPosition] = max(
                -32_767,
                min(32_767, before + image[registers.goalPosition])
            )
        }
        plannedDistance = abs(image[registers.goalPosition] - presentPosition)
        if options.goalSwitchesTorqueOn, !isTorqueOn { image[registers.torqueEnable] = 1 }
    }

    /// Torque Enable: 1 on, 0 off; Feetech's 2 brakes, 128 makes the present position 2048.
    mutating func setTorque(_ value: Int) {
        guard value != 128 else { return centre() }
        let wasOn = isTorqueOn
        image[registers.torqueEnable] = value
        guard value == 1, !wasOn else { return }
        rebase()
        if options.goalOnTorque == .present { image[registers.goalPosition] = presentPosition }
    }

    /// Chooses Homing Offset so that the servo stands at 2048.
    private mutating func centre() {
        guard let offset = registers.homingOffset else { return }
        let actual = ((measurement.pulses % 4096) + 4096) % 4096
        image[offset] = actual - 2048
        for address in offset.addresses { saved[address] = image.bytes[address] }
        rebase()
    }
}

/// Why a servo does not do what a frame asks: a bit of its error byte.
struct Protocol1Refusal: Error, Sendable, Hashable {
    var error: Protocol1Error

    init(_ error: Protocol1Error) { self.error = error }
}
