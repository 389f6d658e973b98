import Robot
import ServoProtocol

/// A bus of Dynamixel 1.0 and Feetech servos, found and set up one by one, by their own IDs.
///
/// Both kinds speak the same frames; only what a register is called and where it stands differs.
final class Protocol1Bench: RegisterAccess {
    private let port: SerialPort
    private let dynamixels: Protocol1Bus
    private let feetechs: Protocol1Bus
    /// How long an ID is waited for that nobody may have.
    private let searchPatience: Int64

    /// Opens a port.
    init(port path: String, rate: Int) throws(HardwareError) {
        port = try SerialPort(path: path, baudRate: rate)
        dynamixels = Protocol1Bus(port: port, wire: .dynamixel1)
        feetechs = Protocol1Bus(port: port, wire: .feetechLittleEndian)
        let latency = Int64(port.latencyWarning?.milliseconds ?? 0) * 1_000_000
        searchPatience = 4_000_000 + latency
        for bus in [dynamixels, feetechs] {
            bus.timing.patience = 50_000_000 + 2 * latency
            // An echoed ping would look like an answer.
            try bus.detectEcho(patience: 20_000_000 + latency)
        }
    }

    func close() { port.close() }

    func setBaudRate(_ rate: Int) throws(HardwareError) {
        try dynamixels.setBaudRate(rate)
        try feetechs.setBaudRate(rate)
    }

    /// Asked as a Feetech: their error bytes refuse nothing, and both keep the low byte first.
    func value(_ register: Register, _ id: UInt8) throws(HardwareError) -> Int? {
        try feetechs.read(id: id, register)
    }

    func put(_ value: Int, in register: Register, _ id: UInt8) throws(HardwareError) {
        _ = try feetechs.write(id: id, register, value, attempts: 1)
    }

    /// Everybody who answers at the present rate.
    ///
    /// All are asked at once, where those who are slow have time, and one by one, because not every
    /// servo answers a common ping.
    func everybody() throws(HardwareError) -> [FoundDevice] {
        var ids = Set(try dynamixels.pingAll())
        for id in UInt8(0)...Protocol1.highestID where !ids.contains(id) {
            try dynamixels.ask(id: id, .ping, count: 0, attempts: 1, patience: searchPatience)
            if dynamixels.alone.replies[0] != .silent { ids.insert(id) }
        }
        var found: [FoundDevice] = []
        for id in ids.sorted() {
            if let device = try device(id: id) { found.append(device) }
        }
        return found
    }

    func device(id: UInt8) throws(HardwareError) -> FoundDevice? {
        try dynamixels.ask(id: id, .ping, count: 0)
        switch dynamixels.alone.replies[0] {
        case .value: break
        case .corrupt:
            var device = blank(id, "?", .dynamixel1)
            device.isCollision = true
            return device
        case .silent, .error: return nil
        }
        // Where a Feetech servo keeps its firmware a Dynamixel has its model, and no known model's
        // number looks like a firmware that is known.
        for bus in [dynamixels, feetechs] {
            guard let servo = try bus.identify(id: id),
                let table = ControlTable.model(number: servo.modelNumber, on: bus.wire),
                let registers = Protocol1Registers(table)
            else { continue }
            return try details(of: servo, table, registers, on: bus)
        }
        let servo = try dynamixels.identify(id: id)
        var device = blank(id, servo.map { "model \($0.modelNumber)" } ?? "?", .dynamixel1)
        device.modelNumber = servo.map { Int($0.modelNumber) }
        return device
    }

    private func blank(_ id: UInt8, _ model: String, _ wire: BusProtocol) -> FoundDevice {
        FoundDevice(
            wire: wire == .feetech ? "Feetech" : Protocol1Probe.name,
            port: port.path,
            baudRate: port.baudRate,
            id: Int(id),
            model: model
        )
    }

    private func details(
        of servo: FoundServo,
        _ table: ControlTable,
        _ registers: Protocol1Registers,
        on bus: Protocol1Bus
    ) throws(HardwareError) -> FoundDevice {
        let id = servo.id
        var device = blank(id, table.model, table.wire.isFeetech ? .feetech : .dynamixel1)
        device.modelNumber = Int(servo.modelNumber)
        device.firmware = Int(servo.firmware)
        device.returnDelay = try value(registers.returnDelayTime, id)
        device.hasTorque = try value(registers.torqueEnable, id).map { $0 != 0 }
        device.inputVoltage = try value(registers.presentVoltage, id).map { Double($0) / 10 }
        device.temperature = try value(registers.presentTemperature, id).map { Double($0) }
        let first = Int(registers.presentPosition.address)
        let count = registers.presentTemperature.addresses.upperBound - first
        device.isCollision = try answersAreDamaged { () throws(HardwareError) in
            try bus.read(id: id, address: first, count: count, attempts: 1).reply
        }
        try bus.ask(id: id, .ping, count: 0)
        guard bus.alone.replies[0] == .value else { return device }
        let error = Protocol1Error(rawValue: bus.alone.errorBytes[0]).hardwareErrors(on: bus.wire)
        device.hardwareError = error.rawValue
        device.errorWords = error.isEmpty ? "" : error.words
        return device
    }
}

/// Looks for servos that speak Dynamixel protocol 1.0, Feetech's included.
public struct Protocol1Probe: DeviceProbe {
    static let name = "Dynamixel 1.0"

    /// `Dynamixel 1.0, Feetech`.
    public let wire = "\(name), Feetech"

    /// A probe.
    public init() {}

    /// AX and STS leave the factory at the first, MX at the second.
    public let rates = [1_000_000, 57_600, 115_200, 500_000, 2_000_000]

    /// Everybody who answers a ping; takes about two seconds.
    public func find(port: String, rate: Int) throws(HardwareError) -> [FoundDevice] {
        let bench = try Protocol1Bench(port: port, rate: rate)
        defer { bench.close() }
        return try bench.everybody()
    }
}
