import Robot
import ServoProtocol

/// A bus of Dynamixel 2.0 servos that are taken care of one by one, by their own IDs.
///
/// Nothing here writes to the broadcast ID: a stranger on the bus keeps its settings.
final class DynamixelBench: DeviceBench, RegisterAccess {
    static let wire = "Dynamixel 2.0"

    let bus: ServoBus

    /// Opens a port.
    init(port: String, rate: Int, sysRoot: String = "/sys") throws(HardwareError) {
        bus = ServoBus(port: try SerialPort(path: port, baudRate: rate, sysRoot: sysRoot))
        let latency = Int64(bus.port.latencyWarning?.milliseconds ?? 0) * 1_000_000
        bus.timing.patience = 50_000_000 + 2 * latency
    }

    func close() { bus.port.close() }

    // MARK: Who is there

    /// Everybody who answers a ping at the present rate, with what can be read of each.
    ///
    /// Damaged answers to the common ping mean that two servos spoke at once; then every ID is
    /// asked alone, so that the shared one can be named.
    func everybody() throws(HardwareError) -> [FoundDevice] {
        let damagedBefore = bus.counters.corruptions
        var found: [FoundDevice] = []
        for servo in try bus.pingAll() {
            guard let twin = found.firstIndex(where: { $0.id == servo.id }) else {
                found.append(try details(of: servo))
                continue
            }
            found[twin].isCollision = true
        }
        guard bus.counters.corruptions > damagedBefore else { return found }
        for id in UInt8(0)...Dynamixel2.highestID where !found.contains(where: { $0.id == id }) {
            if let device = try device(id: id, attempts: 1, patience: 30_000_000) {
                found.append(device)
            }
        }
        return found.sorted { $0.id < $1.id }
    }

    /// Who has an ID; `nil` if nobody answers, not even with damaged bytes.
    func device(id: UInt8) throws(HardwareError) -> FoundDevice? {
        try device(id: id, attempts: 3, patience: nil)
    }

    private func device(
        id: UInt8,
        attempts: Int,
        patience: Int64?
    ) throws(HardwareError) -> FoundDevice? {
        let reply = try bus.exchange(
            id: id,
            .ping,
            count: 3,
            attempts: attempts,
            patience: patience
        )
        switch reply.reply {
        case .value:
            return try details(
                of: FoundServo(
                    id: id,
                    modelNumber: UInt16(reply.data[0]) | UInt16(reply.data[1]) << 8,
                    firmware: reply.data[2],
                    baudRate: bus.port.baudRate,
                    hasAlert: reply.hasAlert
                )
            )
        case .corrupt:
            var device = blank(id: id, model: "?")
            device.isCollision = true
            return device
        case .silent, .error: return nil
        }
    }

    private func blank(id: UInt8, model: String) -> FoundDevice {
        FoundDevice(
            wire: Self.wire,
            port: bus.port.path,
            baudRate: bus.port.baudRate,
            id: Int(id),
            model: model
        )
    }

    private func details(of servo: FoundServo) throws(HardwareError) -> FoundDevice {
        var device = blank(id: servo.id, model: servo.modelName)
        device.modelNumber = Int(servo.modelNumber)
        device.firmware = Int(servo.firmware)
        if servo.hasAlert { device.errorWords = "reports a hardware error" }
        guard
            let registers = ControlTable.model(number: servo.modelNumber)
                .flatMap({ ServoRegisters($0) })
        else { return device }
        try readSettings(registers, servo.id, &device)
        device.isCollision = try answersAreDamaged(registers, servo.id)
        return device
    }

    private func readSettings(
        _ registers: ServoRegisters,
        _ id: UInt8,
        _ device: inout FoundDevice
    ) throws(HardwareError) {
        device.returnDelay = try value(registers.returnDelayTime, id)
        device.hasTorque = try value(registers.torqueEnable, id).map { $0 != 0 }
        device.inputVoltage = try value(registers.presentInputVoltage, id).map { Double($0) / 10 }
        device.temperature = try value(registers.presentTemperature, id).map { Double($0) }
        if let bits = try value(registers.hardwareErrorStatus, id) {
            let error = UInt8(truncatingIfNeeded: bits)
            device.hardwareError = error
            device.errorWords = error == 0 ? "" : HardwareErrorBits(rawValue: error).words
        }
    }

    /// One register of one servo; `nil` if it does not answer.
    func value(_ register: Register, _ id: UInt8) throws(HardwareError) -> Int? {
        try bus.read(id: id, address: Int(register.address), count: register.size)
            .value(isSigned: register.isSigned)
    }

    /// Position, and the millisecond counter beside it, differ between two servos of one ID.
    private func answersAreDamaged(
        _ registers: ServoRegisters,
        _ id: UInt8
    ) throws(HardwareError) -> Bool {
        let address = Self.realtimeTick
        let count = registers.presentTemperature.addresses.upperBound - address
        return try answersAreDamaged { () throws(HardwareError) in
            try bus.read(id: id, address: address, count: count, attempts: 1).reply
        }
    }

    func setBaudRate(_ rate: Int) throws(HardwareError) { try bus.setBaudRate(rate) }

    func put(_ value: Int, in register: Register, _ id: UInt8) throws(HardwareError) {
        _ = try bus.write(id: id, register, value, attempts: 1)
    }

    /// Realtime Tick, the same address on every model.
    private static let realtimeTick = 120

    // MARK: Care

    /// Switches one servo's torque off and reads it back; whether it is off.
    func release(id: UInt8) throws(HardwareError) -> Bool {
        let model = try bus.ping(id: id).flatMap { ControlTable.model(number: $0.modelNumber) }
        // One that does not answer may still hear, and Torque Enable has one address on all models.
        guard let torque = (model ?? .xm430w210).register(.torqueEnable) else { return false }
        for _ in 0..<3 {
            _ = try bus.write(id: id, torque, 0)
            if try value(torque, id) == 0 { return true }
        }
        return false
    }

    /// Restarts one servo and waits until it answers again.
    func reboot(id: UInt8) throws(HardwareError) -> RebootOutcome {
        guard let before = try device(id: id) else { return .silent }
        guard try bus.reboot(id: id).reply == .value else { return .refused }
        // It is deaf for about half a second; each try waits out the bus's patience.
        for _ in 0..<Self.rebootTries {
            guard try bus.ping(id: id, attempts: 1) != nil else { continue }
            guard let after = try device(id: id) else { continue }
            return .restarted(before: before, after: after)
        }
        return .doesNotComeBack
    }

    func record(id: UInt8) throws(HardwareError) -> ServoRecord? {
        guard let servo = try bus.ping(id: id),
            let registers = ControlTable.model(number: servo.modelNumber)
                .flatMap({ ServoRegisters($0) }),
            let homingOffset = try value(registers.homingOffset, id),
            let driveMode = try value(registers.driveMode, id)
        else { return nil }
        return ServoRecord(
            id: Int(id),
            modelNumber: Int(servo.modelNumber),
            firmware: Int(servo.firmware),
            homingOffset: homingOffset,
            driveMode: driveMode
        )
    }

    func setLimits(
        of joint: Joint,
        calibration: JointCalibration
    ) throws(HardwareError) -> Bool {
        guard let servo = try bus.ping(id: joint.servoID),
            let registers = ControlTable.model(number: servo.modelNumber)
                .flatMap({ ServoRegisters($0) })
        else { return false }
        let link = JointLink(index: 0, joint: joint, calibration: calibration, registers: registers)
        let wanted = [
            (registers.minPositionLimit, link.fence.lowerBound),
            (registers.maxPositionLimit, link.fence.upperBound),
        ]
        for (register, limit) in wanted where try value(register, joint.servoID) != limit {
            _ = try bus.write(id: joint.servoID, register, limit)
            if try value(register, joint.servoID) != limit { return false }
        }
        return true
    }

    /// Three seconds of waiting at 50 ms a try.
    private static let rebootTries = 60
}
