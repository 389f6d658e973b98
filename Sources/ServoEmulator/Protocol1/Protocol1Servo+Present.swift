import Physics
import ServoProtocol

/// What the servo shows of itself, and its life from power to power.
extension Protocol1Servo {
    /// How far from its goal a servo still says that it moves, pulses (not documented: a guess).
    private static var arrivedPulses: Int { 20 }
    /// The slowest speed that counts as moving, velocity units (a guess).
    private static var movingSpeed: Int { 3 }

    /// Brings the present registers up to what the plant measures at `now`.
    mutating func refresh(_ measurement: ServoMeasurement, now: Int64) {
        self.measurement = measurement
        if !isTorqueOn { rebase() }
        let most = table.wire == .dynamixel1 ? 1023 : 32_767
        image[registers.presentPosition] = presentPosition
        image[registers.presentSpeed] = max(-most, min(most, measurement.velocity))
        showLoad()
        let voltage = faults.inputVoltage ?? measurement.inputVoltage
        let temperature = faults.temperature ?? measurement.temperature
        image[registers.presentVoltage] = max(0, min(255, Int((voltage * 10).rounded())))
        image[registers.presentTemperature] = Int(max(0, min(255, temperature.rounded())))
        if let tick = registers.realtimeTick {
            image[tick] = Int((now - bootTime) / 1_000_000 % 32_768)
        }
        image[registers.moving] = isMoving ? 1 : 0
        checkConditions()
    }

    /// Load: the share of full torque in protocol 1.0, of full voltage with Feetech, which has a
    /// register for the current besides.
    private mutating func showLoad() {
        let load = table.wire == .dynamixel1 ? measurement.current : measurement.pwm
        image[registers.presentLoad] = max(-1023, min(1023, load))
        if let current = registers.presentCurrent {
            image[current] = min(abs(measurement.current), 65_535)
        }
    }

    private var isMoving: Bool {
        if abs(measurement.velocity) > Self.movingSpeed { return true }
        switch motion {
        case .position, .multiTurn, .steps:
            let way = command.goalPulses - measurement.pulses
            return isTorqueOn && abs(way) > Self.arrivedPulses
        case .velocity, .pwm: return false
        }
    }

    /// Notices what is wrong with the servo; unlike in protocol 2.0 a bit goes with its cause.
    ///
    /// What the alarm leaves behind does not: Dynamixel sets Torque Limit to 0, Feetech switches
    /// torque off, until the host writes it again.
    private mutating func checkConditions() {
        var bits = Protocol1Error(rawValue: faults.hardwareError)
        let voltage = image[registers.presentVoltage]
        let highest = image[registers.maxVoltageLimit]
        // The sheet of the STS does not say what Max Voltage Limit leaves the factory with.
        if voltage < image[registers.minVoltageLimit] || (highest > 0 && voltage > highest) {
            bits.insert(.inputVoltage)
        }
        if image[registers.presentTemperature] > image[registers.temperatureLimit] {
            bits.insert(.overheating)
        }
        conditions = Protocol1Error(rawValue: bits.rawValue & table.hardwareErrorMask)
        if let status = registers.status { image[status] = Int(conditions.rawValue) }
        let alarms = Int(conditions.rawValue) & image[registers.shutdown]
        guard alarms != 0 else { return }
        if table.wire == .dynamixel1, let limit = registers.torqueLimit {
            image[limit] = 0
        } else if isTorqueOn {
            image[registers.torqueEnable] = 0
        }
    }

    /// The error byte of an answer.
    func error(_ refusal: Protocol1Error = []) -> Protocol1Error {
        table.wire.isFeetech ? conditions : conditions.union(refusal)
    }

    // MARK: Power

    /// Starts the servo as its power comes on: EEPROM as saved, RAM at its defaults, torque off.
    mutating func boot(now: Int64) {
        for register in table.registers {
            if register.area == .eeprom {
                image.copy(register.addresses, from: saved)
            } else {
                image[register] = register.initialValue ?? 0
            }
        }
        if let limit = registers.torqueLimit { image[limit] = image[registers.maxTorque] }
        pending = nil
        bootTime = now
        rebase()
        image[registers.goalPosition] = presentPosition
        refresh(measurement, now: now)
    }

    /// Power goes off and on again; deaf for a while.
    mutating func powerCycle(now: Int64) {
        boot(now: now)
        deafUntil = now + options.bootNanoseconds
    }

    /// Reset: factory values, the ID included, and a restart.
    mutating func factoryReset(now: Int64) {
        image = RegisterImage(table: table, firmware: options.firmwareVersion)
        saved = image.bytes
        powerCycle(now: now)
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
        case .powerCycle: powerCycle(now: now)
        }
        refresh(measurement, now: now)
    }

    /// Return Delay Time in nanoseconds.
    var returnDelayNanoseconds: Int64 { Int64(image[registers.returnDelayTime]) * 2000 }

    /// Some bytes as a host reads them.
    ///
    /// Bytes that belong to no register read 0. Beyond the table a Dynamixel refuses; a Feetech
    /// servo, which has no way to say so, gives zeros.
    func read(address: Int, count: Int) -> [UInt8]? {
        if let bytes = image.read(address: address, count: count) { return bytes }
        guard table.wire.isFeetech else { return nil }
        return (address..<(address + count)).map { $0 < image.size ? image.bytes[$0] : 0 }
    }
}
