import Realtime
import ServoEmulator
import ServoProtocol
import Synchronization

@testable import ServoHardware

/// Emulated servos on a pseudo-terminal whose shafts a test can turn, and who remembers every
/// request they heard.
final class BenchBus {
    /// Servos that write down what they hear.
    struct Listening: LineDevice {
        var core: BusCore
        var requests: [InstructionPacket] = []
        private var decoder = PacketDecoder()

        init(core: BusCore) { self.core = core }

        mutating func receive(_ bytes: [UInt8], rate: Int?, now: Int64) -> [TimedReply] {
            decoder.append(bytes)
            while let packet = decoder.next() {
                if case .instruction(let request) = packet { requests.append(request) }
            }
            return core.receive(bytes, rate: rate, now: now)
        }

        mutating func advance(to now: Int64) -> [TimedReply] { core.advance(to: now) }
        var patienceNanoseconds: Int64 { core.patienceNanoseconds }
        mutating func noteDroppedReply() { core.noteDroppedReply() }
    }

    private let line: EmulatedLine<Listening>
    private let plant: SharedPlant

    /// Powers these servos; replies come at once.
    init(
        _ servos: [EmulatedServoSetup],
        change: (inout EmulatorOptions) -> Void = { _ in }
    ) throws {
        var options = EmulatorOptions()
        options.timing = .instant
        change(&options)
        plant = SharedPlant(FreeServoPlant(setups: servos))
        line = try EmulatedLine(
            device: Listening(
                core: BusCore(
                    servos: servos,
                    plant: plant,
                    options: options,
                    now: MonotonicClock.now()
                )
            ),
            isInstant: true
        )
        line.start()
    }

    deinit { line.stop() }

    /// Where a client finds them.
    var port: String { line.path }

    /// A register of the servo at a place in the list the bus was made with.
    func register(_ name: Register.Name, _ place: Int = 0) -> Int? {
        line.withDevice { $0.core.servos[place].value(of: name) } ?? nil
    }

    /// Brings a fault about in all servos of an ID.
    func inject(_ fault: ServoFault, _ id: UInt8) {
        line.withDevice { $0.core.inject(fault, servo: id) }
    }

    /// The requests heard so far.
    var requests: [InstructionPacket] { line.withDevice { $0.requests } ?? [] }

    /// Requests that write, with their instruction and ID.
    var writes: [InstructionPacket] {
        requests.filter { [.write, .regWrite, .syncWrite, .bulkWrite].contains($0.instruction) }
    }

    /// Turns a shaft by hand.
    func turn(_ place: Int, to pulses: Int) {
        plant.withPlant { ($0 as? FreeServoPlant)?.turn(servo: place, to: pulses) }
    }

    /// Sets what a servo's thermometer and voltmeter say.
    func conditions(_ place: Int, temperature: Double, volts: Double) {
        plant.withPlant { plant in
            (plant as? FreeServoPlant)?.setConditions(
                servo: place,
                temperature: temperature,
                inputVoltage: volts
            )
        }
    }

    /// A servo as it leaves the factory: ID 1, 57600 bit/s, return delay 250 (e-manual).
    static func factoryNew(
        _ table: ControlTable = .xm430w210,
        place: Int,
        pulses: Int = 2048
    ) -> EmulatedServoSetup {
        EmulatedServoSetup(
            table: table,
            id: 1,
            baudRate: 57_600,
            returnDelay: 250,
            plantIndex: place,
            initialPulses: pulses,
            nominalVoltage: table.model.hasPrefix("XL330") ? 5 : 12
        )
    }

    /// A servo that is set up.
    static func ready(_ id: UInt8, place: Int, pulses: Int = 2048) -> EmulatedServoSetup {
        EmulatedServoSetup(
            table: .xm430w210,
            id: id,
            plantIndex: place,
            initialPulses: pulses
        )
    }
}
