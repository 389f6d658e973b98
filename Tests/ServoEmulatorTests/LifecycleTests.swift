import ServoProtocol
import Testing

@testable import ServoEmulator

@Suite("Servos restart, forget and remember as the manual says")
struct LifecycleTests {
    @Test("a registered write waits for its action")
    func action() {
        var bus = TestBus()
        #expect(bus.ask(.action(id: 1)).first?.error.rawValue == 2)
        let write = InstructionPacket.regWrite(id: 1, address: 116, data: [0xE8, 3, 0, 0])
        #expect(bus.ask(write).first?.error.rawValue == 0)
        #expect(bus.read(69, size: 1) == 1)
        #expect(bus.read(116, size: 4) == 2048)
        #expect(bus.ask(.action(id: 1)).first?.error.rawValue == 0)
        #expect(bus.read(69, size: 1) == 0)
        #expect(bus.read(116, size: 4) == 1000)
        #expect(bus.ask(.action(id: 1)).first?.error.rawValue == 2)
    }

    @Test("a registered write is judged when it is registered, and again when it is done")
    func judgedTwice() {
        var bus = TestBus()
        let beyond = InstructionPacket.regWrite(id: 1, address: 116, data: [0, 0x20, 0, 0])
        #expect(bus.ask(beyond).first?.error.rawValue == 6)
        #expect(bus.read(69, size: 1) == 0)
        let delay = InstructionPacket.regWrite(id: 1, address: 9, data: [3])
        #expect(bus.ask(delay).first?.error.rawValue == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        #expect(bus.ask(.action(id: 1)).first?.error.rawValue == 7)
        #expect(bus.read(9, size: 1) == 0)
    }

    @Test("the answer to Action can be left out, as Robotis' SDKs expect")
    func silentAction() {
        var bus = TestBus { $0.answersAction = false }
        _ = bus.ask(.regWrite(id: 1, address: 65, data: [1]))
        #expect(bus.send(.action(id: 1)).isEmpty)
        #expect(bus.read(65, size: 1) == 1)
    }

    @Test("a reboot keeps EEPROM, resets RAM and drops torque")
    func reboot() {
        var bus = TestBus()
        #expect(bus.write(9, 100, size: 1) == 0)
        #expect(bus.write(84, 100, size: 2) == 0)
        #expect(bus.write(64, 1, size: 1) == 0)
        bus.wait(500)
        #expect(bus.ask(.reboot(id: 1)).first?.error.rawValue == 0)
        #expect(bus.read(9, size: 1) == 100)
        #expect(bus.read(84, size: 2) == 800)
        #expect(bus.read(64, size: 1) == 0)
        #expect(bus.read(120, size: 2) == 0)
    }

    @Test("a servo is deaf while it boots")
    func boot() {
        var bus = TestBus { $0.bootNanoseconds = 200_000_000 }
        #expect(bus.ask(.reboot(id: 1)).count == 1)
        bus.wait(199)
        #expect(bus.ask(.ping(id: 1)).isEmpty)
        bus.wait(1)
        #expect(bus.ask(.ping(id: 1)).count == 1)
    }

    @Test(
        "a factory reset keeps what it is told to",
        arguments: [
            (FactoryResetScope.all, UInt8(1), 57_600),
            (.keepingID, 7, 57_600),
            (.keepingIDAndBaudRate, 7, 1_000_000),
        ]
    )
    func factoryReset(scope: FactoryResetScope, id: UInt8, baudRate: Int) {
        var bus = TestBus([7])
        #expect(bus.write(24, 99, size: 4, id: 7) == 0)
        let statuses = bus.ask(.factoryReset(id: 7, scope))
        #expect(statuses.map(\.id) == [7])
        #expect(bus.core.servos[0].baudRate == baudRate)
        #expect(bus.read(24, size: 4, id: id) == 10)
        #expect(bus.read(9, size: 1, id: id) == 250)
        #expect(bus.ask(.ping(id: id)).first?.parameters == [0x06, 0x04, 46])
    }

    @Test("a broadcast factory reset of everything is ignored since firmware 42")
    func broadcastReset() {
        var bus = TestBus([7, 8])
        #expect(bus.send(.factoryReset(id: 254, .all)).isEmpty)
        #expect(bus.core.servos.map(\.id) == [7, 8])
        #expect(bus.send(.factoryReset(id: 254, .keepingID)).isEmpty)
        #expect(bus.core.servos.map(\.baudRate) == [57_600, 57_600])
    }

    @Test("a backup brings EEPROM, gains and profile back after a restart")
    func backup() {
        var bus = TestBus()
        let store = InstructionPacket.controlTableBackup(id: 1, restore: false)
        let restore = InstructionPacket.controlTableBackup(id: 1, restore: true)
        #expect(bus.ask(restore).first?.error.rawValue == 1)
        _ = bus.write(24, 55, size: 4)
        _ = bus.write(84, 123, size: 2)
        _ = bus.write(65, 1, size: 1)
        #expect(bus.ask(store).first?.error.rawValue == 0)
        #expect(bus.read(147, size: 1) == 1)
        _ = bus.write(24, 11, size: 4)
        _ = bus.write(84, 9, size: 2)
        #expect(bus.ask(restore).first?.error.rawValue == 0)
        #expect(bus.read(24, size: 4) == 55)
        #expect(bus.read(84, size: 2) == 123)
        #expect(bus.read(65, size: 1) == 0)
    }

    @Test("a backup needs torque off and firmware that knows it")
    func backupRefused() {
        let store = InstructionPacket.controlTableBackup(id: 1, restore: false)
        var bus = TestBus()
        _ = bus.write(64, 1, size: 1)
        #expect(bus.ask(store).first?.error.rawValue == 1)
        var old = TestBus { $0.firmwareVersion = 44 }
        #expect(old.ask(store).first?.error.rawValue == 2)
    }

    @Test("a hardware error that Shutdown names drops torque until a reboot")
    func shutdown() {
        var bus = TestBus()
        _ = bus.write(64, 1, size: 1)
        bus.core.inject(.hardwareError(0x20), servo: 1)
        #expect(bus.read(64, size: 1) == 0)
        #expect(bus.read(70, size: 1) == 0x20)
        #expect(bus.write(64, 1, size: 1) == 0x81)
        bus.core.inject(.hardwareError(0), servo: 1)
        #expect(bus.read(70, size: 1) == 0x20)
        #expect(bus.ask(.reboot(id: 1)).first?.error.rawValue == 0x80)
        #expect(bus.write(64, 1, size: 1) == 0)
    }

    @Test("an error that Shutdown does not name is an alert only")
    func alertOnly() {
        var bus = TestBus()
        _ = bus.write(64, 1, size: 1)
        // Input voltage is not among the factory's shutdown causes (52).
        bus.core.inject(.inputVoltage(9), servo: 1)
        #expect(bus.read(70, size: 1) == 1)
        #expect(bus.read(64, size: 1) == 1)
        #expect(bus.ask(.ping(id: 1)).first?.error.rawValue == 0x80)
    }

    @Test("heat above the limit is an error of its own")
    func heat() {
        var bus = TestBus()
        _ = bus.write(64, 1, size: 1)
        bus.core.inject(.temperature(80), servo: 1)
        #expect(bus.read(70, size: 1) == 0)
        bus.core.inject(.temperature(81), servo: 1)
        #expect(bus.read(70, size: 1) == 4)
        #expect(bus.read(64, size: 1) == 0)
    }

    @Test("Startup Configuration brings torque and the backup back by itself")
    func startup() {
        var bus = TestBus()
        _ = bus.write(60, 3, size: 1)
        _ = bus.write(84, 321, size: 2)
        _ = bus.ask(.controlTableBackup(id: 1, restore: false))
        _ = bus.ask(.reboot(id: 1))
        #expect(bus.read(64, size: 1) == 1)
        #expect(bus.read(84, size: 2) == 321)
    }

    @Test("faults on demand: no answer, a damaged answer, a cable that is off")
    func faults() {
        var bus = TestBus()
        bus.core.inject(.dropReplies(1), servo: 1)
        #expect(bus.send(.ping(id: 1)).isEmpty)
        #expect(bus.ask(.ping(id: 1)).count == 1)
        bus.core.inject(.corruptReplies(1), servo: 1)
        #expect(bus.send(.ping(id: 1)).count == 1)
        bus.core.inject(.corruptReplies(1), servo: 1)
        #expect(bus.ask(.ping(id: 1)).isEmpty)
        bus.core.inject(.disconnected(true), servo: 1)
        #expect(bus.write(65, 1, size: 1) == -1)
        bus.core.inject(.disconnected(false), servo: 1)
        #expect(bus.read(65, size: 1) == 0)
        _ = bus.write(65, 1, size: 1)
        bus.core.inject(.powerCycle, servo: 1)
        #expect(bus.read(65, size: 1) == 0)
    }
}
