import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Registers obey the manual's rules")
struct RegisterTests {
    struct Row: Sendable, CustomTestStringConvertible {
        var what: String
        var before: [(address: Int, value: Int, size: Int)] = []
        var address: Int
        var value: Int
        var size: Int
        var error: Int
        var testDescription: String { what }
    }

    static let rows: [Row] = [
        Row(what: "model number is read-only", address: 0, value: 1, size: 2, error: 7),
        Row(what: "present position is read-only", address: 132, value: 1, size: 4, error: 7),
        Row(what: "a gap is undefined", address: 66, value: 1, size: 1, error: 7),
        Row(what: "beyond the table", address: 5000, value: 1, size: 1, error: 7),
        Row(
            what: "EEPROM with torque on",
            before: [(64, 1, 1)],
            address: 9,
            value: 0,
            size: 1,
            error: 7
        ),
        Row(what: "EEPROM with torque off", address: 9, value: 5, size: 1, error: 0),
        Row(
            what: "RAM with torque on",
            before: [(64, 1, 1)],
            address: 65,
            value: 1,
            size: 1,
            error: 0
        ),
        Row(what: "half a goal", address: 116, value: 5, size: 2, error: 5),
        Row(what: "a register and a half", address: 84, value: 5, size: 3, error: 7),
        Row(what: "two registers at once", address: 80, value: 5, size: 4, error: 0),
        Row(what: "ID 253", address: 7, value: 253, size: 1, error: 4),
        Row(what: "ID 252", address: 7, value: 252, size: 1, error: 0),
        Row(what: "baud code 8", address: 8, value: 8, size: 1, error: 4),
        Row(what: "mode 2", address: 11, value: 2, size: 1, error: 4),
        Row(what: "homing offset", address: 20, value: -1_044_479, size: 4, error: 0),
        Row(what: "homing offset too far", address: 20, value: -1_044_480, size: 4, error: 4),
        Row(what: "gain above 14 bits", address: 84, value: 16_384, size: 2, error: 4),
        Row(what: "watchdog -1", address: 98, value: -1, size: 1, error: 4),
        Row(what: "watchdog 127", address: 98, value: 127, size: 1, error: 0),
        Row(what: "goal above the limit", address: 116, value: 4096, size: 4, error: 6),
        Row(what: "goal below the limit", address: 116, value: -1, size: 4, error: 6),
        Row(
            what: "goal above a lowered limit",
            before: [(48, 3000, 4)],
            address: 116,
            value: 3001,
            size: 4,
            error: 6
        ),
        Row(
            what: "goal in extended mode ignores limits",
            before: [(11, 4, 1)],
            address: 116,
            value: -1_048_575,
            size: 4,
            error: 0
        ),
        Row(
            what: "goal in extended mode beyond 256 turns",
            before: [(11, 4, 1)],
            address: 116,
            value: 1_048_576,
            size: 4,
            error: 4
        ),
        Row(
            what: "goal current above a lowered limit",
            before: [(38, 100, 2)],
            address: 102,
            value: -101,
            size: 2,
            error: 6
        ),
        Row(what: "goal PWM at the limit", address: 100, value: -885, size: 2, error: 0),
        Row(what: "goal velocity above the limit", address: 104, value: 331, size: 4, error: 6),
        Row(what: "pointer into RAM", address: 168, value: 132, size: 2, error: 0),
        Row(what: "pointer into EEPROM", address: 168, value: 36, size: 2, error: 4),
        Row(what: "half a pointer", address: 168, value: 64, size: 1, error: 5),
    ]

    @Test("a write is answered with the right error number", arguments: rows)
    func write(row: Row) {
        var bus = TestBus()
        for step in row.before {
            #expect(bus.write(step.address, step.value, size: step.size) == 0)
        }
        #expect(bus.write(row.address, row.value, size: row.size) == row.error)
        if row.error == 0 {
            let id = row.address == 7 ? UInt8(row.value) : 1
            let signed = row.value < 0
            #expect(bus.read(row.address, size: row.size, signed: signed, id: id) == row.value)
        }
    }

    @Test("a refused write of two registers changes neither")
    func atomic() {
        var bus = TestBus()
        // Position D gain is fine, position I gain is not.
        #expect(bus.write(80, 7 | 0x7FFF << 16, size: 4) == 4)
        #expect(bus.read(80, size: 2) == 0)
    }

    @Test("gaps read as zero, beyond the table is an access error")
    func gaps() {
        var bus = TestBus()
        #expect(bus.read(66, size: 2) == 0)
        let status = bus.ask(.read(id: 1, address: 660, count: 10)).first
        #expect(status?.error.rawValue == 7)
        #expect(status?.parameters == [])
    }

    @Test("firmware decides which registers there are")
    func firmware() {
        var old = TestBus { $0.firmwareVersion = 44 }
        #expect(old.write(60, 1, size: 1) == 7)
        var new = TestBus { $0.firmwareVersion = 45 }
        #expect(new.write(60, 1, size: 1) == 0)
    }

    @Test("a mode change puts gains, profile and caps back")
    func modeChange() {
        var bus = TestBus()
        for (address, value, size) in [(84, 77, 2), (112, 100, 4), (108, 50, 4), (100, 300, 2)] {
            #expect(bus.write(address, value, size: size) == 0)
        }
        #expect(bus.write(38, 500, size: 2) == 0)
        #expect(bus.write(11, 5, size: 1) == 0)
        #expect(bus.read(84, size: 2) == 800)
        #expect(bus.read(112, size: 4) == 0)
        #expect(bus.read(108, size: 4) == 0)
        #expect(bus.read(100, size: 2) == 885)
        #expect(bus.read(102, size: 2) == 500)
    }

    @Test("models without a current sensor have no current modes")
    func modes() {
        var bus = TestBus(table: .xl430w250)
        #expect(bus.write(11, 0, size: 1) == 4)
        #expect(bus.write(11, 5, size: 1) == 4)
        #expect(bus.write(11, 16, size: 1) == 0)
    }

    @Test("Indirect Data mirrors what its pointers name, both ways")
    func indirect() {
        var bus = TestBus()
        // Indirect Address 1...4 -> Goal Position, 5 -> LED.
        for index in 0..<4 { #expect(bus.write(168 + 2 * index, 116 + index, size: 2) == 0) }
        #expect(bus.write(176, 65, size: 2) == 0)
        let data: [UInt8] = [0x39, 0x05, 0, 0, 1]
        let write = InstructionPacket.write(id: 1, address: 224, data: data)
        #expect(bus.ask(write).first?.error.rawValue == 0)
        #expect(bus.read(116, size: 4) == 1337)
        #expect(bus.read(65, size: 1) == 1)
        #expect(bus.ask(.read(id: 1, address: 224, count: 5)).first?.parameters == data)
        // Half of the goal through the mirror is still half a register.
        let half = InstructionPacket.write(id: 1, address: 224, data: [1, 2])
        #expect(bus.ask(half).first?.error.rawValue == 5)
    }

    @Test("a pointer that was never set points at its own byte, which remembers")
    func unsetPointer() {
        var bus = TestBus()
        #expect(bus.read(168, size: 2) == 224)
        #expect(bus.write(224, 0xAB, size: 1) == 0)
        #expect(bus.read(224, size: 1) == 0xAB)
    }

    @Test("status return level silences writes, then reads, never pings")
    func returnLevel() {
        var bus = TestBus()
        #expect(bus.write(68, 1, size: 1) == 0)
        #expect(bus.write(65, 1, size: 1) == -1)
        #expect(bus.read(65, size: 1) == 1)
        #expect(bus.write(68, 0, size: 1) == -1)
        #expect(bus.read(65, size: 1) == nil)
        #expect(bus.ask(.ping(id: 1)).count == 1)
    }

    @Test("a new ID answers from the next packet on")
    func newID() {
        var bus = TestBus()
        let statuses = bus.ask(.write(id: 1, address: 7, data: [9]))
        #expect(statuses.map(\.id) == [1])
        #expect(bus.ask(.ping(id: 1)).isEmpty)
        #expect(bus.ask(.ping(id: 9)).map(\.id) == [9])
    }

    @Test("the shadow ID is obeyed in RAM, never answered")
    func shadow() {
        var bus = TestBus([1, 2])
        #expect(bus.write(12, 50, size: 1, id: 1) == 0)
        #expect(bus.write(12, 50, size: 1, id: 2) == 0)
        #expect(bus.write(65, 1, size: 1, id: 50) == -1)
        #expect(bus.read(65, size: 1, id: 1) == 1)
        #expect(bus.read(65, size: 1, id: 2) == 1)
        #expect(bus.write(9, 7, size: 1, id: 50) == -1)
        #expect(bus.read(9, size: 1, id: 1) == 0)
        #expect(bus.ask(.ping(id: 50)).isEmpty)
    }
}
