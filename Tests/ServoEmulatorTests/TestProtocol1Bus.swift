import ServoProtocol

@testable import ServoEmulator

/// A protocol-1 bus on a clock that the test turns by hand, with free servos behind it.
struct TestProtocol1Bus {
    var core: Protocol1Core
    var now: Int64 = 1_000_000_000

    /// Servos with these IDs at one position.
    init(
        _ table: ControlTable,
        _ ids: [UInt8] = [1],
        pulses: Int? = nil,
        returnDelay: UInt8 = 0,
        change: (inout EmulatorOptions) -> Void = { _ in }
    ) {
        let setups = ids.enumerated().map { index, id in
            EmulatedServoSetup(
                table: table,
                id: id,
                returnDelay: returnDelay,
                plantIndex: index,
                initialPulses: pulses ?? (table.pulsesPerTurn == 4096 ? 2048 : 512),
                nominalVoltage: table.wire.isFeetech ? 7.4 : 12
            )
        }
        self.init(setups, change: change)
    }

    /// Any servos.
    init(_ setups: [EmulatedServoSetup], change: (inout EmulatorOptions) -> Void = { _ in }) {
        var options = EmulatorOptions()
        options.timing = .instant
        change(&options)
        core = Protocol1Core(
            servos: setups,
            plant: SharedPlant(FreeServoPlant(setups: setups)),
            options: options,
            now: now
        )
    }

    /// Lets milliseconds pass.
    mutating func wait(_ milliseconds: Int64) {
        now += milliseconds * 1_000_000
        _ = core.advance(to: now)
    }

    /// Sends bytes; returns the bytes that come back, one array a status.
    mutating func send(_ text: String) -> [[UInt8]] {
        core.receive(bytes(text), rate: nil, now: now).map(\.bytes)
    }

    /// Sends a request; returns the statuses that come back.
    mutating func ask(_ request: Protocol1Packet) -> [Protocol1Packet] {
        core.receive(request.encoded(), rate: nil, now: now).compactMap { reply in
            var decoder = Protocol1Decoder()
            decoder.append(reply.bytes)
            return decoder.next()
        }
    }

    /// Writes a register by name; returns the error byte of the status, -1 if there is none.
    @discardableResult
    mutating func write(_ name: Register.Name, _ value: Int, id: UInt8 = 1) -> Int {
        guard let register = core.servos.first?.table.register(name) else { return -2 }
        let request = Protocol1Packet.write(
            id: id,
            address: UInt8(register.address),
            data: register.bytes(of: value)
        )
        return ask(request).first.map { Int($0.code) } ?? -1
    }

    /// Reads a register by name; `nil` without a status.
    mutating func read(_ name: Register.Name, id: UInt8 = 1) -> Int? {
        guard let register = core.servos.first?.table.register(name) else { return nil }
        let request = Protocol1Packet.read(
            id: id,
            address: UInt8(register.address),
            count: UInt8(register.size)
        )
        guard let status = ask(request).first, status.parameters.count == register.size else {
            return nil
        }
        return register.value(of: status.parameters)
    }

    /// Turns a servo's shaft by hand.
    func turn(_ index: Int, to pulses: Int) {
        core.plant.withPlant { plant in
            (plant as? FreeServoPlant)?.turn(servo: index, to: pulses)
        }
    }
}
