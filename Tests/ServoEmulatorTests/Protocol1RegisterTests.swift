import Physics
import Testing

@testable import ServoEmulator
@testable import ServoProtocol

@Suite("Dynamixel 1.0 servos do what the e-manual says")
struct Dynamixel1RegisterTests {
    private static let angleLimit = 0x02
    private static let range = 0x08
    private static let instruction = 0x40

    @Test("a goal is reached once torque is on, at the speed that Moving Speed says")
    func motion() {
        var bus = TestProtocol1Bus(.ax12a)
        // 100 x 0.111 rev/min x 1229 pulses / 60 s is 227 pulses a second.
        bus.write(.movingSpeed, 100)
        bus.write(.goalPosition, 912)
        bus.wait(1000)
        #expect(bus.read(.presentPosition) == 512)
        bus.write(.torqueEnable, 1)
        bus.wait(1000)
        let after = bus.read(.presentPosition) ?? 0
        #expect(abs(after - (512 + 227)) < 12)
        #expect(bus.read(.moving) == 1)
        let speed = bus.read(.presentSpeed) ?? 0
        #expect(abs(speed - 100) <= 2)
        bus.wait(2000)
        #expect(bus.read(.presentPosition) == 912)
        #expect(bus.read(.moving) == 0)
        bus.write(.goalPosition, 512)
        bus.wait(500)
        // Clockwise: bit 10, which the register's encoding reads as a sign.
        let back = bus.read(.presentSpeed) ?? 0
        #expect(abs(back + 100) <= 2)
    }

    @Test("a goal outside the angle limits is refused with bit 1 and not taken")
    func angleLimits() {
        var bus = TestProtocol1Bus(.ax12a)
        #expect(bus.write(.cwAngleLimit, 100) == 0)
        #expect(bus.write(.ccwAngleLimit, 900) == 0)
        #expect(bus.write(.goalPosition, 901) == Self.angleLimit)
        #expect(bus.write(.goalPosition, 99) == Self.angleLimit)
        #expect(bus.read(.goalPosition) == 512)
        #expect(bus.write(.goalPosition, 100) == 0)
    }

    @Test("both limits 0 make a wheel: by voltage on an AX, by speed on an MX")
    func wheels() {
        var ax = TestProtocol1Bus(.ax12a)
        ax.write(.ccwAngleLimit, 0)
        ax.write(.movingSpeed, -512)
        ax.write(.torqueEnable, 1)
        #expect(ax.core.servos[0].command.mode == .pwm)
        #expect(ax.core.servos[0].command.goalPWM == -512)
        var mx = TestProtocol1Bus(.mx28Protocol1)
        mx.write(.ccwAngleLimit, 0)
        mx.write(.movingSpeed, 200)
        mx.write(.torqueEnable, 1)
        mx.wait(1000)
        #expect(mx.read(.presentSpeed) == 200)
        // 200 x 0.114 rev/min x 4096 / 60 s = 1556 pulses; 2048 + 1556 = 3604.
        let position = mx.read(.presentPosition) ?? 0
        #expect(abs(position - 3604) <= 2)
    }

    @Test("both limits 4095 let an MX turn many times; the position is folded otherwise")
    func multiTurn() {
        var bus = TestProtocol1Bus(.mx28Protocol1, pulses: 5000)
        #expect(bus.read(.presentPosition) == 5000 - 4096)
        bus.write(.cwAngleLimit, 4095)
        #expect(bus.read(.presentPosition) == 5000)
        bus.write(.torqueEnable, 1)
        #expect(bus.write(.goalPosition, -9000) == 0)
        bus.wait(10_000)
        #expect(bus.read(.presentPosition) == -9000)
        #expect(bus.write(.goalPosition, -28_673) == Self.range)
        bus.write(.torqueEnable, 0)
        bus.write(.multiTurnOffset, 1000)
        bus.write(.resolutionDivider, 2)
        #expect(bus.read(.presentPosition) == -4500 + 1000)
    }

    @Test("an AX beyond the ends of its potentiometer shows the end")
    func potentiometer() {
        var bus = TestProtocol1Bus(.ax12a)
        bus.turn(0, to: 1100)
        #expect(bus.read(.presentPosition) == 1023)
        bus.turn(0, to: -50)
        #expect(bus.read(.presentPosition) == 0)
    }

    @Test("an alarm sets Torque Limit to 0 and leaves Torque Enable; the host lifts it")
    func alarm() {
        var bus = TestProtocol1Bus(.ax12a)
        bus.write(.torqueEnable, 1)
        bus.core.inject(.temperature(75), servo: 1)
        #expect(bus.write(.led, 1) == 0x04)
        #expect(bus.read(.torqueLimit) == 0)
        #expect(bus.read(.torqueEnable) == 1)
        #expect(!bus.core.servos[0].command.torqueEnabled)
        bus.core.inject(.temperature(nil), servo: 1)
        #expect(bus.write(.led, 0) == 0)
        #expect(bus.read(.torqueLimit) == 0)
        #expect(bus.write(.torqueLimit, 1023) == 0)
        #expect(bus.core.servos[0].command.torqueEnabled)
        // Voltage is not in Shutdown's factory value: an alert, but the motor stays on.
        bus.core.inject(.inputVoltage(15), servo: 1)
        #expect(bus.write(.led, 1) == 0x01)
        #expect(bus.read(.torqueLimit) == 1023)
    }

    @Test("EEPROM is closed while torque is on, and for good once locked, until power-off")
    func locked() {
        var bus = TestProtocol1Bus(.ax12a)
        bus.write(.torqueEnable, 1)
        #expect(bus.write(.returnDelayTime, 3) == Self.range)
        bus.write(.torqueEnable, 0)
        #expect(bus.write(.returnDelayTime, 3) == 0)
        #expect(bus.write(.lock, 1) == 0)
        #expect(bus.write(.returnDelayTime, 4) == Self.range)
        #expect(bus.write(.lock, 0) == Self.range)
        bus.core.inject(.powerCycle, servo: 1)
        #expect(bus.read(.returnDelayTime) == 3)
        #expect(bus.write(.returnDelayTime, 4) == 0)
    }

    @Test("read-only, unknown and half registers are out of range; nothing is written")
    func refusals() {
        var bus = TestProtocol1Bus(.ax12a)
        #expect(bus.write(.presentPosition, 3) == Self.range)
        #expect(bus.write(.torqueLimit, 1024) == Self.range)
        #expect(bus.ask(.write(id: 1, address: 20, data: [1])).first?.code == 0x08)
        #expect(bus.ask(.write(id: 1, address: 30, data: [1])).first?.code == 0x08)
        #expect(bus.ask(.write(id: 1, address: 47, data: [0, 32, 0, 9])).first?.code == 0x08)
        #expect(bus.ask(.read(id: 1, address: 48, count: 4)).first == .status(id: 1, error: .range))
        // A gap within the table reads 0.
        #expect(bus.ask(.read(id: 1, address: 18, count: 3)).first?.parameters == [36, 0, 0])
        #expect(bus.ask(.action(id: 1)).first?.code == UInt8(Self.instruction))
        #expect(bus.ask(.reboot(id: 1)).first?.code == UInt8(Self.instruction))
        let unknown = Protocol1Packet(id: 1, code: 0x77)
        #expect(bus.ask(unknown).first?.code == UInt8(Self.instruction))
    }

    @Test("Status Return Level decides who answers what")
    func returnLevel() {
        var bus = TestProtocol1Bus(.ax12a)
        #expect(bus.write(.statusReturnLevel, 1) == 0)
        #expect(bus.write(.led, 1) == -1)
        #expect(bus.read(.led) == 1)
        #expect(bus.write(.statusReturnLevel, 0) == -1)
        #expect(bus.read(.led) == nil)
        #expect(bus.ask(.ping(id: 1)) == [.status(id: 1)])
    }

    @Test("a registered write waits for its Action")
    func registered() {
        var bus = TestProtocol1Bus(.ax12a, [1, 2])
        for id in [1, 2] as [UInt8] {
            let request = Protocol1Packet.regWrite(id: id, address: 30, data: [0x2C, 0x01])
            #expect(bus.ask(request) == [.status(id: id)])
            #expect(bus.read(.registered, id: id) == 1)
        }
        #expect(bus.ask(.action(id: 254)).isEmpty)
        for id in [1, 2] as [UInt8] {
            #expect(bus.read(.registered, id: id) == 0)
            #expect(bus.read(.goalPosition, id: id) == 300)
        }
    }

    @Test("a missing servo breaks the chain of a bulk read, as on a real wire")
    func chain() {
        var bus = TestProtocol1Bus(.mx28Protocol1, [1, 2, 3])
        bus.core.inject(.disconnected(true), servo: 2)
        let request = Protocol1Packet.bulkRead(
            [1, 2, 3, 1].map { .init(id: $0, address: 36, count: 2) }
        )
        #expect(bus.ask(request).map(\.id) == [1])
        bus.core.inject(.disconnected(false), servo: 2)
        #expect(bus.ask(request).map(\.id) == [1, 2, 3])
    }

    @Test("faults drop, spoil and delay what they say")
    func faults() {
        var bus = TestProtocol1Bus(.ax12a)
        bus.core.inject(.dropReplies(1), servo: 1)
        #expect(bus.read(.id) == nil)
        bus.core.inject(.corruptReplies(1), servo: 1)
        #expect(bus.read(.id) == nil)
        #expect(bus.read(.id) == 1)
        bus.core.inject(.disconnected(true), servo: 1)
        #expect(bus.read(.id) == nil)
    }
}

@Suite("Feetech servos do what the makers' tables say")
struct FeetechRegisterTests {
    @Test("a goal is reached at the speed that Goal Velocity says, in steps a second")
    func motion() {
        var bus = TestProtocol1Bus(.sts3215)
        bus.write(.torqueEnable, 1)
        bus.write(.goalVelocity, 1000)
        bus.write(.goalPosition, 3548)
        bus.wait(1000)
        let after = bus.read(.presentPosition) ?? 0
        #expect(abs(after - 3048) < 40)
        let speed = bus.read(.presentVelocity) ?? 0
        #expect(abs(speed - 1000) <= 20)
        bus.wait(2000)
        #expect(bus.read(.presentPosition) == 3548)
    }

    @Test("SCS moves take as long as Goal Time says")
    func goalTime() {
        var bus = TestProtocol1Bus(.scs0009)
        bus.write(.torqueEnable, 1)
        // Position 812 in 1500 ms.
        #expect(bus.ask(.write(id: 1, address: 42, data: [0x03, 0x2C, 0x05, 0xDC])).count == 1)
        bus.wait(750)
        let half = bus.read(.presentPosition) ?? 0
        #expect(abs(half - 662) < 12)
        bus.wait(1000)
        #expect(bus.read(.presentPosition) == 812)
    }

    @Test("goals stop at the limits; both limits 0 let it turn without end")
    func limits() {
        var bus = TestProtocol1Bus(.sts3215)
        bus.write(.maxPositionLimit, 2500)
        bus.write(.torqueEnable, 1)
        bus.write(.goalPosition, 3000)
        bus.wait(3000)
        #expect(bus.read(.presentPosition) == 2500)
        bus.write(.torqueEnable, 0)
        bus.write(.maxPositionLimit, 0)
        bus.write(.torqueEnable, 1)
        bus.write(.goalPosition, -6000)
        bus.wait(5000)
        #expect(bus.read(.presentPosition) == -6000)
    }

    @Test("Homing Offset moves the zero, and 128 in Torque Enable makes here 2048")
    func homing() {
        var bus = TestProtocol1Bus(.sts3215, pulses: 100)
        bus.write(.homingOffset, -100)
        #expect(bus.read(.presentPosition) == 200)
        // Position = sensor - offset, folded into one turn.
        bus.write(.homingOffset, 200)
        #expect(bus.read(.presentPosition) == 3996)
        bus.write(.torqueEnable, 1)
        bus.write(.goalPosition, 4000)
        bus.wait(1000)
        #expect(bus.read(.presentPosition) == 4000)
        #expect(bus.core.servos[0].measurement.pulses == 104)
        #expect(bus.write(.torqueEnable, 128) == 0)
        #expect(bus.read(.presentPosition) == 2048)
        #expect(bus.read(.homingOffset) == 104 - 2048)
        #expect(bus.read(.torqueEnable) == 1)
    }

    @Test("what is written while locked is gone after power-off")
    func lock() {
        var bus = TestProtocol1Bus(.sts3215)
        #expect(bus.read(.lock) == 1)
        bus.write(.maxPositionLimit, 3000)
        #expect(bus.read(.maxPositionLimit) == 3000)
        bus.core.inject(.powerCycle, servo: 1)
        #expect(bus.read(.maxPositionLimit) == 4095)
        bus.write(.lock, 0)
        bus.write(.maxPositionLimit, 3000)
        bus.core.inject(.powerCycle, servo: 1)
        #expect(bus.read(.maxPositionLimit) == 3000)
        #expect(bus.read(.lock) == 1)
    }

    @Test("mode 1 is a velocity, mode 2 a voltage, mode 3 steps from the goal before")
    func modes() {
        var bus = TestProtocol1Bus(.sts3215)
        bus.write(.torqueEnable, 1)
        bus.write(.operatingMode, 1)
        bus.write(.goalVelocity, -500)
        bus.wait(1000)
        #expect(bus.read(.presentVelocity) == -500)
        bus.write(.goalVelocity, 0)
        bus.write(.operatingMode, 2)
        // -300: bit 10 is the sign.
        bus.write(.goalTime, 0x400 + 300)
        #expect(bus.core.servos[0].command.mode == .pwm)
        #expect(bus.core.servos[0].command.goalPWM == -300)
        bus.write(.goalTime, 0)
        bus.write(.operatingMode, 3)
        let start = bus.read(.presentPosition) ?? 0
        bus.write(.goalPosition, 5000)
        bus.wait(4000)
        #expect(bus.read(.presentPosition) == start + 5000)
        bus.write(.goalPosition, -1000)
        bus.wait(4000)
        #expect(bus.read(.presentPosition) == start + 4000)
    }

    @Test("damping is no torque, but the motor brakes")
    func damping() {
        var bus = TestProtocol1Bus(.sts3215)
        bus.write(.torqueEnable, 2)
        #expect(!bus.core.servos[0].isTorqueOn)
        #expect(bus.core.servos[0].command.mode == .pwm)
        #expect(bus.core.servos[0].command.goalPWM == 0)
    }

    @Test("conditions are in every status and in Status; unloading switches torque off")
    func conditions() {
        var bus = TestProtocol1Bus(.sts3215)
        bus.write(.torqueEnable, 1)
        bus.core.inject(.hardwareError(0x28), servo: 1)
        #expect(bus.ask(.ping(id: 1)).first?.code == 0x28)
        #expect(bus.read(.status) == 0x28)
        #expect(bus.read(.torqueEnable) == 1)
        bus.write(.unloadingCondition, 0x20)
        #expect(bus.read(.torqueEnable) == 0)
        bus.core.inject(.hardwareError(0), servo: 1)
        #expect(bus.ask(.ping(id: 1)).first?.code == 0)
    }

    @Test("reads are answered at any level, writes at 1; what it does not know it passes over")
    func returnLevel() {
        var bus = TestProtocol1Bus(.sts3215)
        #expect(bus.write(.statusReturnLevel, 0) == 0)
        #expect(bus.write(.acceleration, 9) == -1)
        #expect(bus.read(.acceleration) == 9)
        #expect(bus.ask(Protocol1Packet(id: 1, code: 0x77)).isEmpty)
        // Refused in silence: the status says nothing and nothing is written.
        bus.write(.statusReturnLevel, 1)
        #expect(bus.write(.presentPosition, 5) == 0)
        #expect(bus.read(.presentPosition) == 2048)
    }

    @Test("all answer a broadcast ping, one after the other")
    func broadcastPing() {
        var bus = TestProtocol1Bus(.sts3215, [3, 1, 2])
        #expect(bus.ask(.ping(id: 254)) == [.status(id: 1), .status(id: 2), .status(id: 3)])
    }
}

@Suite("Protocol 1 on the wire takes its time")
struct Protocol1TimingTests {
    @Test("a read takes request, return delay and status at ten bits a byte")
    func read() {
        var bus = TestProtocol1Bus(.ax12a, returnDelay: 250) { $0.timing = .honest }
        let request = Protocol1Packet.read(id: 1, address: 36, count: 2).encoded()
        let replies = bus.core.receive(request, rate: 1_000_000, now: bus.now)
        // 8 bytes, 500 us, 8 bytes at 10 us each.
        #expect(replies.map { $0.time - bus.now } == [660_000])
    }

    @Test("a sync read's statuses come one after the other")
    func syncRead() {
        var bus = TestProtocol1Bus(.sts3215, [1, 2], returnDelay: 0) { $0.timing = .honest }
        let request = Protocol1Packet.syncRead(ids: [1, 2], address: 56, count: 2).encoded()
        let replies = bus.core.receive(request, rate: 1_000_000, now: bus.now)
        // 10 bytes, then 8 and 8.
        #expect(replies.map { $0.time - bus.now } == [180_000, 260_000])
    }

    @Test("a host at another rate is not heard; 115 200 is near enough to 117 647")
    func rates() {
        var bus = TestProtocol1Bus(.ax12a)
        bus.write(.baudRate, 16)
        let ping = Protocol1Packet.ping(id: 1).encoded()
        #expect(bus.core.receive(ping, rate: 1_000_000, now: bus.now).isEmpty)
        #expect(bus.core.receive(ping, rate: 115_200, now: bus.now).count == 1)
        #expect(bus.core.counters.requestsAtWrongRate == 1)
    }

    @Test("a request in pieces is understood; a piece that nobody finishes is forgotten")
    func pieces() {
        var bus = TestProtocol1Bus(.ax12a)
        let ping = Protocol1Packet.ping(id: 1).encoded()
        var replies = 0
        for byte in ping { replies += bus.core.receive([byte], rate: nil, now: bus.now).count }
        #expect(replies == 1)
        _ = bus.core.receive(Array(ping.prefix(4)), rate: nil, now: bus.now)
        bus.wait(100)
        #expect(bus.core.receive(ping, rate: nil, now: bus.now).count == 1)
    }
}
