public import Robot
import ServoProtocol

/// Sets up one Dynamixel or Feetech servo: torque off, return delay 0, ID, rate, in this order.
///
/// The rate comes last because after it the servo is not heard any more until the port follows. Each
/// register is written only if it differs: these registers wear out.
public struct ServoConfigurator: DeviceConfigurator {
    private let wire: BusProtocol

    /// A configurator for a bus; `nil` if its controllers are set up with their maker's program.
    public init?(_ wire: BusProtocol) {
        guard Self.makersProgram(wire) == nil else { return nil }
        self.wire = wire
    }

    /// What sets up controllers that this program does not, in words; `nil` if it does.
    public static func makersProgram(_ wire: BusProtocol) -> String? {
        switch wire {
        case .dynamixel, .dynamixel1, .feetech: nil
        case .moteus:
            "their IDs are set with their maker's program: `moteus_tool -t 1 --console`, then "
                + "`conf set id.id N` and `conf write`; calibrate each motor with `moteus_tool "
                + "--calibrate` there"
        case .odrive:
            "an ODrive's axes have the numbers 0 and 1; set motor, encoder and "
                + "`config.uart_a_baudrate` with `odrivetool` and save them there"
        }
    }

    /// Writes what differs and reads each register back.
    public func configure(
        _ device: FoundDevice,
        id: UInt8,
        rate: Int
    ) throws(SetupProblem) -> FoundDevice {
        let outcome: Result<FoundDevice, SetupProblem>
        do throws(HardwareError) {
            if wire == .dynamixel {
                let bench = try DynamixelBench(port: device.port, rate: device.baudRate)
                defer { bench.close() }
                outcome = try Change(bench: bench, device: device, id: id, rate: rate)
                    .run(on: .dynamixel2)
            } else {
                let bench = try Protocol1Bench(port: device.port, rate: device.baudRate)
                defer { bench.close() }
                outcome = try Change(bench: bench, device: device, id: id, rate: rate)
                    .run(on: wire == .feetech ? .feetechLittleEndian : .dynamixel1)
            }
        } catch {
            throw .port(error)
        }
        return try outcome.get()
    }
}

/// One servo's change.
private struct Change<Bench: RegisterAccess> {
    let bench: Bench
    let device: FoundDevice
    let id: UInt8
    let rate: Int

    private var oldID: UInt8 { UInt8(truncatingIfNeeded: device.id) }

    func run(on wire: ServoWire) throws(HardwareError) -> Result<FoundDevice, SetupProblem> {
        guard let number = device.modelNumber, let model = UInt16(exactly: number),
            let table = ControlTable.model(number: model, on: wire),
            let torque = table.register(.torqueEnable),
            let delay = table.register(.returnDelayTime),
            let idRegister = table.register(.id), let rateRegister = table.register(.baudRate),
            let code = table.baudCode(near: rate)
        else { return .failure(.noSuchRate(model: device.model, rate: rate)) }
        // An adapter that cannot follow has to say so before the servo has gone there.
        try bench.setBaudRate(rate)
        try bench.setBaudRate(device.baudRate)
        // Where there is a lock, 1 keeps what follows from being written for good.
        let lock = table.register(.lock)
        for register in [torque, lock, delay].compactMap({ $0 }) {
            if let problem = try set(register, 0, oldID) { return .failure(problem) }
        }
        if let problem = try move(idRegister) { return .failure(problem) }
        if let problem = try follow(rateRegister, code.code) { return .failure(problem) }
        if let lock, wire.isFeetech, let problem = try set(lock, 1, id) {
            return .failure(problem)
        }
        guard let now = try bench.device(id: id), now.returnDelay == 0 else {
            return .failure(.notKept(register: delay.name.rawValue, value: 0, found: nil))
        }
        return .success(now)
    }

    /// Writes a register that does not change how the servo is reached.
    private func set(
        _ register: Register,
        _ value: Int,
        _ id: UInt8
    ) throws(HardwareError) -> SetupProblem? {
        var found: Int?
        for _ in 0..<3 {
            found = try bench.value(register, id)
            if found == value { return nil }
            try bench.put(value, in: register, id)
        }
        found = try bench.value(register, id)
        if found == value { return nil }
        return .notKept(register: register.name.rawValue, value: value, found: found)
    }

    /// Changes the ID; who is asked tells whether it took, not the answer, whose ID no manual gives.
    private func move(_ register: Register) throws(HardwareError) -> SetupProblem? {
        guard id != oldID else { return nil }
        for _ in 0..<3 {
            try bench.put(Int(id), in: register, oldID)
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
            try bench.put(code, in: register, id)
            try bench.setBaudRate(rate)
            if try bench.value(register, id) == code { return nil }
            try bench.setBaudRate(device.baudRate)
        }
        let found = try bench.value(register, id)
        return .notKept(register: register.name.rawValue, value: code, found: found)
    }
}
