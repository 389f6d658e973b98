import ServoProtocol

@testable import ServoEmulator

/// A bus core on a clock that the test turns by hand, with free servos behind it.
struct TestBus {
    var core: BusCore
    var now: Int64 = 1_000_000_000

    /// Servos with these IDs, at pulse 2048.
    init(
        _ ids: [UInt8] = [1],
        table: ControlTable = .xm430w210,
        pulses: Int = 2048,
        returnDelay: UInt8 = 0,
        change: (inout EmulatorOptions) -> Void = { _ in }
    ) {
        let setups = ids.enumerated().map { index, id in
            EmulatedServoSetup(
                table: table,
                id: id,
                returnDelay: returnDelay,
                plantIndex: index,
                initialPulses: pulses,
                nominalVoltage: table.model.hasPrefix("XL330") ? 5 : 12
            )
        }
        let plant = SharedPlant(FreeServoPlant(setups: setups))
        self.init(setups: setups, plant: plant, change: change)
    }

    /// Servos on any plant.
    init(
        setups: [EmulatedServoSetup],
        plant: SharedPlant,
        change: (inout EmulatorOptions) -> Void = { _ in }
    ) {
        var options = EmulatorOptions()
        options.timing = .instant
        change(&options)
        core = BusCore(servos: setups, plant: plant, options: options, now: now)
    }

    /// Lets milliseconds pass.
    mutating func wait(_ milliseconds: Int64) {
        now += milliseconds * 1_000_000
        _ = core.advance(to: now)
    }

    /// Sends a request; returns the bytes that come back.
    mutating func send(_ request: InstructionPacket) -> [[UInt8]] {
        core.handle(request, now: now).map(\.bytes)
    }

    /// Sends a request; returns the statuses that come back.
    mutating func ask(_ request: InstructionPacket) -> [StatusPacket] {
        send(request).compactMap { bytes in
            var decoder = PacketDecoder()
            decoder.append(bytes)
            guard case .status(let status) = decoder.next() else { return nil }
            return status
        }
    }

    /// Writes a register; returns the error number of the status, -1 if there is none.
    @discardableResult
    mutating func write(_ address: Int, _ value: Int, size: Int, id: UInt8 = 1) -> Int {
        let data = (0..<size).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
        let statuses = ask(.write(id: id, address: UInt16(address), data: data))
        return statuses.first.map { Int($0.error.rawValue) } ?? -1
    }

    /// Reads a register as two's complement if it is `signed`; `nil` without a good status.
    mutating func read(_ address: Int, size: Int, signed: Bool = false, id: UInt8 = 1) -> Int? {
        let request = InstructionPacket.read(
            id: id,
            address: UInt16(address),
            count: UInt16(size)
        )
        guard let status = ask(request).first, !status.error.isRefusal else { return nil }
        return Register.value(of: status.parameters, isSigned: signed)
    }

    /// Present Position.
    mutating func position(id: UInt8 = 1) -> Int? { read(132, size: 4, signed: true, id: id) }

    /// Turns a servo's shaft by hand.
    func turn(_ index: Int, to pulses: Int) {
        core.plant.withPlant { plant in
            (plant as? FreeServoPlant)?.turn(servo: index, to: pulses)
        }
    }
}

/// Bytes from hexadecimal text as manuals print them.
func bytes(_ text: String) -> [UInt8] {
    text.split(separator: " ").compactMap { UInt8($0, radix: 16) }
}
