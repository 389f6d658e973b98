import Robot
import ServoProtocol

/// Sets up one Dynamixel 2.0 servo: torque off, return delay 0, ID, rate, in this order.
///
/// The rate comes last because after it the servo is not heard any more until the port follows. Each
/// register is written only if it differs: these registers wear out.
public struct DynamixelConfigurator: DeviceConfigurator {
    /// A configurator.
    public init() {}

    /// Writes what differs and reads each register back.
    public func configure(
        _ device: FoundDevice,
        id: UInt8,
        rate: Int
    ) throws(SetupProblem) -> FoundDevice {
        let outcome: Result<FoundDevice, SetupProblem>
        do throws(HardwareError) {
            let bench = try DynamixelBench(port: device.port, rate: device.baudRate)
            defer { bench.close() }
            outcome = try Change(bench: bench, device: device, id: id, rate: rate).run()
        } catch {
            throw .port(error)
        }
        return try outcome.get()
    }
}

/// One servo's change.
private struct Change {
    let bench: DynamixelBench
    let device: FoundDevice
    let id: UInt8
    let rate: Int

    private var bus: ServoBus { bench.bus }
    private var oldID: UInt8 { UInt8(truncatingIfNeeded: device.id) }

    func run() throws(HardwareError) -> Result<FoundDevice, SetupProblem> {
        guard let number = device.modelNumber, let model = UInt16(exactly: number),
            let table = ControlTable.model(number: model),
            let torque = table.register(.torqueEnable),
            let delay = table.register(.returnDelayTime),
            let idRegister = table.register(.id), let rateRegister = table.register(.baudRate),
            let code = table.baudCodes.first(where: { $0.rate == rate })
        else { return .failure(.noSuchRate(model: device.model, rate: rate)) }
        // An adapter that cannot follow has to say so before the servo has gone there.
        try bus.setBaudRate(rate)
        try bus.setBaudRate(device.baudRate)
        for register in [torque, delay] {
            if let problem = try set(register, 0) { return .failure(problem) }
        }
        if let problem = try move(idRegister) { return .failure(problem) }
        if let problem = try follow(rateRegister, code.code) { return .failure(problem) }
        guard let now = try bench.device(id: id), now.returnDelay == 0 else {
            return .failure(.notKept(register: delay.name.rawValue, value: 0, found: nil))
        }
        return .success(now)
    }

    /// Writes a register that does not change how the servo is reached.
    private func set(_ register: Register, _ value: Int) throws(HardwareError) -> SetupProblem? {
        var found: Int?
        for _ in 0..<3 {
            found = try bench.value(register, oldID)
            if found == value { return nil }
            _ = try bus.write(id: oldID, register, value, attempts: 1)
        }
        found = try bench.value(register, oldID)
        if found == value { return nil }
        return .notKept(register: register.name.rawValue, value: value, found: found)
    }

    /// Changes the ID; who is asked tells whether it took, not the answer, whose ID no manual gives.
    private func move(_ register: Register) throws(HardwareError) -> SetupProblem? {
        guard id != oldID else { return nil }
        for _ in 0..<3 {
            _ = try bus.write(id: oldID, register, Int(id), attempts: 1)
            if try bench.value(register, id) == Int(id) { return nil }
        }
        let found = try bench.value(register, oldID)
        return .notKept(register: register.name.rawValue, value: Int(id), found: found)
    }

    /// Changes the rate and follows the servo there.
    private func follow(
        _ register: Register,
        _ code: Int
    ) throws(HardwareError) -> SetupProblem? {
        guard rate != device.baudRate else { return nil }
        for _ in 0..<3 {
            _ = try bus.write(id: id, register, code, attempts: 1)
            try bus.setBaudRate(rate)
            if try bench.value(register, id) == code { return nil }
            try bus.setBaudRate(device.baudRate)
        }
        let found = try bench.value(register, id)
        return .notKept(register: register.name.rawValue, value: code, found: found)
    }
}
