import Realtime
import ServoProtocol
import Testing

@testable import ServoEmulator
@testable import ServoHardware

/// Servos behind an adapter that sends back what is written to it.
private struct EchoingLine: LineDevice {
    var core: Protocol1Core

    mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) -> [TimedReply] {
        [TimedReply(bytes: bytes, time: now)] + core.receive(bytes, rate: rate, now: now)
    }

    mutating func advance(to now: Int64) -> [TimedReply] { core.advance(to: now) }
    var patienceNanoseconds: Int64 { core.patienceNanoseconds }
    mutating func noteDroppedReply() { core.noteDroppedReply() }
}

@Suite("A protocol 1 bus from the host's side", .serialized, .timeLimit(.minutes(1)))
struct Protocol1BusTests {
    private func core(_ table: ControlTable, _ ids: [UInt8]) -> Protocol1Core {
        let setups = ids.enumerated().map { index, id in
            EmulatedServoSetup(
                table: table,
                id: id,
                plantIndex: index,
                initialPulses: 512,
                nominalVoltage: 7.4
            )
        }
        var options = EmulatorOptions()
        options.timing = .instant
        return Protocol1Core(
            servos: setups,
            plant: SharedPlant(FreeServoPlant(setups: setups)),
            options: options,
            now: MonotonicClock.now()
        )
    }

    /// Runs `body` with a bus to servos of a model.
    private func with(
        _ table: ControlTable,
        _ ids: [UInt8] = [1, 2],
        _ body: (Protocol1Bus, EmulatedProtocol1Bus) throws -> Void
    ) throws {
        let line = try EmulatedProtocol1Bus(device: core(table, ids), isInstant: true)
        line.start()
        defer { line.stop() }
        let port = try SerialPort(path: line.path, baudRate: 1_000_000)
        try body(Protocol1Bus(port: port, wire: table.wire), line)
    }

    @Test(
        "servos are found and say who they are",
        arguments: [("AX-12A", UInt16(12)), ("STS3215", 777), ("SCS0009", 1284)]
    )
    func identify(_ model: String, _ number: UInt16) throws {
        let table = try #require(ControlTable.model(named: model))
        try with(table, [3, 9]) { bus, _ in
            #expect(try bus.pingScan(ids: 0...12, patience: 20_000_000) == [3, 9])
            // SCS servos leave a ping for all unanswered.
            #expect(try bus.pingAll() == (number == 1284 ? [] : [3, 9]))
            let servo = try bus.identify(id: 9)
            #expect(servo?.modelNumber == number)
            #expect(servo?.firmware == 46)
            #expect(servo?.modelName == model)
            #expect(try bus.identify(id: 4, attempts: 1, patience: 20_000_000) == nil)
        }
    }

    @Test("words cross the wire in either byte order")
    func registers() throws {
        for table in [ControlTable.sts3215, .scs0009, .ax12a] {
            let goal = try #require(table.register(.goalPosition))
            try with(table) { bus, line in
                #expect(try bus.writeVerified(id: 1, goal, 700))
                try bus.syncWrite(goal, [(id: 1, value: 600), (id: 2, value: 800)])
                #expect(try bus.readEach(goal, [1, 2, 3]) == [600, 800, nil])
                let kept = line.withDevice { $0.servos.map { $0.value(of: .goalPosition) } }
                #expect(kept == [600, 800])
            }
        }
    }

    @Test("a registered write waits for Action")
    func registered() throws {
        try with(.ax12a) { bus, _ in
            let goal = try #require(ControlTable.ax12a.register(.goalPosition))
            #expect(try bus.regWrite(id: 1, goal, 300).reply == .value)
            #expect(try bus.read(id: 1, goal) == 512)
            try bus.action()
            #expect(try bus.read(id: 1, goal) == 300)
        }
    }

    @Test("a refusal is told from an alert, silence and damage")
    func outcomes() throws {
        try with(.ax12a) { bus, line in
            let table = ControlTable.ax12a
            let goal = try #require(table.register(.goalPosition))
            let limit = try bus.write(id: 1, goal, 1024)
            #expect(limit.reply == .error(StatusError(.dataLimit)))
            let position = try #require(table.register(.presentPosition))
            let access = try bus.write(id: 1, position, 5)
            #expect(access.reply == .error(StatusError(.dataRange)))
            line.inject(.hardwareError(0x20), servo: 1)
            let alert = try bus.read(id: 1, address: 36, count: 2)
            #expect(alert.reply == .value)
            #expect(alert.hasAlert)
            line.inject(.hardwareError(0), servo: 1)
            line.inject(.corruptReplies(1), servo: 1)
            let corrupt = try bus.read(id: 1, address: 36, count: 2, attempts: 1)
            #expect(corrupt.reply == .corrupt)
            line.inject(.dropReplies(1), servo: 1)
            let silent = try bus.read(id: 1, address: 36, count: 2, attempts: 1)
            #expect(silent.reply == .silent)
            line.inject(.dropReplies(2), servo: 1)
            #expect(try bus.read(id: 1, address: 36, count: 2).reply == .value)
            #expect(bus.counters.retries == 2)
        }
    }

    @Test("what Feetech servos refuse in silence is found by reading it back")
    func silentRefusal() throws {
        try with(.sts3215) { bus, _ in
            let limit = try #require(ControlTable.sts3215.register(.torqueLimit))
            #expect(try bus.write(id: 1, limit, 1001).reply == .value)
            #expect(try !bus.writeVerified(id: 1, limit, 1001))
            #expect(try bus.writeVerified(id: 1, limit, 999))
        }
    }

    @Test("an adapter that echoes is recognised, and its echo taken for no answer")
    func echo() throws {
        let line = try EmulatedLine(device: EchoingLine(core: core(.ax12a, [1])), isInstant: true)
        line.start()
        defer { line.stop() }
        let port = try SerialPort(path: line.path, baudRate: 1_000_000)
        let bus = Protocol1Bus(port: port, wire: .dynamixel1)
        // The echo of a ping reads like an answer with a voltage error.
        #expect(try bus.ping(id: 77, attempts: 1, patience: 20_000_000))
        try bus.detectEcho(patience: 20_000_000)
        #expect(bus.echoes)
        #expect(try !bus.ping(id: 77, attempts: 1, patience: 20_000_000))
        #expect(try bus.ping(id: 1))
        #expect(try bus.read(id: 1, address: 36, count: 2).data == [0, 2])
    }

    @Test("an adapter that does not echo is not taken for one that does")
    func noEcho() throws {
        try with(.sts3215) { bus, _ in
            try bus.detectEcho(patience: 20_000_000)
            #expect(!bus.echoes)
            #expect(try bus.ping(id: 1))
        }
    }
}
